package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
)

// Size is a number of bytes.
type Size uint64

// String is the size with a binary unit, exact where it is a whole one.
func (s Size) String() string {
	for i, unit := range []string{"EiB", "PiB", "TiB", "GiB", "MiB", "KiB"} {
		if one := Size(1) << (10 * (6 - i)); s >= one && s%one == 0 {
			return fmt.Sprintf("%d%s", s/one, unit)
		}
	}
	return fmt.Sprintf("%dB", uint64(s))
}

// Secret is a value that never shows itself: every way of printing or
// encoding it gives asterisks. Only Reveal, at the place that sends it, gives
// the text.
type Secret struct {
	text *string // a pointer, since fmt shows an unexported field of another type without asking this one
}

// Reveal is the secret itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet tells whether there is one.
func (s Secret) IsSet() bool { return s.Reveal() != "" }

const masked = "***"

// String hides the secret.
func (s Secret) String() string {
	if !s.IsSet() {
		return ""
	}
	return masked
}

// Format hides the secret from every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText hides the secret from JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// A kind is a type of setting: how its text is read and shown, and what it is
// called in the reference. Numbers, true
// and false are written bare in TOML, everything else as a string.
type kind interface {
	read(text string) error
	show() string
	isBare() bool
	toml() string
}

type (
	textKind     struct{ p *string }
	numberKind   struct{ p *int }
	boolKind     struct{ p *bool }
	durationKind struct{ p *time.Duration }
	sizeKind     struct{ p *Size }
	hoursKind    struct{ p *Hours }
	secretKind   struct{ p *Secret }
)

func (k textKind) read(s string) error { *k.p = s; return nil }
func (k textKind) show() string        { return *k.p }
func (k textKind) isBare() bool        { return false }
func (k textKind) toml() string        { return "string" }

func (k numberKind) read(s string) (err error) { *k.p, err = strconv.Atoi(s); return err }
func (k numberKind) show() string              { return strconv.Itoa(*k.p) }
func (k numberKind) isBare() bool              { return true }
func (k numberKind) toml() string              { return "integer" }

func (k boolKind) read(s string) error {
	if s != "true" && s != "false" {
		return fmt.Errorf("neither true nor false")
	}
	*k.p = s == "true"
	return nil
}
func (k boolKind) show() string { return strconv.FormatBool(*k.p) }
func (k boolKind) isBare() bool { return true }
func (k boolKind) toml() string { return "boolean" }

func (k durationKind) read(s string) (err error) { *k.p, err = time.ParseDuration(s); return err }
func (k durationKind) show() string              { return shortDuration(*k.p) }
func (k durationKind) isBare() bool              { return false }
func (k durationKind) toml() string              { return "string, a duration" }

func (k sizeKind) read(s string) error {
	n, err := humanize.ParseBytes(s)
	if n > math.MaxInt64 {
		return strconv.ErrRange
	}
	*k.p = Size(n)
	return err
}
func (k sizeKind) show() string { return k.p.String() }
func (k sizeKind) isBare() bool { return false }
func (k sizeKind) toml() string { return "string, a size" }

func (k hoursKind) read(s string) (err error) { *k.p, err = ParseHours(s); return err }
func (k hoursKind) show() string              { return k.p.String() }
func (k hoursKind) isBare() bool              { return false }
func (k hoursKind) toml() string              { return "string, hours" }

func (k secretKind) read(s string) error {
	*k.p = Secret{}
	if s != "" {
		k.p.text = &s
	}
	return nil
}
func (k secretKind) show() string { return k.p.String() }
func (k secretKind) isBare() bool { return false }
func (k secretKind) toml() string { return "string" }

// digest stands for a secret where a change of it must show.
func (k secretKind) digest() string {
	sum := sha256.Sum256([]byte(k.p.Reveal()))
	return hex.EncodeToString(sum[:])
}

// shortDuration writes 1h instead of Go's 1h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if n := len(s) - len(zero); n > 0 && s[n:] == zero {
			s = s[:n+1]
		}
	}
	return s
}
