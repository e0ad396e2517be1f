package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"uratori/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock ticks a second at each look.
func clock() func() time.Time {
	at := time.Date(2026, 11, 21, 10, 12, 3, 0, time.FixedZone("JST", 9*3600))
	return func() time.Time { at = at.Add(time.Second); return at }
}

func openLedger(t testing.TB, path string) (*store.DB, *Ledger) {
	t.Helper()
	db, err := store.Open(context.Background(), path, Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, New(db, clock())
}

type note struct {
	Text string `json:"text"`
	N    int    `json:"n"`
}

func record(t testing.TB, l *Ledger, subject string, data any) Entry {
	t.Helper()
	e, err := l.Record(context.Background(), "test.noted", subject, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func verify(t testing.TB, db *store.DB, known Hash) Report {
	t.Helper()
	r, err := Verify(context.Background(), db.Reader().DB, known)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAppend_ChainsAndVerifies(t *testing.T) {
	db, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	if r := verify(t, db, Hash{}); r.Verdict != Verified || r.Entries != 0 {
		t.Fatalf("empty ledger: %+v", r)
	}
	var last Entry
	for i := range 20 {
		e := record(t, l, fmt.Sprintf("INTG-%03d", i%3), note{"詳細 │ \"quoted\" \u2028 <b>", i})
		if e.Seq != int64(i+1) || e.PrevHash != last.Hash {
			t.Fatalf("entry %d does not follow %d", e.Seq, last.Seq)
		}
		last = e
	}
	if want := "2026-11-21T01:12:23.000000000Z"; last.At != want {
		t.Errorf("at %s, want %s", last.At, want)
	}
	r := verify(t, db, last.Hash)
	if r.Verdict != Verified || r.Entries != 20 || r.Head != (Head{20, last.Hash}) || len(r.Breaks) != 0 {
		t.Errorf("report %+v", r)
	}
	if head, err := l.Head(t.Context()); err != nil || head != r.Head {
		t.Errorf("head %+v, %v", head, err)
	}
}

func TestAppend_SameTransactionAsTheState_BothOrNeither(t *testing.T) {
	db, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("CREATE TABLE state (seq INTEGER)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				e, err := l.Append(tx, "test.noted", "state", note{N: i})
				if err != nil {
					return err
				}
				if _, err := tx.Exec("INSERT INTO state VALUES (?)", e.Seq); err != nil {
					return err
				}
				if i%4 == 0 {
					return refused
				}
				return nil
			})
			if (err != nil) != (i%4 == 0) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var entries, states, matched int
	if err := db.Reader().QueryRowContext(t.Context(),
		"SELECT (SELECT count(*) FROM ledger), (SELECT count(*) FROM state), (SELECT count(*) FROM ledger JOIN state USING (seq))").Scan(&entries, &states, &matched); err != nil {
		t.Fatal(err)
	}
	if entries != 30 || states != 30 || matched != 30 {
		t.Errorf("%d entries, %d states, %d of them together", entries, states, matched)
	}
	if r := verify(t, db, Hash{}); r.Verdict != Verified {
		t.Errorf("%+v", r)
	}
}

func TestAppend_BadInput_IsRefusedAndNothingIsWritten(t *testing.T) {
	db, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	for name, try := range map[string]struct {
		kind, subject string
		data          any
	}{
		"kind without a room":   {"noted", "x", note{}},
		"kind in capitals":      {"Test.Noted", "x", note{}},
		"kind with a line feed": {"test.noted\n", "x", note{}},
		"no subject":            {"test.noted", "", note{}},
		"long subject":          {"test.noted", strings.Repeat("あ", 201), note{}},
		"control in subject":    {"test.noted", "INTG-1\x1b[2J", note{}},
		"subject not UTF-8":     {"test.noted", "INTG\xff", note{}},
		"data not an object":    {"test.noted", "x", []int{1}},
		"data null":             {"test.noted", "x", nil},
		"data not UTF-8":        {"test.noted", "x", note{Text: "\xff"}},
		"data not JSON":         {"test.noted", "x", map[string]any{"f": func() {}}},
		"data not a number":     {"test.noted", "x", map[string]any{"f": 1 / zero}},
		"huge data":             {"test.noted", "x", note{Text: strings.Repeat("x", maxData)}},
	} {
		if _, err := l.Record(t.Context(), try.kind, try.subject, try.data); err == nil {
			t.Errorf("%s: accepted", name)
		} else if len(err.Error()) > 400 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
	record(t, l, strings.Repeat("あ", 200), note{Text: strings.Repeat("x", maxData-100)})
	if r := verify(t, db, Hash{}); r.Verdict != Verified || r.Entries != 1 {
		t.Errorf("%d entries, %s", r.Entries, r.Verdict)
	}
}

var zero = 0.0

func TestAppend_OurOwnCodeCannotChangeOrDelete(t *testing.T) {
	db, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	record(t, l, "x", note{})
	for _, query := range []string{"UPDATE ledger SET data = '{}'", "DELETE FROM ledger", "INSERT OR REPLACE INTO ledger SELECT * FROM ledger"} {
		err := db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query); return err })
		if err == nil {
			t.Errorf("%s: accepted", query)
		}
	}
}

// The export is the proof that others can check: its lines give their hashes
// with nothing of ours but the rule in the package comment.
func TestEntry_ExportedLine_HashesWithoutThisProgram(t *testing.T) {
	_, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	for _, text := range []string{"plain", "漢字かな交じり│罫線", `quote " backslash \ slash /`, "tab\tnewline\n", "\u2028\u2029<>&", "emoji 🧑‍🔬", "\x01\x1f\x7f"} {
		record(t, l, "INTG-088", map[string]any{"z": text, "a": 1.5, "b": []any{nil, true, int64(1) << 52}})
	}
	var prev string
	for e, err := range l.Entries(t.Context(), 0, "") {
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		// A foreign decoder and encoder: sorted keys, no HTML escapes.
		var fields map[string]any
		d := stdjson.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&fields); err != nil {
			t.Fatal(err)
		}
		hash := fields["hash"]
		delete(fields, "hash")
		var b bytes.Buffer
		enc := stdjson.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(fields); err != nil {
			t.Fatal(err)
		}
		// encoding/json escapes these two, RFC 8785 does not.
		canonical := strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
		sum := sha256.Sum256([]byte(canonical))
		if hex.EncodeToString(sum[:]) != hash {
			t.Errorf("entry %d: %s gives another hash than %v", e.Seq, canonical, hash)
		}
		if prev != "" && fields["prev_hash"] != prev {
			t.Errorf("entry %d does not follow", e.Seq)
		}
		prev = hash.(string)
	}
}

