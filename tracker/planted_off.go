//go:build !planted

package tracker

// planted are faults that the chaos test must catch. A program that is built
// without the tag has none.
var planted struct{ skipReadBack, matchByNumber, appendBlindly bool }
