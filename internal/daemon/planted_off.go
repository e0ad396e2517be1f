//go:build !planted

package daemon

// planted are faults that the scenarios must see told. A program that is built
// without the tag has none.
var planted struct{ panics bool }
