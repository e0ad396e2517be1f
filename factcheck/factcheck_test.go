package factcheck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/store"
	"uratori/tracker"
)

// saying is a claim of any type.
type saying About

func (s saying) About() About { return About(s) }

// list is a source.
type list map[string][]Claim

func (l list) Tickets(context.Context) (tickets []string, _ error) {
	for ticket := range l {
		tickets = append(tickets, ticket)
	}
	return tickets, nil
}

func (l list) Claims(_ context.Context, ticket string) ([]Claim, error) { return l[ticket], nil }

// checker is a function as one.
type checker func(claims []Claim) ([]Finding, error)

func (c checker) Check(_ context.Context, claims []Claim) ([]Finding, error) { return c(claims) }

// register is a function as one.
type register func(ticket string) (int, time.Time, error)

func (r register) Find(_ context.Context, ticket string) (int, time.Time, error) { return r(ticket) }

// book is a ledger that remembers.
type book struct {
	entries []entry
	problem error
}

func (b *book) Record(_ context.Context, kind, subject string, data any) (ledger.Entry, error) {
	if b.problem != nil {
		return ledger.Entry{}, b.problem
	}
	b.entries = append(b.entries, data.(entry))
	return ledger.Entry{Seq: int64(len(b.entries)), Kind: kind, Subject: subject}, nil
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// says is a checker that finds what the subject of a claim says.
func says(claims []Claim) (found []Finding, _ error) {
	for _, c := range claims {
		f := Finding{Verdict: ledger.Verdict(c.About().Subject), LookedAt: noon, Row: 3}
		if f.Verdict != ledger.Verified {
			f.Reason = errors.New("so it is")
		}
		found = append(found, f)
	}
	return found, nil
}

func options(claims list) (Options, *book) {
	b := &book{}
	return Options{
		Sources: []Source{claims}, Checkers: map[string]Checker{"t": checker(says)}, Recorder: b,
		Register: register(func(string) (int, time.Time, error) { return 5, noon, nil }),
	}, b
}

func TestReport_VerdictOfTheWhole(t *testing.T) {
	t.Parallel()
	const v, r, u = ledger.Verified, ledger.Refuted, ledger.Unverifiable
	for _, tc := range []struct {
		each   []ledger.Verdict
		reason error
		want   ledger.Verdict
	}{
		{nil, nil, u},
		{[]ledger.Verdict{v}, nil, v},
		{[]ledger.Verdict{v, v}, nil, v},
		{[]ledger.Verdict{v, u}, nil, u},
		{[]ledger.Verdict{u, v}, nil, u},
		{[]ledger.Verdict{v, r}, nil, r},
		{[]ledger.Verdict{r, u, v}, nil, r},
		{[]ledger.Verdict{u, r, v}, nil, r},
		{[]ledger.Verdict{v}, errors.New("not all claims are known"), u},
		{[]ledger.Verdict{r, v}, errors.New("not all claims are known"), r},
	} {
		report := Report{Reason: tc.reason}
		for _, verdict := range tc.each {
			report.Findings = append(report.Findings, Finding{Verdict: verdict})
		}
		if report.sum(); report.Verdict != tc.want {
			t.Errorf("%v, %v: %s, want %s", tc.each, tc.reason, report.Verdict, tc.want)
		}
	}
}

func TestCheck_ReportsEveryClaim_InTheOrderOfTheSources(t *testing.T) {
	t.Parallel()
	o, b := options(list{"A-1": {saying{"t", "A-1", "verified"}, saying{"other", "A-1", "x"}, saying{"t", "A-1", "refuted"}}})
	o.Sources = append(o.Sources, list{"A-1": {saying{"t", "A-1", "unverifiable"}}})
	r, err := New(o).Check(t.Context(), "A-1")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprint(f.Type, " ", f.Subject, " ", f.Verdict, " ", key(f.Reason)))
	}
	want := []string{"t verified verified ", "other x unverifiable factcheck.no_checker", "t refuted refuted so it is", "t unverifiable unverifiable so it is"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if r.Verdict != ledger.Refuted || r.Ticket != "A-1" || r.Row != 3 || !r.ReadAt.Equal(noon) || r.Entry != 1 || len(b.entries) != 1 {
		t.Errorf("%+v, %+v", r, b)
	}
}

