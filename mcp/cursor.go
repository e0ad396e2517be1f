package mcp

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"uratori/internal/fault"
)

// A cursor says where a page ends, and of which question it was: with another
// question it would show something else and look right.

// makeCursor is the cursor behind place.
func makeCursor(place, tool string, question ...string) string {
	return base64.RawURLEncoding.EncodeToString(append(questionMark(tool, question), place...))
}

// openCursor is the place of a cursor, empty for none.
func openCursor(cursor, tool string, question ...string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	mark := questionMark(tool, question)
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) <= len(mark) || string(raw[:len(mark)]) != string(mark) {
		return "", fault.New(fault.Invalid, "mcp.arg.cursor", "cursor", bounded(cursor))
	}
	return string(raw[len(mark):]), nil
}

func questionMark(tool string, question []string) []byte {
	const enough = 6
	sum := sha256.Sum256([]byte(tool + "\x00" + strings.Join(question, "\x00")))
	return sum[:enough]
}
