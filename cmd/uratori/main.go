// Command uratori is the whole product in one binary: the daemon, the command
// line, and everything that is started from them. What people call so is cmd/front,
// which has it inside.
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
	os.Exit(cli.Main("uratori", control.Build{Version: version, Commit: commit}))
}
