package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

const (
	incidentsPerPage = 50
	shownEntries     = 100
)

// incidentScreen is /incidents: what went wrong, newest first.
type incidentScreen struct {
	ask  control.IncidentQuery
	Page control.IncidentPage
	Err  error
}

func newIncidentScreen(q url.Values) *incidentScreen {
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0 // the newest
	}
	return &incidentScreen{ask: control.IncidentQuery{Ticket: short(q.Get("ticket")), Before: before, Limit: incidentsPerPage}}
}

func (s *incidentScreen) title(f *face) string { return f.say("page.incidents") }

func (s *incidentScreen) pieces() []string { return []string{"incidents"} }

func (s *incidentScreen) load(ctx context.Context, d Daemon, _ bool) {
	s.Page, s.Err = d.Incidents(ctx, s.ask)
}

func (s *incidentScreen) concerns(ledger.Entry) bool { return false }

func (s *incidentScreen) busy() bool { return false }

func (s *incidentScreen) status() int { return http.StatusOK }

// More is the address of older ones.
func (s *incidentScreen) More() string {
	return "/incidents?" + url.Values{"ticket": {s.ask.Ticket}, "before": {strconv.FormatInt(s.Page.Next, 10)}}.Encode()
}

// ledgerScreen is /ledger: the chain walked, and its newest entries.
type ledgerScreen struct {
	Subject string
	looks   *looks[walk]
	now     bool // whoever asks waits for the walk
	Walked  bool // Walk and Err are of one that was made
	Walk    walk
	Err     error
	Entries []ledger.Entry // newest first
	ReadErr error
}

// walk is what a walk of the chain found. What was appended after it was not
// walked.
type walk struct {
	ledger.Report
	At time.Time
}

func newLedgerScreen(q url.Values, l *looks[walk]) *ledgerScreen {
	return &ledgerScreen{Subject: short(q.Get("subject")), looks: l}
}

func (s *ledgerScreen) title(f *face) string { return f.say("page.ledger") }

func (s *ledgerScreen) pieces() []string { return []string{"ledger-chain", "ledger-entries"} }

// insist has the page wait for what it would be sent later.
func (s *ledgerScreen) insist() { s.now = true }

// due and look walk the chain beside the page.
func (s *ledgerScreen) due(opened bool) time.Duration { return s.looks.due("", opened) }

func (s *ledgerScreen) look(ctx context.Context, d Daemon) { s.looks.make(ctx, d, "") }

func (s *ledgerScreen) load(ctx context.Context, d Daemon, _ bool) {
	one, ok := s.looks.seen("")
	if s.now && !ok {
		one, ok = s.looks.make(ctx, d, ""), true
	}
	s.Walked, s.Walk, s.Err = ok, one.Is, one.Err
	s.Entries, s.ReadErr = nil, nil
	for e, err := range d.Entries(ctx, control.Slice{Subject: s.Subject, Last: shownEntries}) {
		if err != nil {
			s.ReadErr = err
			break
		}
		s.Entries = append([]ledger.Entry{e}, s.Entries...)
	}
}

func (s *ledgerScreen) concerns(ledger.Entry) bool { return false }

func (s *ledgerScreen) busy() bool { return false }

func (s *ledgerScreen) status() int { return http.StatusOK }

// Text is what an entry says, bounded: a cell has up to 50,000 characters.
func (s *ledgerScreen) Text(e ledger.Entry) string {
	const longest = 600
	text := strings.ToValidUTF8(string(e.Data), "\uFFFD")
	if list := []rune(text); len(list) > longest {
		return string(list[:longest]) + " …"
	}
	return text
}

// settingScreen is /settings: what is in force and where each was set. They are
// read when the daemon starts.
type settingScreen struct{ Settings []config.Setting }

func (s settingScreen) title(f *face) string { return f.say("page.settings") }

func (s settingScreen) pieces() []string { return []string{"settings"} }

func (s settingScreen) load(context.Context, Daemon, bool) {}

func (s settingScreen) concerns(ledger.Entry) bool { return false }

func (s settingScreen) busy() bool { return false }

func (s settingScreen) status() int { return http.StatusOK }
