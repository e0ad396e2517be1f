package docs

import (
	"fmt"
	"strings"
	"testing"

	"uratori/internal/config"
	"uratori/internal/phrase"
)

// flags are the settings that a flag sets, too.
func flags() map[string]string {
	return map[string]string{"monitor.heartbeat_url": "up --heartbeat-url"}
}

const configurationHead = `# Settings

Every setting there is, made of the program's own table by ` + "`make docs`" + `.

They stand in ` + "`$URATORI_HOME/config.toml`" + `, which ` + "`uratori init`" + ` writes with every one of them explained and commented out. A setting counts from the environment, else from the
file, else it is the default; an empty variable counts as not set. ` + "`uratori config show`" + ` tells each setting in force and where it came from. A wrong key, type or value is
an error with file and line, and nothing starts: a misspelt setting is never silently the default.

A **secret** stands in the environment, or in a file that only you can read, and shows itself nowhere; in the file it may be ` + "`\"${NAME}\"`" + `, which is that variable.
Durations are written as ` + "`\"15s\"`, `\"5m\"`, `\"1h30m\"`" + `, sizes as ` + "`\"500MB\"`, `\"2GiB\"`" + `. The daemon reads its settings when it starts: ` + "`uratori down`" + `, and the next command starts it with the new ones.

Three variables are no settings: ` + "`URATORI_HOME`" + ` (the folder that holds everything; without it ` + "`$XDG_DATA_HOME/uratori`, else `~/.local/share/uratori`" + `),
` + "`URATORI_LANG`" + ` (` + "`ja` or `en`" + `, where the locale should not decide) and ` + "`NO_COLOR`" + `. ` + "`GOOGLE_APPLICATION_CREDENTIALS`" + ` counts where ` + "`tracker.credentials`" + ` says nothing and the
tracker is not the embedded sheet.
`

func TestConfiguration_PageSaysWhatTheTableSays(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(configurationHead)
	section := ""
	for _, d := range config.Reference(phrase.English) {
		table, key := d.Key[:strings.LastIndexByte(d.Key, '.')], d.Key[strings.LastIndexByte(d.Key, '.')+1:]
		if table != section {
			section = table
			fmt.Fprintf(&b, "\n## [%s]\n\n| key | type | default | what it does | allowed | overridden by |\n|---|---|---|---|---|---|\n", section)
		}
		kind := d.Type
		if d.Secret {
			kind = "secret"
		}
		standard := d.Default
		if standard == "" {
			standard = `""`
		}
		by := code(d.Variable)
		if d.Also != "" {
			by += ", else " + code(d.Also)
		}
		if flag := flags()[d.Key]; flag != "" {
			by += ", " + code(flag)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", key, kind, code(standard), cell(d.About), cell(d.Allowed), by)
	}
	hold(t, "docs/configuration.md", b.String())
}
