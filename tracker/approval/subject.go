package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"uratori/internal/fault"
)

// The bounds of what is asked for and answered, in characters but for parts.
const (
	mostName  = 200 // of tickets, steps, people
	mostText  = 4000
	mostParts = 1000
)

// Digest is what stands for parts, in whatever order they come: 64 hexadecimal
// digits.
func Digest(parts []Part) string {
	sorted := slices.Clone(parts)
	slices.SortFunc(sorted, func(a, b Part) int {
		return cmpAll(a.Kind, b.Kind, a.Name, b.Name, a.SHA256, b.SHA256)
	})
	h := sha256.New()
	_, _ = io.WriteString(h, "uratori approval subject 1\n") // a hash takes everything
	for _, p := range sorted {
		for _, s := range []string{p.Kind, p.Name, p.SHA256} {
			fmt.Fprintf(h, "%d:%s", len(s), s)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// cmpAll compares pairs, the first that differs decides.
func cmpAll(pairs ...string) int {
	for i := 0; i+1 < len(pairs); i += 2 {
		if c := strings.Compare(pairs[i], pairs[i+1]); c != 0 {
			return c
		}
	}
	return 0
}

// check refuses what could not be shown to a person or kept.
func (s Subject) check() error {
	for field, text := range map[string]string{"ticket": s.Ticket, "step": s.Step} {
		if text == "" || !isLine(text, mostName) {
			return bad(field, text)
		}
	}
	if !isHash(s.Digest) {
		return bad("digest", s.Digest)
	}
	return nil
}

func (r Request) check() error {
	if err := r.Subject.check(); err != nil {
		return err
	}
	if len(r.Parts) == 0 || len(r.Parts) > mostParts {
		return fault.New(fault.Invalid, "approval.bad_parts", "count", len(r.Parts), "most", mostParts)
	}
	for _, p := range r.Parts {
		switch {
		case p.Kind == "" || !isLine(p.Kind, mostName):
			return bad("kind", p.Kind)
		case p.Name == "" || !isLine(p.Name, mostText):
			return bad("name", p.Name)
		case !isHash(p.SHA256):
			return bad("sha256", p.SHA256)
		}
	}
	for field, text := range map[string]string{"name": r.Name, "name_en": r.NameEN, "by": r.By} {
		if !isLine(text, mostName) {
			return bad(field, text)
		}
	}
	if !isText(r.Note, mostText) {
		return bad("note", r.Note)
	}
	if r.Digest != Digest(r.Parts) {
		return fault.New(fault.Invalid, "approval.not_of_parts")
	}
	return nil
}

func (d Decision) check() error {
	if err := d.Subject.check(); err != nil {
		return err
	}
	switch {
	case d.Channel != Terminal && d.Channel != Web:
		return bad("channel", d.Channel)
	case strings.TrimSpace(d.Approver) == "" || !isLine(d.Approver, mostName):
		return bad("approver", d.Approver)
	case !isLine(d.Token, mostName):
		return bad("token", d.Token)
	case !isText(d.Reason, mostText):
		return bad("reason", d.Reason)
	case d.Reject && strings.TrimSpace(d.Reason) == "":
		return fault.New(fault.Invalid, "approval.no_reason")
	}
	return nil
}

func bad(field, value string) error {
	const longest = 40
	text := []rune(strings.ToValidUTF8(value, "\uFFFD"))
	return fault.New(fault.Invalid, "approval.bad_field", "field", field, "value", fmt.Sprintf("%+q", string(text[:min(len(text), longest)])))
}

// isLine tells a text that stands on one line, and moves no cursor.
func isLine(s string, most int) bool {
	return isText(s, most) && !strings.ContainsAny(s, "\n\t\u2028\u2029")
}

func isText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	})
}

func isHash(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == sha256.Size && s == strings.ToLower(s)
}