func TestCheck_CheckerThatFails_MakesItsClaimsUnverifiable_AndNoOthers(t *testing.T) {
	t.Parallel()
	all := []Finding{{Verdict: ledger.Verified, LookedAt: noon}, {Verdict: ledger.Verified, LookedAt: noon}}
	for name, tc := range map[string]struct {
		checker Checker
		reasons []string
	}{
		"an error beside findings": {
			checker(func([]Claim) ([]Finding, error) { return all, errors.New("broken") }),
			[]string{"factcheck.failed", "error"},
		},
		"a fault": {
			checker(func([]Claim) ([]Finding, error) { return nil, fault.New(fault.Unavailable, "sheets.quota") }),
			[]string{"factcheck.failed", "sheets.quota"},
		},
		"a panic": {
			checker(func([]Claim) ([]Finding, error) { panic("\xff" + strings.Repeat("p", 9999)) }),
			[]string{"factcheck.failed", "factcheck.panicked"},
		},
		"no checker at all": {nil, []string{"factcheck.failed", "factcheck.panicked"}},
		"too few":           {checker(func([]Claim) ([]Finding, error) { return all[:1], nil }), []string{"factcheck.failed", "error"}},
		"too many":          {checker(func([]Claim) ([]Finding, error) { return append(all, all...), nil }), []string{"factcheck.failed", "error"}},
		"nothing":           {checker(func([]Claim) ([]Finding, error) { return nil, nil }), []string{"factcheck.failed", "error"}},
		"no verdict":        {checker(func([]Claim) ([]Finding, error) { return make([]Finding, 2), nil }), []string{"factcheck.unsound"}},
		"a verdict of its own": {
			checker(func([]Claim) ([]Finding, error) {
				return []Finding{{Verdict: "VERIFIED", LookedAt: noon}, {Verdict: "ok", LookedAt: noon}}, nil
			}),
			[]string{"factcheck.unsound"},
		},
		"verified without a look": {
			checker(func([]Claim) ([]Finding, error) {
				return []Finding{{Verdict: ledger.Verified}, {Verdict: ledger.Verified}}, nil
			}),
			[]string{"factcheck.unsound"},
		},
		"refuted without a look": {
			checker(func([]Claim) ([]Finding, error) {
				return []Finding{{Verdict: ledger.Refuted}, {Verdict: ledger.Refuted}}, nil
			}),
			[]string{"factcheck.unsound"},
		},
		"verified with a but": {
			checker(func([]Claim) ([]Finding, error) {
				f := Finding{Verdict: ledger.Verified, LookedAt: noon, Reason: errors.New("but")}
				return []Finding{f, f}, nil
			}),
			[]string{"factcheck.unsound", "error"},
		},
	} {
		o, _ := options(list{"A-1": {saying{"bad", "A-1", "1"}, saying{"t", "A-1", "verified"}, saying{"bad", "A-1", "2"}}})
		o.Checkers["bad"] = tc.checker
		r, err := New(o).Check(t.Context(), "A-1")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, f := range r.Findings {
			if i == 1 {
				if f.Verdict != ledger.Verified {
					t.Errorf("%s: the other claim is %s, %v", name, f.Verdict, f.Reason)
				}
			} else if f.Verdict != ledger.Unverifiable || !slices.Equal(codes(f.Reason), tc.reasons) || len(f.Reason.Error()) > 2000 {
				t.Errorf("%s: %s, %v", name, f.Verdict, codes(f.Reason))
			}
		}
		if r.Verdict != ledger.Unverifiable {
			t.Errorf("%s: %s", name, r.Verdict)
		}
	}
}

