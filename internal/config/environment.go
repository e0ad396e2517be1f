package config

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"uratori/internal/fault"
)

// generic is the variable of a key: URATORI_MONITOR_STALL_WARN.
func generic(s setting) string {
	return "URATORI_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// section is how the variables of a key and of those beside it begin:
// URATORI_MONITOR_. What else begins with URATORI_ belongs to jobs and is no
// setting, unless it looks like one.
func section(s setting) string {
	first, _, _ := strings.Cut(s.key, ".")
	return "URATORI_" + strings.ToUpper(first) + "_"
}

// loadEnvironment applies variables over the file: the generic one of a key
// before its well-known one. It also resolves the file's references.
func (c *Config) loadEnvironment(settings []setting, environ []string) error {
	values := variables(environ)
	for _, s := range settings {
		// An empty variable counts as not set, as it does for most programs.
		name := generic(s)
		if values[name] == "" {
			name = s.variable
		}
		var err error
		if value := values[name]; value != "" {
			err = c.assign(s, value, "$"+name)
		} else if k, ok := s.field(c).(secretKind); ok {
			err = c.dereference(s, k, values)
		}
		if err != nil {
			return err
		}
	}
	return refuseStrangers(settings, environ)
}

func variables(environ []string) map[string]string {
	values := map[string]string{}
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			values[name] = value
		}
	}
	return values
}

func (c *Config) dereference(s setting, k secretKind, values map[string]string) error {
	m := reference().FindStringSubmatch(k.p.Reveal())
	if m == nil {
		return nil
	}
	value := values[m[1]]
	if value == "" {
		return fault.New(fault.Invalid, "config.reference_unset", "where", c.origins[s.key], "key", s.key, "variable", m[1])
	}
	where := c.origins[s.key]
	if err := c.assign(s, value, where); err != nil {
		return err
	}
	c.origins[s.key] = where + " ($" + m[1] + ")"
	return nil
}

// refuseStrangers finds variables that were meant to be settings.
func refuseStrangers(settings []setting, environ []string) error {
	known := map[string]bool{}
	for _, s := range settings {
		known[generic(s)] = true
	}
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		rest, ours := strings.CutPrefix(name, "URATORI_")
		if !ours || known[name] {
			continue
		}
		// Compared without what all have in common, or everything looks alike.
		near := nearest(settings, rest, func(s setting) string { return strings.TrimPrefix(generic(s), "URATORI_") })
		if near != "" {
			return fault.New(fault.Invalid, "config.unknown_key_near", "where", "$"+shown(name), "key", shown(name), "near", "URATORI_"+near)
		}
		if slices.ContainsFunc(settings, func(s setting) bool { return strings.HasPrefix(name, section(s)) }) {
			return fault.New(fault.Invalid, "config.unknown_key", "where", "$"+shown(name), "key", shown(name))
		}
	}
	return nil
}

// findCredentials settles the path of the credentials file and refuses one
// that others can read.
func (c *Config) findCredentials(environ []string) error {
	const key = "tracker.credentials"
	values := variables(environ)
	const google = "GOOGLE_APPLICATION_CREDENTIALS"
	if c.Tracker.Credentials == "" && !c.Tracker.Local() && values[google] != "" {
		c.Tracker.Credentials = values[google]
		c.origins[key] = "$" + google
	}
	if c.Tracker.Credentials == "" {
		return nil
	}
	c.Tracker.Credentials = c.absolute(c.Tracker.Credentials, values["HOME"])
	info, err := os.Stat(c.Tracker.Credentials)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // told where it is used, with what to do about it
	}
	if err != nil {
		return fault.New(fault.Invalid, "config.secret_unreadable", "where", c.origins[key], "key", key,
			"file", escaped(c.Tracker.Credentials)).Wrap(errors.Unwrap(err)) // os repeats the path as it is
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fault.New(fault.Invalid, "config.secret_readable", "where", c.origins[key], "key", key,
			"file", escaped(c.Tracker.Credentials), "mode", info.Mode().Perm())
	}
	return nil
}
