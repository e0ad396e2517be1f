package approval

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/internal/store/storetest"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// weak are parameters for tests, which derive thousands of keys.
var weak = Params{Passes: 1, Memory: 8, Threads: 1}

const right = "five words are much better"

// office is a keeper of a test, whose time stands still unless it is moved,
// and whose daemon can be ended and started again.
type office struct {
	*Keeper
	t      testing.TB
	dir    string
	params Params
	sheet  *SheetChannel
	db     *store.DB
	ledger *ledger.Ledger

	mu  sync.Mutex
	now time.Time
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o, leave := openOffice(t)
	t.Cleanup(leave)
	return o
}

func openOffice(t testing.TB) (o *office, leave func()) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "uratori-test-")
	if err != nil {
		dir = t.TempDir()
	}
	o = &office{t: t, dir: dir, params: weak, now: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)}
	o.start()
	return o, func() {
		o.end()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
}

func (o *office) start() {
	o.t.Helper()
	db, err := templates.Open(context.Background(), filepath.Join(o.dir, "test.db"), ledger.Schema(), Schema())
	if err != nil {
		o.t.Fatal(err)
	}
	o.db, o.ledger = db, ledger.New(db, o.time)
	o.Keeper, err = New(Options{DB: db, Ledger: o.ledger, Life: 72 * time.Hour, Params: o.params, Sheet: o.sheet, Now: o.time})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) end() {
	o.t.Helper()
	if err := o.db.Close(); err != nil {
		o.t.Error(err)
	}
}

func (o *office) again() {
	o.t.Helper()
	o.end()
	o.start()
}

func (o *office) time() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// plan is what is to be approved, in a version.
func plan(version int) []Part {
	return []Part{{"file", "SOW_INTG-088.md", strings.Repeat(fmt.Sprintf("%x", version%16), 64)}, {"definition", "workflow", strings.Repeat("d", 64)}}
}

func subject(version int) Subject {
	return Subject{"INTG-088", "plan-approval", Digest(plan(version))}
}

func (o *office) ask(version int) Standing {
	o.t.Helper()
	s, err := o.Ask(context.Background(), request(version))
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func request(version int) Request {
	s := subject(version)
	return Request{Subject: s, Parts: plan(version), Name: "SOW・計画の承認", NameEN: "Approval of SOW and plan", By: "agent"}
}

func answer(version int, passphrase string) Decision {
	return Decision{Subject: subject(version), Passphrase: []byte(passphrase), Approver: "kiri", Channel: Terminal}
}

func (o *office) set(passphrase string) {
	o.t.Helper()
	if err := o.SetPassphrase(context.Background(), nil, []byte(passphrase)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) wants(version int, want State) Standing {
	o.t.Helper()
	s, err := o.Standing(context.Background(), subject(version))
	if err != nil {
		o.t.Fatal(err)
	}
	if s.State != want || s.Digest != subject(version).Digest {
		o.t.Fatalf("%+v, want %s", s, want)
	}
	return s
}

// refuses wants a decision not to be taken.
func (o *office) refuses(d Decision, want error) {
	o.t.Helper()
	if _, err := o.Decide(context.Background(), d); !errors.Is(err, want) {
		o.t.Fatalf("%v, want %v", err, want)
	}
}

func (o *office) accepts(d Decision) Standing {
	o.t.Helper()
	s, err := o.Decide(context.Background(), d)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// entries are the ledger's, of a kind.
func (o *office) entries(kind string) (list []ledger.Entry) {
	o.t.Helper()
	for e, err := range o.ledger.Entries(context.Background(), 0, "") {
		if err != nil {
			o.t.Fatal(err)
		}
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// forge writes to the store past the keeper, as somebody with a shell does.
func (o *office) forge(query string, args ...any) {
	o.t.Helper()
	if err := o.db.Write(context.Background(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		o.t.Fatal(err)
	}
}

func kindOf(err error) fault.Kind { return fault.KindOf(err) }
