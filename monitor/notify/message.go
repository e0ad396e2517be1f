package notify

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Priority is how urgent a message is. The zero value is none.
type Priority int

// The priorities. Low and normal wait during quiet hours.
const (
	Low Priority = iota + 1
	Normal
	High
	Critical
)

var priorityNames = [...]string{"", "low", "normal", "high", "critical"}

// Priorities are all of them, the least urgent first.
func Priorities() []Priority { return []Priority{Low, Normal, High, Critical} }

// String is the name of the priority.
func (p Priority) String() string {
	if p < Low || p > Critical {
		return fmt.Sprintf("priority(%d)", int(p))
	}
	return priorityNames[p]
}

// MarshalText is the name of the priority.
func (p Priority) MarshalText() ([]byte, error) {
	if p < Low || p > Critical {
		return nil, fmt.Errorf("%s is no priority", p)
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads a name.
func (p *Priority) UnmarshalText(text []byte) error {
	for _, q := range Priorities() {
		if string(text) == q.String() {
			*p = q
			return nil
		}
	}
	return fmt.Errorf("%q is no priority: low, normal, high and critical are", text)
}

// Message is what people are told. Texts may be of any length and may come
// from anywhere; what a channel cannot carry is left out of them.
type Message struct {
	// Fingerprint says what the message is about: the same one means that it
	// need not be told again. 1 to 200 characters, mostly a hash.
	Fingerprint string
	// Escalates lets a fingerprint pass that was told already, once for each
	// priority above those that were.
	Escalates bool
	Priority  Priority
	Title     string // one line
	Body      string
	URL       string
	URLTitle  string
	// Attachment is the absolute path of a picture, read when the message is
	// sent. A message whose picture cannot be had is sent without.
	Attachment string
	Ticket     string
	Task       int64
}

// What is kept of a text; channels carry less.
const (
	mostRaw         = 1 << 20 // bytes that are looked at: a whole log must not hold up the store
	mostFingerprint = 200
	mostTitle       = 1000
	mostBody        = 20_000
	mostLink        = 4000
)

// checked is m with texts that can be stored and shown. Only what a caller has
// wrong in its own code is an error: a text from a log must not keep people
// from being told.
func (m Message) checked() (Message, error) {
	if m.Fingerprint == "" || !utf8.ValidString(m.Fingerprint) || utf8.RuneCountInString(m.Fingerprint) > mostFingerprint {
		return m, fmt.Errorf("message %.80q: the fingerprint must be 1 to %d characters of UTF-8", m.Title, mostFingerprint)
	}
	if m.Priority < Low || m.Priority > Critical {
		return m, fmt.Errorf("message %.80q: %s", m.Title, m.Priority)
	}
	m.Title = fit(oneLine(m.Title), mostTitle, utf8.RuneCountInString)
	m.Body = fit(clean(m.Body), mostBody, utf8.RuneCountInString)
	m.URL = oneLine(m.URL)
	if len(m.URL) > mostLink {
		m.URL = ""
	}
	m.URLTitle = fit(oneLine(m.URLTitle), mostTitle, utf8.RuneCountInString)
	m.Ticket = fit(oneLine(m.Ticket), mostSubject, utf8.RuneCountInString)
	m.Attachment = strings.ToValidUTF8(m.Attachment, string(utf8.RuneError))
	return m, nil
}

// clean makes a text of any origin fit for a screen: valid UTF-8, no control
// characters but line feeds and tabs, nothing that turns the direction of what
// follows.
func clean(s string) string {
	s = s[:min(len(s), mostRaw)]
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, string(utf8.RuneError)))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// oneLine is clean with spaces in the place of line feeds and tabs.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
