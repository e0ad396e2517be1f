package faults

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // somebody with a SQL shell

	"uratori/internal/ledger"
	"uratori/tests/house"
)

// edit changes the store behind the daemon's back.
func edit(t *testing.T, h *house.House, statements ...string) {
	t.Helper()
	shell, err := sql.Open("sqlite", h.Home.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer shell.Close() //nolint:errcheck // the statements below have succeeded
	for _, s := range statements {
		if _, err := shell.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOtherVersion_IsTold_AndMakesRoom(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	newer := filepath.Join(t.TempDir(), "newer")
	if err := house.Build(newer, "9.9.9"); err != nil {
		t.Fatal(err)
	}
	n := &house.House{}
	*n = *h
	n.Program = newer
	if again := n.Status(); again.Daemon.ID != s.Daemon.ID {
		t.Errorf("%+v", again.Daemon)
	}
	if r := n.Run("doctor"); r.Code != 1 || !strings.Contains(r.Out, "it is uratori 1.0.0-test, this command is 9.9.9: run `uratori down`") {
		t.Errorf("%+v", r)
	}
	n.Must("down")
	if after := n.Status(); after.Daemon.Version != "9.9.9" {
		t.Errorf("%+v", after.Daemon)
	}
	n.Must("doctor")
}

func TestOtherProtocol_IsRefused_ButMayStop(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	s := h.Status()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", h.Home.Socket())
	}}}
	ask := func(method, path string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://x"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Uratori-Api", "999")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // only read from
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, body := ask("GET", "/v1/status"); code != http.StatusConflict || !strings.Contains(body, `"code":"control.other_version"`) {
		t.Errorf("%d %s", code, body)
	}
	if code, body := ask("POST", "/v1/stop"); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
	house.Until(t, "the end of the daemon", func() bool {
		alive, err := s.Daemon.Alive()
		return err == nil && !alive
	})
}

func TestNewerSchema_IsRefusedUnchanged(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Status()
	h.Must("down")
	edit(t, h, `INSERT INTO schema_ledger (version_id, is_applied) VALUES (999, 1)`)
	before, err := os.ReadFile(h.Home.Database())
	if err != nil {
		t.Fatal(err)
	}
	r := h.Run("status")
	if r.Code != 1 || !strings.Contains(r.Err, "written by a newer uratori (ledger: version 999, this one knows up to 1)") {
		t.Errorf("%+v", r)
	}
	after, err := os.ReadFile(h.Home.Database())
	if err != nil || string(after) != string(before) {
		t.Errorf("the file was changed, %v", err)
	}
}

func TestCorruptStore_IsSaid(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	if err := h.Home.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.Home.Database(), []byte(strings.Repeat("garbage ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := h.Run("status"); r.Code != 1 || !strings.Contains(r.Err, "damaged or is not a database") {
		t.Errorf("%+v", r)
	}
}

func TestTampering_WithAndWithoutADaemon_IsNamed(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"running": true, "stopped": false} {
		h := house.New(t, program)
		h.Status()
		h.Must("backup", filepath.Join(t.TempDir(), "b.db"))
		if !running {
			h.Must("down")
		}
		edit(t, h, `DROP TRIGGER ledger_no_update`, `UPDATE ledger SET data = '{"bytes":1}' WHERE seq = 2`)
		r := h.Verify()
		if r.Verdict != ledger.Refuted || r.Breaks[0].Seq != 2 || r.Breaks[0].What != ledger.Changed {
			t.Errorf("%s: %+v", name, r)
		}
		if r := h.Run("doctor"); r.Code != 1 || !strings.Contains(r.Out, "breaks at entry 2") {
			t.Errorf("%s: %+v", name, r)
		}
		if r := h.Run("backup", filepath.Join(t.TempDir(), "c.db")); r.Code != 1 || !strings.Contains(r.Out, "✘ refuted") {
			t.Errorf("%s: a backup of a forged ledger: %+v", name, r)
		}
	}
}

// A store that was emptied holds a chain that holds. What was noted beside it
// tells, until a person says that it was he.
func TestStoreEmptiedOrOlder_IsRefuted_UntilAPersonAcceptsIt(t *testing.T) {
	t.Parallel()
	h := house.New(t, program)
	h.Status()
	old := filepath.Join(t.TempDir(), "old.db")
	h.Must("backup", old)
	h.Must("down")
	older, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"emptied": nil, "older": older} {
		if err := os.WriteFile(h.Home.Database(), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := h.Verify(); r.Verdict != ledger.Refuted || r.Breaks[0].What != ledger.Unknown {
			t.Errorf("%s: %+v", name, r)
		}
		if s := h.Status(); len(s.Problems) != 1 || s.Problems[0].Code != "problem.ledger_lost" {
			t.Errorf("%s: %+v", name, s.Problems)
		}
		if r := h.Run("doctor"); r.Code != 1 || !strings.Contains(r.Out, "lacks entry") {
			t.Errorf("%s: %+v", name, r)
		}
		h.Must("down")
	}
	if err := os.Remove(filepath.Join(string(h.Home), "head.json")); err != nil {
		t.Fatal(err)
	}
	if r := h.Verify(); r.Verdict != ledger.Verified {
		t.Errorf("accepted: %+v", r)
	}
	h.Must("doctor")
}
