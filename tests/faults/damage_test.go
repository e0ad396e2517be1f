package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uratori/internal/ledger"
	"uratori/tests/house"
)

// Without its journal the store would take what is written to the grave.
func TestJournalDeletedUnderTheDaemon_NothingMoreIsAcknowledged(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Status()
	if err := os.Remove(h.Home.Database() + "-wal"); err != nil {
		t.Fatal(err)
	}
	if r := h.Run("backup", filepath.Join(t.TempDir(), "b.db")); r.Code == 0 {
		t.Errorf("backup: %+v", r)
	}
	s := h.Status()
	if len(s.Problems) == 0 {
		t.Error("status knows no problem")
	}
	if r := h.Run("doctor"); r.Code == 0 {
		t.Errorf("doctor: %+v", r)
	}
	h.Kill(s)
	if after := h.Verify(); after.Entries < s.Ledger.Entries && len(s.Problems) == 0 {
		t.Errorf("of %d entries %d are left, and nobody was told", s.Ledger.Entries, after.Entries)
	}
}

// filled is a home with a store of some pages, its daemon stopped.
func filled(t *testing.T) (*house.House, []byte) {
	t.Helper()
	h := house.New(t, program)
	dir := t.TempDir()
	for _, name := range strings.Split("abcdefghijklmnop", "") {
		h.Must("backup", filepath.Join(dir, strings.Repeat(name, 200)))
	}
	h.Must("down")
	good, err := os.ReadFile(h.Home.Database())
	if err != nil {
		t.Fatal(err)
	}
	return h, good
}

// Wherever the file is damaged, doctor refutes it and nothing that is wrong is
// called verified.
func TestDamagedPage_DoctorRefutes(t *testing.T) {
	t.Parallel()
	h, good := filled(t)
	const page = 4096
	for at := 0; at < len(good); at += page {
		bad := append([]byte(nil), good...)
		for i := range page {
			bad[at+i] ^= 0xa5
		}
		restore(t, h, bad)
		r := h.Run("doctor")
		if r.Code != 1 || !strings.Contains(r.Out, "damaged") {
			t.Errorf("page %d of %d: doctor ends with %d:\n%s", at/page+1, len(good)/page, r.Code, r.Out)
		}
		h.Must("down")
	}
}

func TestCutStore_IsSaid(t *testing.T) {
	t.Parallel()
	h, good := filled(t)
	for _, left := range []int{600, 4096, 5000, len(good) - 4096, len(good) - 1} {
		restore(t, h, good[:left])
		r := h.Run("ledger", "verify")
		if r.Code != 1 || !strings.Contains(r.Out+r.Err, "is damaged or is not a database") && !strings.Contains(r.Out, "✘ refuted") {
			t.Errorf("%d bytes of %d left: %+v", left, len(good), r)
		}
		h.Must("down")
	}
}

// A backup put in place beside the journal of the old store is a mixture. It is
// refused, or it is the old chain as a whole; done as the help says, it is
// good.
func TestBackupBesideAnOldJournal_IsRefusedOrWhole(t *testing.T) {
	t.Parallel()
	for backups := range 5 {
		h := house.New(t, program)
		first := filepath.Join(t.TempDir(), "first.db")
		h.Must("backup", first)
		for i := range backups {
			h.Must("backup", filepath.Join(t.TempDir(), strings.Repeat("x", i+1)))
		}
		s := h.Status()
		h.Kill(s)
		copied, err := os.ReadFile(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(h.Home.Database(), copied, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := h.Run("ledger", "verify", "--known", s.Ledger.Head.String()); r.Code != 0 && !strings.Contains(r.Err, "damaged") {
			t.Errorf("%d later backups: neither refused nor whole: %+v", backups, r)
		} else if r.Code != 0 && !strings.Contains(r.Err, "uratori.db-wal") {
			t.Errorf("%d later backups: how to mend it lacks the journal: %s", backups, r.Err)
		}
		h.Must("down")
		restore(t, h, copied)
		if r := h.Verify(); r.Verdict != ledger.Verified {
			t.Errorf("%d later backups: %+v", backups, r)
		}
		h.Must("doctor")
	}
}

// restore puts a store in place as the help of backup says: without the
// journal and the noted head of another.
func restore(t *testing.T, h *house.House, file []byte) {
	t.Helper()
	for _, other := range []string{h.Home.Database() + "-wal", h.Home.Database() + "-shm", filepath.Join(string(h.Home), "head.json")} {
		if err := os.RemoveAll(other); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(h.Home.Database(), file, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTampering_EveryKind_IsNamedWhereItIs(t *testing.T) {
	t.Parallel()
	const column = `seq, at, kind, subject, data, prev_hash, hash`
	for name, tc := range map[string]struct {
		statements []string
		seq        int64
	}{
		"changed time":    {[]string{`UPDATE ledger SET at = '2020-01-01T00:00:00Z' WHERE seq = 3`}, 3},
		"changed kind":    {[]string{`UPDATE ledger SET kind = 'task.exited' WHERE seq = 3`}, 3},
		"changed subject": {[]string{`UPDATE ledger SET subject = 'INTG-001' WHERE seq = 3`}, 3},
		"removed":         {[]string{`DELETE FROM ledger WHERE seq = 3`}, 3},
		"swapped": {[]string{
			`UPDATE ledger SET seq = 99 WHERE seq = 2`, `UPDATE ledger SET seq = 2 WHERE seq = 3`, `UPDATE ledger SET seq = 3 WHERE seq = 99`,
		}, 2},
		"added": {[]string{ // behind the last
			`INSERT INTO ledger (` + column + `) SELECT seq + 1, at, kind, subject, data, hash, prev_hash FROM ledger ORDER BY seq DESC LIMIT 1`,
		}, 0},
	} {
		h := house.New(t, program)
		dir := t.TempDir()
		for _, file := range []string{"1", "2", "3"} {
			h.Must("backup", filepath.Join(dir, file))
		}
		if tc.seq == 0 {
			tc.seq = h.Verify().Entries + 1
		}
		edit(t, h, append([]string{`DROP TRIGGER ledger_no_update`, `DROP TRIGGER ledger_no_delete`}, tc.statements...)...)
		r := h.Verify()
		if r.Verdict != ledger.Refuted || len(r.Breaks) == 0 || r.Breaks[0].Seq != tc.seq {
			t.Errorf("%s, daemon running: %+v", name, r)
		}
		h.Must("down")
		if r := h.Run("ledger", "verify"); r.Code != 1 {
			t.Errorf("%s, a new daemon: %+v", name, r)
		}
		if r := h.Run("doctor"); r.Code != 1 {
			t.Errorf("%s, doctor: %+v", name, r)
		}
	}
}
