package line

import (
	"crypto/rand"
	"regexp"
)

var key = regexp.MustCompile(`^cli-[A-Z2-7]{26}$`)

// NewKey draws a key as the command line does.
func NewKey() string { return "cli-" + rand.Text() }

// IsKey tells whether a key is one that was drawn.
func IsKey(s string) bool { return key.MatchString(s) }
