package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"uratori/internal/control"
)

// versionAnswer is the answer of `uratori version --json`.
type versionAnswer struct {
	control.Build
	API  int    `json:"api"` // number of the control protocol
	Go   string `json:"go"`
	OS   string `json:"os"`
	Arch string `json:"arch"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: a.lang.Say("cli.version.short"), Example: a.lang.Say("cli.version.example"),
		Args: takes(0),
		RunE: func(*cobra.Command, []string) error {
			v := versionAnswer{Build: a.build, API: control.API, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
			if a.json {
				a.print(v)
			} else {
				a.say("cli.version.line", "version", v.Version, "commit", v.Commit, "go", v.Go, "system", v.OS+"/"+v.Arch)
			}
			return nil
		},
	}
}