func TestEntries_BySubjectAndPages(t *testing.T) {
	_, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	var want []int64
	for i := range 2*page + 10 {
		subject := "a"
		if i%2 == 0 {
			subject = "b"
		}
		e := record(t, l, subject, note{N: i})
		if subject == "b" && e.Seq > 100 {
			want = append(want, e.Seq)
		}
	}
	var got []int64
	for e, err := range l.Entries(t.Context(), 100, "b") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Seq)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct {
		n       int
		subject string
		first   int64
		count   int
	}{
		{3, "", 2*page + 8, 3},
		{3, "a", 2*page + 6, 3},
		{5000, "a", 2, page + 5},
		{1, "nothing", 0, 0},
	} {
		last, err := l.Last(t.Context(), tc.n, tc.subject)
		if err != nil || len(last) != tc.count || (len(last) > 0 && last[0].Seq != tc.first) {
			t.Errorf("Last(%d, %q): %d entries, %v", tc.n, tc.subject, len(last), err)
		}
	}
}

func TestNews_WakesAfterTheEntryCanBeRead(t *testing.T) {
	_, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	const total = 200
	var reader sync.WaitGroup
	reader.Go(func() {
		var after int64
		for after < total {
			news := l.News()
			read := 0
			for e, err := range l.Entries(t.Context(), after, "") {
				if err != nil {
					t.Error(err)
					return
				}
				if e.Seq != after+1 {
					t.Errorf("entry %d after %d", e.Seq, after)
				}
				after = e.Seq
				read++
			}
			if read == 0 {
				<-news
			}
		}
	})
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for i := range total / 4 {
				record(t, l, "x", note{N: i})
			}
		})
	}
	writers.Wait()
	reader.Wait()
}

func TestHash_Text(t *testing.T) {
	h := Hash(sha256.Sum256([]byte("x")))
	text, err := h.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var back Hash
	if err := back.UnmarshalText(text); err != nil || back != h {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{"", "ab", string(text) + "00", strings.Repeat("g", 64)} {
		if err := back.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
	if s := bufio.NewScanner(strings.NewReader(h.String())); !s.Scan() || s.Text() != string(text) {
		t.Errorf("String() = %s", h)
	}
}

func TestOfKind_ThatKindOfThatSubject_AndNoWordsOfSQL(t *testing.T) {
	_, l := openLedger(t, filepath.Join(t.TempDir(), "l.db"))
	record(t, l, "a", note{N: 1})
	want, err := l.Record(t.Context(), "test.other_kind", "a", note{N: 2})
	if err != nil {
		t.Fatal(err)
	}
	record(t, l, "b", note{N: 3})
	var got []int64
	for e, err := range l.OfKind(t.Context(), 0, "a", "test.other_kind") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Seq)
	}
	if !slices.Equal(got, []int64{want.Seq}) {
		t.Errorf("%v, not %d", got, want.Seq)
	}
	for _, err := range l.OfKind(t.Context(), 0, "a", "x' OR kind <> '") {
		if err == nil {
			t.Error("read as a statement")
		}
	}
	for e, err := range l.OfKind(t.Context(), 0, "", "test.other_kind") {
		t.Errorf("of no subject: %v, %v", e, err)
	}
}
