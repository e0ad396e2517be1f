package config

import "uratori/internal/phrase"

// Described is one setting as the reference tells it.
type Described struct {
	Key      string // as in config.toml, with dots
	Type     string // what is written there: string, integer, boolean
	Default  string // as it is written there; empty for nothing
	About    string // what it does
	Allowed  string // what may stand there
	Variable string // the environment variable that overrides the file
	Also     string // a well-known variable that counts where Variable is not set, or empty
	Secret   bool
}

// Reference describes every setting there is, in the order of the file.
func Reference(lang phrase.Lang) []Described {
	var c Config
	var list []Described
	for _, s := range table() {
		d := Described{
			Key: s.key, Type: s.field(&c).toml(), Default: s.standard, Variable: generic(s), Also: s.variable, Secret: s.secret,
			About: lang.Say("setting." + s.key), Allowed: lang.Say("config.allowed." + s.allowed),
		}
		list = append(list, d)
	}
	return list
}