// broken is a source that fails in its own way.
type broken func()

var errBroken = errors.New("broken")

func (b broken) Tickets(context.Context) ([]string, error) { b(); return nil, errBroken }

func (b broken) Claims(context.Context, string) ([]Claim, error) { b(); return nil, errBroken }

func TestCheck_ClaimsThatCannotBeListed_VerifyNothing(t *testing.T) {
	t.Parallel()
	for _, source := range []Source{broken(func() {}), broken(func() { panic("p") }), list{"A-1": {nil}}} {
		for subject, want := range map[string]ledger.Verdict{"verified": ledger.Unverifiable, "refuted": ledger.Refuted, "": ledger.Unverifiable} {
			claims := list{}
			if subject != "" {
				claims["A-1"] = []Claim{saying{"t", "A-1", subject}}
			}
			o, b := options(claims)
			o.Sources = append([]Source{source}, o.Sources...)
			r, err := New(o).Check(t.Context(), "A-1")
			if err != nil || r.Verdict != want || key(r.Reason) != "factcheck.no_claims" || len(r.Findings) != len(claims["A-1"]) || len(b.entries) != 1 {
				t.Errorf("%+v, %v", r, err)
			}
		}
	}
}

func TestAll_TicketsThatCannotBeListed_AreAnError(t *testing.T) {
	t.Parallel()
	for _, source := range []Source{broken(func() {}), broken(func() { panic("p") })} {
		o, _ := options(list{"A-1": {saying{"t", "A-1", "verified"}}})
		o.Sources = append(o.Sources, source)
		if reports, err := New(o).All(t.Context()); key(err) != "factcheck.no_list" || reports != nil {
			t.Errorf("%v, %v", reports, err)
		}
	}
}

func TestCheck_NothingClaimed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		found   error
		err     string
		reason  string
		entries int
	}{
		{nil, "", "factcheck.nothing", 1},
		{fault.New(fault.NotFound, "sheets.not_found", "key", "A-1"), "factcheck.unknown", "", 0},
		{fmt.Errorf("look: %w", fault.New(fault.NotFound, "sheets.not_found_near", "key", "A-1", "near", "a-1")), "factcheck.unknown", "", 0},
		{fault.New(fault.Failed, "sheets.ambiguous", "key", "A-1", "rows", "2, 3"), "", "sheets.ambiguous", 1},
		{fault.New(fault.Unavailable, "sheets.permission"), "", "sheets.permission", 1},
		{errBroken, "", "broken", 1},
	} {
		o, b := options(list{})
		o.Register = register(func(string) (int, time.Time, error) { return 5, noon, tc.found })
		r, err := New(o).Check(t.Context(), "A-1")
		if key(err) != tc.err || key(r.Reason) != tc.reason || len(b.entries) != tc.entries {
			t.Errorf("%v: %+v, %v", tc.found, r, err)
		}
		if tc.err == "" && r.Verdict != ledger.Unverifiable || tc.err != "" && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v: %+v, %v", tc.found, r, err)
		}
	}
	o, _ := options(list{})
	o.Register = register(func(string) (int, time.Time, error) { panic("p") })
	if r, err := New(o).Check(t.Context(), "A-1"); err != nil || key(r.Reason) != "factcheck.panicked" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A report about a ticket that is not there must not read as if it were.
