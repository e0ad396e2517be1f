package daemon

import (
	"fmt"
	"strings"

	"uratori/internal/config"
)

// Unit is a systemd user unit that keeps the daemon of home running with
// program.
//
// KillMode=process is what lets jobs outlive the daemon: the default would
// have systemd end every process of the unit with it. Delegate=yes lets each job
// have a control group of its own, out of which it cannot hide.
func Unit(program string, home config.Home) string {
	return fmt.Sprintf(`[Unit]
Description=uratori: a work tracker for AI agents that cannot be lied to
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=%s up
Environment=%s
EnvironmentFile=-%%h/.config/uratori/environment
Restart=always
RestartSec=1
KillMode=process
Delegate=yes
WatchdogSec=30
TimeoutStopSec=30
UMask=0077

[Install]
WantedBy=default.target
`, strings.ReplaceAll(unitWord(program), "$", "$$"), unitWord("URATORI_HOME="+string(home)))
}

// unitWord writes s as one word of a unit file (systemd.syntax(7)): in double
// quotes with C escapes, specifiers taken literally. In a command line, and
// only there, a dollar sign must be doubled too.
func unitWord(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, `%`, `%%`).Replace(s) + `"`
}
