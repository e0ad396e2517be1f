package approval

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func TestDigest_StandsForThePartsAndNotForTheirOrder(t *testing.T) {
	parts := plan(1)
	swapped := []Part{parts[1], parts[0]}
	if Digest(parts) != Digest(swapped) || len(Digest(parts)) != 64 {
		t.Error("the order counts")
	}
	seen := map[string]bool{Digest(parts): true}
	for _, other := range [][]Part{
		nil, parts[:1], append(slices.Clone(parts), parts[0]), plan(2),
		{{"fil", "eSOW_INTG-088.md", parts[0].SHA256}, parts[1]},
		{{"file", "SOW_INTG-088.md" + parts[0].SHA256, ""}, parts[1]},
	} {
		if seen[Digest(other)] {
			t.Errorf("%v is taken for something else", other)
		}
		seen[Digest(other)] = true
	}
}

func TestApproval_IsOfExactlyWhatWasAsked(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.wants(1, None)
	asked := o.ask(1)
	if asked.State != Requested || !asked.RequestedAt.Equal(o.time()) || !asked.ExpiresAt.Equal(o.time().Add(72*time.Hour)) || asked.Entry == 0 {
		t.Errorf("%+v", asked)
	}
	o.refuses(answer(2, right), ErrOther)
	o.pass(time.Minute)
	s := o.accepts(answer(1, right))
	if s.State != Approved || s.Approver != "kiri" || s.Channel != Terminal || !s.DecidedAt.Equal(o.time()) || !s.ExpiresAt.Equal(o.time().Add(72*time.Hour)) || !s.Given() {
		t.Errorf("%+v", s)
	}
	decided := o.entries("approval.decided")
	if len(decided) != 1 || decided[0].Seq != s.Entry || decided[0].Subject != "INTG-088" {
		t.Fatalf("%v", decided)
	}
	var e decisionEntry
	if err := json.Unmarshal(decided[0].Data, &e); err != nil || e.Digest != subject(1).Digest || e.Verdict != approve || e.Step != "plan-approval" || e.At == "" || e.Signature == "" {
		t.Errorf("%+v %v", e, err)
	}
	o.wants(2, Void)
	o.ask(1) // nothing new
	o.wants(1, Approved)
	if n := len(o.entries("approval.requested")); n != 1 {
		t.Errorf("%d requests", n)
	}
	o.ask(2)
	o.wants(2, Requested)
	o.wants(1, Void)
	o.ask(1) // it was voided for good
	o.wants(1, Requested)
	if n := len(o.entries("approval.voided")); n != 2 {
		t.Errorf("%d were voided", n)
	}
}

