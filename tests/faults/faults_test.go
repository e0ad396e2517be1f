// Package faults breaks things on purpose round the real binary and looks
// whether what follows is a clear sentence or a clean take-over.
package faults

import (
	"os"
	"testing"

	"uratori/tests/house"
)

var program string // set once, by TestMain

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

// crowd is how many commands run at once.
const crowd = 50
