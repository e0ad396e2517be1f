// Command factcheck tells what is true of a ticket: `factcheck INTG-088`. It
// is `uratori factcheck` under a name of its own.
package main

import (
	"os"

	"uratori/cmd/cli"
	"uratori/internal/control"
)

// Set by the linker; see scripts/build.
var (
	version = "dev"
	commit  = ""
)

func main() {
	os.Exit(cli.Main("factcheck", control.Build{Version: version, Commit: commit}))
}
