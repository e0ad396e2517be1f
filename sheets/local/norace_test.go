//go:build !race

package local

const manyRows = 100_000
