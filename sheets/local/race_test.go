//go:build race

package local

// manyRows is fewer than without the race detector, under which the database
// takes twenty times as long.
const manyRows = 10_000
