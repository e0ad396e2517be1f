// Package line is how a short command is carried out by the daemon itself: the
// small program at the door (cmd/front) sends the words that were typed and all
// that they are understood by, and prints what comes back. What a line means is
// known to the command line alone (cmd/cli), which the daemon has in it, too.
//
// It is a wire between two halves of one build: the daemon refuses a line of
// another build, and whoever is refused has the whole program do it. So nothing
// here needs to be compatible with anything.
package line

import (
	"slices"
	"strings"
	"time"
)

// Path is the request of the daemon's socket that carries a line out.
const Path = "/v1/line"

// Line is a command as it was given.
type Line struct {
	Version  string    `json:"version"` // of the program that sends it
	Commit   string    `json:"commit"`
	Args     []string  `json:"args"`     // without the program's name
	Environ  []string  `json:"environ"`  // as os.Environ tells it; it may hold secrets
	Folder   Folder    `json:"folder"`   // from which relative names are told
	Terminal bool      `json:"terminal"` // whether what it prints goes to one
	Columns  int       `json:"columns"`  // of that terminal, 0 where that is unknown
	Key      string    `json:"key"`      // under which it is the same when it is done twice
	At       time.Time `json:"at"`       // when it was given
}

// Folder is a folder and what tells whether the daemon sees the same one under
// that name.
type Folder struct {
	Path   string `json:"path"`
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
}

// Answer is what the command has printed, in its order, and its exit status.
type Answer struct {
	Parts  []Part `json:"parts"`
	Status int    `json:"status"`
}

// Part is something that was printed at once.
type Part struct {
	Error bool   `json:"error,omitzero"` // to stderr
	Text  []byte `json:"text"`
}

// longest is how much the words and variables of a line may be, in bytes. It is
// far more than people type; in the request it is several times as much.
const longest = 1 << 20

// Hot tells whether a line is one of the few that the daemon carries out: those
// that scripts and jobs call often, that need no terminal and no input, and that
// end at once.
func Hot(args []string) bool {
	if len(args) == 0 {
		return false
	}
	switch args[0] {
	case "enqueue", "beat":
		return true
	case "status":
		return !slices.ContainsFunc(args, func(word string) bool { return strings.HasPrefix(word, "--watch") })
	}
	return false
}

// Fits tells whether it can be sent at all.
func (l Line) Fits() bool {
	size := 0
	for _, list := range [][]string{l.Args, l.Environ} {
		for _, word := range list {
			size += len(word) + 1
		}
	}
	return size <= longest
}
