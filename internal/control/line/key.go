package line

import (
	"crypto/rand"
	"strings"
)

const (
	prefix  = "cli-"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" // of rand.Text
	length  = 26
)

// NewKey draws a key as the command line does.
func NewKey() string { return prefix + rand.Text() }

// IsKey tells whether a key is one that was drawn.
func IsKey(s string) bool {
	drawn, ok := strings.CutPrefix(s, prefix)
	return ok && len(drawn) == length && strings.Trim(drawn, letters) == ""
}
