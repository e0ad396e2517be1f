package config

import (
	"fmt"
	"strconv"
	"strings"

	"uratori/internal/phrase"
)

// Template is the config.toml that a new home starts with: every setting with
// its explanation and what is allowed, commented out at its default.
func Template(lang phrase.Lang) string {
	var b strings.Builder
	for line := range strings.Lines(lang.Say("config.template.head")) {
		b.WriteString("# " + line)
	}
	b.WriteString("\n")
	section := ""
	var c Config
	for _, s := range table() {
		dot := strings.LastIndexByte(s.key, '.')
		if s.key[:dot] != section {
			section = s.key[:dot]
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		value := s.standard
		if !s.field(&c).isBare() {
			value = strconv.Quote(value)
		}
		fmt.Fprintf(&b, "# %s (%s)\n", lang.Say("setting."+s.key), lang.Say("config.allowed."+s.allowed))
		if s.variable != "" {
			fmt.Fprintf(&b, "# %s\n", lang.Say("config.template.variable", "variable", s.variable))
		}
		fmt.Fprintf(&b, "# %s = %s\n", s.key[dot+1:], value)
	}
	return b.String()
}
