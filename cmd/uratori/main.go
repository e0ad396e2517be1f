// Command uratori is the whole product in one binary: the daemon, the command
// line and, with later parts, everything that is started from them.
package main

import (
	"os"

	"uratori/cmd/cli"
	"uratori/internal/control"
)

// Set by the linker; see the Makefile.
var (
	version = "dev"
	commit  = ""
)

func main() {
	os.Exit(cli.Main("uratori", control.Build{Version: version, Commit: commit}))
}