func TestDecide_OneQuestionHasOneAnswer(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.refuses(answer(1, right), ErrNotAsked)
	o.ask(1)
	d := answer(1, right)
	d.Token = "t1"
	first := o.accepts(d)
	o.refuses(answer(1, right), ErrDecided)
	no := answer(1, right)
	no.Reject, no.Reason, no.Token = true, "changed my mind", "t1"
	o.refuses(no, ErrDecided)
	// Whoever lost the reply asks with the same token.
	o.again()
	d.Passphrase = []byte(right)
	if again := o.accepts(d); again != first {
		t.Errorf("%+v, want %+v", again, first)
	}
	d.Passphrase = []byte("something else entirely")
	o.refuses(d, ErrWrong)
	if n := len(o.entries("approval.decided")); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func TestReject_HasAReason_AndTheSameMayBeAskedAgain_InTheSameRound(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	d := answer(1, right)
	d.Reject = true
	if _, err := o.Decide(context.Background(), d); kindOf(err) != fault.Invalid {
		t.Error(err)
	}
	d.Passphrase, d.Reason = []byte(right), "章立てが\n足りない"
	if s := o.accepts(d); s.State != Rejected || s.Reason != d.Reason || s.Given() || !s.ExpiresAt.IsZero() {
		t.Errorf("%+v", s)
	}
	o.wants(2, None)
	o.ask(1)
	o.ask(2)
	rounds := []int64{}
	for _, e := range o.entries("approval.requested") {
		var x requestEntry
		if err := json.Unmarshal(e.Data, &x); err != nil {
			t.Fatal(err)
		}
		rounds = append(rounds, x.Round)
	}
	if !slices.Equal(rounds, []int64{1, 1, 2}) {
		t.Errorf("%v", rounds)
	}
}

func TestExpiry_OfQuestionsAndOfApprovals(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	r := request(1)
	r.Life = time.Hour
	if _, err := o.Ask(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	o.pass(time.Hour - time.Millisecond)
	o.wants(1, Requested)
	o.pass(time.Millisecond)
	if s := o.wants(1, Expired); s.Given() {
		t.Errorf("%+v", s)
	}
	o.refuses(answer(1, right), ErrExpired)
	if open, err := o.Open(context.Background(), ""); err != nil || len(open) != 0 {
		t.Errorf("%v %v", open, err)
	}
	if _, err := o.Ask(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	o.accepts(answer(1, right))
	o.pass(time.Hour)
	if s := o.wants(1, Expired); !s.Given() || s.Approver != "kiri" {
		t.Errorf("%+v", s)
	}
	o.ask(1)
	o.wants(1, Requested)
}

func TestOpen_ShowsWhatIsAsked(t *testing.T) {
	o := newOffice(t)
	for _, ticket := range []string{"INTG-1", "INTG-2"} {
		r := request(3)
		r.Ticket, r.Note = ticket, "please\nlook"
		if _, err := o.Ask(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := o.Open(context.Background(), "")
	if err != nil || len(all) != 2 {
		t.Fatalf("%v %v", all, err)
	}
	one, err := o.Open(context.Background(), "INTG-2")
	if err != nil || len(one) != 1 || one[0].Ticket != "INTG-2" || one[0].Note != "please\nlook" || one[0].By != "agent" || Digest(one[0].Parts) != one[0].Digest || one[0].Life != 72*time.Hour {
		t.Errorf("%+v %v", one, err)
	}
}

func TestLock_FiveTriesInTenMinutes_ThenAQuarterOfAnHour_Doubling_OverRestarts(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	wrong := func() error {
		_, err := o.Decide(context.Background(), answer(1, "wrong passphrase"))
		return err
	}
	lock := func(first int) {
		t.Helper()
		for range first {
			if err := wrong(); !errors.Is(err, ErrWrong) {
				t.Fatal(err)
			}
			o.again()
			o.pass(time.Second)
		}
		if err := wrong(); !errors.Is(err, ErrLocked) {
			t.Fatal(err)
		}
	}
	lock(4)
	o.refuses(answer(1, right), ErrLocked)
	if _, until, err := o.Passphrase(context.Background()); err != nil || !until.Equal(o.time().Add(15*time.Minute)) {
		t.Errorf("%v %v", until, err)
	}
	if err := o.SetPassphrase(context.Background(), []byte(right), []byte("another one altogether")); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	o.pass(15*time.Minute - time.Second)
	o.refuses(answer(1, right), ErrLocked)
	o.pass(time.Second)
	lock(4)
	if _, until, _ := o.Passphrase(context.Background()); !until.Equal(o.time().Add(30 * time.Minute)) {
		t.Errorf("%v", until)
	}
	o.pass(30 * time.Minute)
	// The window slides: four, ten minutes later four more.
	for range 4 {
		if err := wrong(); !errors.Is(err, ErrWrong) {
			t.Fatal(err)
		}
	}
	o.pass(10 * time.Minute)
	for range 4 {
		if err := wrong(); !errors.Is(err, ErrWrong) {
			t.Fatal(err)
		}
	}
	o.accepts(answer(1, right)) // forgives all
	o.ask(2)
	for range 4 {
		if _, err := o.Decide(context.Background(), answer(2, "wrong passphrase")); !errors.Is(err, ErrWrong) {
			t.Fatal(err)
		}
	}
	if _, err := o.Decide(context.Background(), answer(2, "wrong passphrase")); !errors.Is(err, ErrLocked) {
		t.Fatal(err)
	}
	if _, until, _ := o.Passphrase(context.Background()); !until.Equal(o.time().Add(15 * time.Minute)) {
		t.Errorf("after the right passphrase: %v", until)
	}
	if n := len(o.entries("approval.locked")); n != 3 {
		t.Errorf("%d lock-outs in the ledger", n)
	}
}

func TestLock_NeverGrowsBeyondADay(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	for range 70 { // the doublings would not fit into any number
		o.forge(`UPDATE approval_lock SET level = level + 1, until = 0`)
	}
	r := request(2)
	r.Life = 1000 * time.Hour
	if _, err := o.Ask(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, _ = o.Decide(context.Background(), answer(2, "wrong passphrase")) // the lock-out is looked at
	}
	if _, until, err := o.Passphrase(context.Background()); err != nil || !until.Equal(o.time().Add(24*time.Hour)) {
		t.Errorf("%v %v", until, err)
	}
}

// A try that a crash cut short was one: the count is in the store before the
// passphrase is looked at.
func TestLock_TriesThatWereCutShortCount(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	for range mostTries {
		if _, err := o.begin(context.Background()); err != nil {
			t.Fatal(err)
		}
		o.again()
	}
	o.refuses(answer(1, right), ErrLocked)
	if n := len(o.entries("approval.locked")); n != 1 {
		t.Errorf("%d lock-outs in the ledger", n)
	}
}

func TestDecide_ManyAtTheSameTime_ExactlyOneWins(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	for round := range 10 {
		o.ask(round)
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				d := answer(round, right)
				if i%2 == 1 {
					d.Reject, d.Reason = true, "no"
				}
				_, errs[i] = o.Decide(context.Background(), d)
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, ErrDecided):
				t.Error(err)
			}
		}
		if won != 1 || len(o.entries("approval.decided")) != round+1 {
			t.Fatalf("%d have won, %v", won, errs)
		}
	}
}

func TestDecide_WrongOnesAtTheSameTime_AreFiveTries(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	var all sync.WaitGroup
	var mu sync.Mutex
	wrong, locked := 0, 0
	for range 20 {
		all.Go(func() {
			_, err := o.Decide(context.Background(), answer(1, "wrong passphrase"))
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrWrong) {
				wrong++
			} else if errors.Is(err, ErrLocked) {
				locked++
			}
		})
	}
	all.Wait()
	if wrong != 4 || locked != 16 || len(o.entries("approval.wrong")) != 5 {
		t.Errorf("%d wrong, %d locked, %d written down", wrong, locked, len(o.entries("approval.wrong")))
	}
}

func TestDecide_ThatWasNotWaitedFor_IsATryAllTheSame(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	for i := range mostTries {
		ctx, cancel := context.WithCancel(context.Background())
		var all sync.WaitGroup
		all.Go(func() { _, _ = o.Decide(ctx, answer(1, "wrong passphrase")) }) // what it says is nobody's concern
		for deadline := time.Now().Add(10 * time.Second); ; {
			var n int
			if err := o.db.Reader().QueryRowContext(context.Background(), `SELECT (SELECT count(*) FROM approval_tries) + 100 * (SELECT level FROM approval_lock)`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n > i || time.Now().After(deadline) {
				break
			}
		}
		cancel()
		all.Wait()
	}
	o.refuses(answer(1, right), ErrLocked)
}

func TestCheck_HostileRequestsAndAnswers_AreRefused(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	for name, change := range map[string]func(*Request){
		"no ticket":       func(r *Request) { r.Ticket = "" },
		"no step":         func(r *Request) { r.Step = "" },
		"two lines":       func(r *Request) { r.Step = "a\nb" },
		"long":            func(r *Request) { r.Ticket = strings.Repeat("x", 201) },
		"control":         func(r *Request) { r.Name = "\x1b[2J" },
		"direction":       func(r *Request) { r.NameEN = "a\u202eb" },
		"encoding":        func(r *Request) { r.By = "\xff" },
		"note":            func(r *Request) { r.Note = strings.Repeat("x", 4001) },
		"no parts":        func(r *Request) { r.Parts, r.Digest = nil, "" },
		"other digest":    func(r *Request) { r.Digest = Digest(plan(9)) },
		"upper case":      func(r *Request) { r.Parts[0].SHA256 = strings.ToUpper(strings.Repeat("a", 64)); r.Digest = "" },
		"no hash":         func(r *Request) { r.Parts[0].SHA256 = ""; r.Digest = "" },
		"nameless":        func(r *Request) { r.Parts[0].Name = ""; r.Digest = "" },
		"a thousand more": func(r *Request) { r.Parts = make([]Part, 1001); r.Digest = "" },
	} {
		r := request(1)
		change(&r)
		if _, err := o.Ask(context.Background(), r); kindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.ask(1)
	for name, change := range map[string]func(*Decision){
		"nobody":       func(d *Decision) { d.Approver = " " },
		"channel":      func(d *Decision) { d.Channel = Sheet },
		"no channel":   func(d *Decision) { d.Channel = "" },
		"mcp":          func(d *Decision) { d.Channel = "mcp" },
		"digest":       func(d *Decision) { d.Digest = "" },
		"reason":       func(d *Decision) { d.Reject, d.Reason = true, "\t \n" },
		"long reason":  func(d *Decision) { d.Reason = strings.Repeat("x", 4001) },
		"token":        func(d *Decision) { d.Token = "a\x00" },
		"empty":        func(d *Decision) { d.Passphrase = nil },
		"megabyte":     func(d *Decision) { d.Passphrase = []byte(strings.Repeat("x", 1<<20)) },
		"NUL":          func(d *Decision) { d.Passphrase = []byte(right + "\x00") },
		"line feed":    func(d *Decision) { d.Passphrase = []byte(right + "\n") },
		"no UTF-8":     func(d *Decision) { d.Passphrase = []byte(right + "\xff") },
		"cut UTF-8":    func(d *Decision) { d.Passphrase = []byte("合言葉"[:8]) },
		"overlong NUL": func(d *Decision) { d.Passphrase = []byte(right + "\xc0\x80") },
	} {
		d := answer(1, right)
		change(&d)
		if _, err := o.Decide(context.Background(), d); kindOf(err) != fault.Invalid || strings.Contains(err.Error(), right) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.wants(1, Requested)
	if n := len(o.entries("approval.wrong")); n != 0 {
		t.Errorf("%d tries", n)
	}
}

func TestPassphrase_ComposedOrNot_IsTheSame(t *testing.T) {
	for name, c := range map[string][2]string{
		"kana":    {"がぎぐげござじずぜぞ", "\u304b\u3099\u304d\u3099\u304f\u3099\u3051\u3099\u3053\u3099\u3055\u3099\u3057\u3099\u3059\u3099\u305b\u3099\u305d\u3099"},
		"accents": {"crème brûlée für alle", "cre\u0300me bru\u0302le\u0301e fu\u0308r alle"},
		"order":   {"abcdefghij q\u0323\u0307", "abcdefghij q\u0307\u0323"},
		"marks":   {"abcdefghij" + strings.Repeat("\u0301", 200), "abcdefghi" + "j" + strings.Repeat("\u0301", 200)},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.set(c[0])
			o.ask(1)
			o.accepts(answer(1, c[1]))
		})
	}
	o := newOffice(t)
	o.set("ｆｕｌｌ ｗｉｄｔｈ ｌｅｔｔｅｒｓ")
	o.ask(1)
	o.refuses(answer(1, "full width letters"), ErrWrong)
}

// draws counts what is drawn, and so the keys that are made.
type draws struct{ made atomic.Int64 }

func (d *draws) Read(p []byte) (int, error) {
	d.made.Add(1)
	return rand.Read(p)
}

func TestSetPassphrase_MakesNoKeyBeforeItsTurn_NorForWhoMayNot(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := &draws{}
	o.o.Random = d
	none := func(what string) {
		t.Helper()
		if n := d.made.Swap(0); n != 0 {
			t.Errorf("%s: %d keys were made", what, n)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	<-o.turn // somebody is at it
	if err := o.SetPassphrase(gone, nil, []byte(right)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	o.turn <- struct{}{}
	none("the first, not in its turn")
	o.set(right)
	d.made.Store(0)
	for what, tc := range map[string]struct {
		old  string
		want error
	}{
		"without the old one": {"", fault.New(fault.Conflict, "approval.old_wanted")},
		"with a wrong one":    {"not the old one", ErrWrong},
	} {
		if err := o.SetPassphrase(ctx, []byte(tc.old), []byte("another one altogether")); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", what, err)
		}
		none(what)
	}
	for range mostTries {
		_ = o.SetPassphrase(ctx, []byte("not the old one"), []byte("another one altogether"))
	}
	if err := o.SetPassphrase(ctx, []byte(right), []byte("another one altogether")); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	none("locked out")
}

func TestSetPassphrase_TheOldOneIsNeeded_AndWeakOnesAreRefused(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	o.ask(1)
	o.refuses(answer(1, right), ErrNoPassphrase)
	if err := o.SetPassphrase(ctx, []byte(right), []byte(right)); !errors.Is(err, ErrNoPassphrase) {
		t.Error(err)
	}
	for _, weak := range []string{"", "short", "aaaaaaaaaaaaaaaa", "abcabcabcabc", strings.Repeat("long ", 300), "nul \x00 within it", "\xff\xfe\xfd abcdefghij"} {
		if err := o.SetPassphrase(ctx, nil, []byte(weak)); kindOf(err) != fault.Invalid {
			t.Errorf("%.20q: %v", weak, err)
		}
	}
	if set, _, err := o.Passphrase(ctx); err != nil || set {
		t.Error(set, err)
	}
	o.set(right)
	const next = "合言葉は山と川と海と空と雲"
	if err := o.SetPassphrase(ctx, nil, []byte(next)); kindOf(err) != fault.Conflict {
		t.Error(err)
	}
	if err := o.SetPassphrase(ctx, []byte("not the old one"), []byte(next)); !errors.Is(err, ErrWrong) {
		t.Error(err)
	}
	old, fresh := []byte(right), []byte(next)
	if err := o.SetPassphrase(ctx, old, fresh); err != nil {
		t.Fatal(err)
	}
	if strings.Trim(string(old)+string(fresh), "\x00") != "" {
		t.Error("what was given is still there")
	}
	o.refuses(answer(1, right), ErrWrong)
	d := answer(1, next)
	o.accepts(d)
	if strings.Trim(string(d.Passphrase), "\x00") != "" {
		t.Error("what was given is still there")
	}
	// What was signed with the old one stays signed.
	o.ask(2)
	if err := o.SetPassphrase(ctx, []byte(next), []byte("and one more for luck")); err != nil {
		t.Fatal(err)
	}
	o.accepts(answer(2, "and one more for luck"))
	o.again()
	o.wants(2, Approved)
}

func TestFirstPassphrase_SetTwiceAtTheSameTime_OneWins(t *testing.T) {
	o := newOffice(t)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() {
			errs[i] = o.SetPassphrase(context.Background(), nil, []byte("passphrase number "+string(rune('a'+i))))
		})
	}
	all.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil:
			t.Error("two have won")
		case kindOf(err) != fault.Conflict:
			t.Error(err)
		}
	}
	o.ask(1)
	o.accepts(answer(1, "passphrase number "+string(rune('a'+won))))
}

