package cli

import (
	"os"

	"github.com/spf13/cobra"

	"uratori/runner/shim"
)

// shimCommand is what the daemon starts for each attempt of a task. It is for
// no person, and so it is hidden and speaks JSON.
func (a *app) shimCommand() *cobra.Command {
	return &cobra.Command{
		Use: "shim [DIR]", Hidden: true, Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := ""
			if len(args) > 0 {
				dir = args[0]
			}
			return shim.Serve(dir, os.Stdin, os.Stdout)
		},
	}
}