func TestJudge_OfATicketThatIsNotThere_IsRefuted_AndSaysSo(t *testing.T) {
	t.Parallel()
	for _, v := range []ledger.Verdict{ledger.Verified, ledger.Refuted, ledger.Unverifiable} {
		o, b := options(list{})
		r, err := New(o).JudgeWithout(t.Context(), "A-1", []Claim{saying{"t", "A-1", string(v)}})
		if err != nil || r.Verdict != ledger.Refuted || key(r.Reason) != "factcheck.no_such_ticket" || len(r.Findings) != 1 || r.Findings[0].Verdict != v || len(b.entries) != 1 {
			t.Errorf("%s: %+v, %v", v, r, err)
		}
	}
	o, _ := options(list{})
	if r, err := New(o).JudgeWithout(t.Context(), "A-1", nil); err != nil || r.Verdict != ledger.Refuted {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCheck_IDsThatAreNone_AreRefused(t *testing.T) {
	t.Parallel()
	o, b := options(list{})
	for _, id := range []string{"", "A\n1", "A\x00", "\xff", strings.Repeat("詳", 201), "\u0085"} {
		if _, err := New(o).Check(t.Context(), id); key(err) != "factcheck.bad_ticket" || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{"A-1", "チケット 1", "=1+1", "../../etc", strings.Repeat("詳", 200), "\u202eA"} {
		if _, err := New(o).Check(t.Context(), id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	if len(b.entries) != 6 {
		t.Error(len(b.entries))
	}
}

func TestAll_ChecksEachTypeInOneGo_AndSortsTickets(t *testing.T) {
	t.Parallel()
	claims := list{"A-10": nil}
	for _, ticket := range []string{"A-9", "A-10", "A-100", "A-1"} {
		claims[ticket] = []Claim{saying{"t", ticket, "verified"}, saying{"t", ticket, "refuted"}}
	}
	o, b := options(claims)
	o.Sources = append(o.Sources, list{"A-9": {saying{"t", "A-9", "unverifiable"}}, "A-2": nil})
	asked := 0
	o.Checkers["t"] = checker(func(claims []Claim) ([]Finding, error) {
		asked++
		if len(claims) != 9 {
			t.Errorf("%d claims", len(claims))
		}
		return says(claims)
	})
	reports, err := New(o).All(t.Context())
	if err != nil || asked != 1 || len(b.entries) != 5 {
		t.Fatalf("%v, asked %d times, %d entries", err, asked, len(b.entries))
	}
	var got []string
	for _, r := range reports {
		got = append(got, fmt.Sprint(r.Ticket, " ", r.Verdict, " ", len(r.Findings)))
		for _, f := range r.Findings {
			if f.Ticket != r.Ticket || string(f.Verdict) != f.Subject {
				t.Errorf("%s: %+v", r.Ticket, f)
			}
		}
	}
	if want := []string{"A-1 refuted 2", "A-2 unverifiable 0", "A-9 refuted 3", "A-10 refuted 2", "A-100 refuted 2"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestAll_NothingClaimedAnywhere_IsNoReport(t *testing.T) {
	t.Parallel()
	o, _ := options(list{})
	if reports, err := New(o).All(t.Context()); err != nil || len(reports) != 0 {
		t.Errorf("%v, %v", reports, err)
	}
}

func TestCheck_ReportThatIsNotInTheLedger_IsNone(t *testing.T) {
	t.Parallel()
	o, b := options(list{"A-1": {saying{"t", "A-1", "verified"}}})
	b.problem = fault.New(fault.Failed, "store.disk_full")
	if r, err := New(o).Check(t.Context(), "A-1"); key(err) != "store.disk_full" || r.Verdict != "" {
		t.Errorf("%+v, %v", r, err)
	}
	if reports, err := New(o).All(t.Context()); key(err) != "store.disk_full" || reports != nil {
		t.Errorf("%+v, %v", reports, err)
	}
}

func TestCheck_CallerWhoLeft_LeavesNoReport(t *testing.T) {
	t.Parallel()
	o, b := options(list{"A-1": {saying{"t", "A-1", "verified"}}})
	ctx, cancel := context.WithCancel(t.Context())
	o.Checkers["t"] = checker(func(claims []Claim) ([]Finding, error) { cancel(); return says(claims) })
	if _, err := New(o).Check(ctx, "A-1"); !errors.Is(err, context.Canceled) || len(b.entries) != 0 {
		t.Errorf("%v, %v", err, b.entries)
	}
}

func TestReport_ReadAt_IsThatOfTheOldestLook(t *testing.T) {
	t.Parallel()
	r := Report{Findings: []Finding{{LookedAt: noon.Add(1)}, {}, {LookedAt: noon}, {LookedAt: noon.Add(2)}}}
	if r.sum(); !r.ReadAt.Equal(noon) {
		t.Error(r.ReadAt)
	}
}

// hostile are texts that sheets hold.
var hostile = []string{
	"=HYPERLINK(\"http://x\")", "-rm -rf /", "'quoted", "a\x00b\x1b[31mred\x07", "\u202egnp.exe\u202c", "\u200f\u200e", "{ticket} {{id}} %s %!d(MISSING)",
	"行1\n行2\r\n行3\ttab", "<script>alert(1)</script>", strings.Repeat("詳", 50_000), strings.Repeat("\x01", 50_000), "\ufeff", "\u2028", `{"verdict":"verified"}`,
}

func TestCheck_WholeWay_HostileTextsAreData_AndTheLedgerHoldsTheirHashes(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, written := range hostile {
		w := newWorld("A-1")
		w.headers = append(w.headers, written)
		cell := SheetCell{"A-1", written} // headers are people's texts too
		w.write(cell, written)
		w.write(detail, written)
		cells := NewSheetCells(w)
		check := New(Options{
			Sources: []Source{cells}, Checkers: map[string]Checker{SheetCellType: cells}, Register: cells, Recorder: l,
		})
		r, err := check.Check(t.Context(), "A-1")
		if err != nil || r.Verdict != ledger.Verified || len(r.Findings) != 2 {
			t.Fatalf("%.20q: %+v, %v", written, r, err)
		}
		w.haunt(detail, text(written+"!"))
		if r, err = check.Check(t.Context(), "A-1"); err != nil || r.Verdict != ledger.Refuted {
			t.Fatalf("%.20q: %+v, %v", written, r, err)
		}
		for _, f := range r.Findings {
			if f.Verdict == ledger.Refuted && (*f.Expected != written || *f.Actual != written+"!") {
				t.Errorf("%.20q: %.20q, %.20q", written, *f.Expected, *f.Actual)
			}
		}
		last, err := l.Last(t.Context(), 1, "A-1")
		if err != nil || last[0].Seq != r.Entry || last[0].Kind != Reported {
			t.Fatalf("%+v, %v", last, err)
		}
		var e entry
		if err := json.Unmarshal(last[0].Data, &e); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(e.Claims, func(c entryClaim) bool { return c.Subject == "詳細" })
		if c := e.Claims[i]; e.Verdict != ledger.Refuted || c.Verdict != ledger.Refuted || c.Claim != SheetCellType ||
			c.Expected != hash(written) || c.Actual != hash(written+"!") || len(c.Evidence) != 2 || !slices.Equal(c.Reason, []string{"factcheck.changed"}) {
			t.Errorf("%.20q: %+v", written, e)
		}
		if len(last[0].Data) > 4000 {
			t.Errorf("%.20q: the entry has %d bytes", written, len(last[0].Data))
		}
	}
	if _, err := New(Options{Sources: []Source{NewSheetCells(newWorld())}, Register: NewSheetCells(newWorld()), Recorder: l}).Check(t.Context(), "A-9"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestReasons_AreWholeSentencesInBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.submit(detail, "x", func(r *tracker.Written) { r.Reason = fault.New(fault.Unavailable, "sheets.quota") })
	reason := found(t, w, detail).Reason
	for lang, want := range map[phrase.Lang][]string{
		phrase.English:  {"queued since 2026-11-21 10:00:", "limit of requests"},
		phrase.Japanese: {"2026-11-21 10:00:", "待機中", "回数制限"},
	} {
		for _, part := range want {
			if got := fault.Explain(reason, lang); !strings.Contains(got, part) {
				t.Errorf("no %q in %s", part, got)
			}
		}
	}
}

func hash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// open opens a ledger as the daemon does.
func open(t *testing.T) *ledger.Ledger {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), ledger.Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return ledger.New(db, func() time.Time { return noon })
}