func TestParams_AreStored_AndGrowWithTheNextAnswer(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	o.accepts(answer(1, right))
	o.params = Params{Passes: 2, Memory: 16, Threads: 2}
	o.again()
	o.wants(1, Approved)
	o.ask(2)
	o.refuses(answer(2, "wrong passphrase"), ErrWrong)
	if n := len(o.entries(kindRenewed)); n != 0 {
		t.Error("a wrong passphrase has made a key")
	}
	o.accepts(answer(2, right))
	if n := len(o.entries(kindRenewed)); n != 1 {
		t.Fatalf("%d new keys", n)
	}
	keys, err := o.keys(context.Background())
	if err != nil || len(keys) != 2 || keys[0].params != weak || keys[1].params != o.params {
		t.Fatalf("%v %v", keys, err)
	}
	o.wants(2, Approved)
	o.ask(3)
	o.accepts(answer(3, right))
	// Weaker settings take nothing away.
	o.params = weak
	o.again()
	o.ask(4)
	o.accepts(answer(4, right))
	if n := len(o.entries(kindRenewed)); n != 1 {
		t.Errorf("%d new keys", n)
	}
}

// The passphrase is in no file of the home, however it may be encoded.
func TestPassphrase_IsNowhereInTheStore(t *testing.T) {
	o := newOffice(t)
	const planted = "planted-passphrase-4711"
	o.set(planted)
	o.ask(1)
	o.refuses(answer(1, planted+" and more"), ErrWrong)
	o.accepts(answer(1, planted))
	for range 2 {
		files, err := os.ReadDir(o.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			raw, err := os.ReadFile(filepath.Join(o.dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(raw), "planted-pass") || strings.Contains(string(raw), "706c616e7465642d") || strings.Contains(string(raw), "cGxhbnRlZC") {
				t.Errorf("%s has the passphrase", f.Name())
			}
		}
		o.again() // and once the journal was folded in
	}
}

func TestLedger_StaysWhole(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	o.accepts(answer(1, right))
	o.ask(2)
	r, err := ledger.Verify(context.Background(), o.db.Reader().DB, ledger.Hash{})
	if err != nil || r.Verdict != ledger.Verified {
		t.Errorf("%+v %v", r, err)
	}
}
