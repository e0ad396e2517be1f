// Package crash kills the daemon at random moments while others write, and
// looks afterwards whether everything that it had promised is there.
package crash

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	_ "modernc.org/sqlite" // the test reads the file as a stranger would

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

const (
	kills   = 100
	writers = 4
)

type key struct {
	Writer string `json:"writer"`
	N      int    `json:"n"`
}

func TestKill9_WhileFourWrite_EverythingAcknowledgedIsThereAndTheChainHolds(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "scribe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./scribe")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	home := config.Home(filepath.Join(dir, "home"))
	if err := home.Create(); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any number will do
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // moments, not secrets

	acked := struct {
		sync.Mutex
		entries map[key]ledger.Entry
	}{entries: map[key]ledger.Entry{}}
	var count atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			client := unixClient(home)
			for n := 0; ctx.Err() == nil; n++ {
				k := key{fmt.Sprintf("writer-%d", i), n}
				e, err := write(ctx, client, k)
				if err != nil {
					client.CloseIdleConnections()
					continue // unknown: it may be there or not
				}
				acked.Lock()
				acked.entries[k] = e
				acked.Unlock()
				count.Add(1)
			}
		})
	}

	for range kills {
		d := start(t, program, home)
		if random.IntN(5) > 0 {
			// Most die at work, after some more acknowledgements …
			d.until(t, count.Load()+1+random.Int64N(60), &count)
		}
		// … and all at a moment that nothing in the daemon is in step with.
		select {
		case <-time.After(time.Duration(random.Int64N(int64(30 * time.Millisecond)))):
		case <-d.ended:
			t.Fatalf("the daemon ended by itself: %s", d.words.String())
		}
		d.kill(t)
	}
	stop()
	all.Wait()
	if len(acked.entries) < kills {
		t.Fatalf("only %d writes were acknowledged: the test did not do its work", len(acked.entries))
	}

	d := start(t, program, home)
	defer d.kill(t)
	d.ready(t, home)
	judge(t, home, acked.entries)
}

// judge reads the file without any code of the store.
func judge(t *testing.T, home config.Home, acked map[key]ledger.Entry) {
	t.Helper()
	client, err := control.Dial(t.Context(), home, control.Build{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	report, err := client.VerifyLedger(t.Context(), ledger.Hash{})
	if err != nil || report.Verdict != ledger.Verified {
		t.Fatalf("the chain: %+v, %v", report, err)
	}
	kept := map[key]ledger.Entry{}
	started := 0
	for e, err := range client.Entries(t.Context(), control.Slice{}) {
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind {
		case "daemon.started":
			started++
		case "scribe.wrote":
			var k key
			if err := json.Unmarshal(e.Data, &k); err != nil {
				t.Fatal(err)
			}
			if _, ok := kept[k]; ok {
				t.Errorf("%v is there twice", k)
			}
			kept[k] = e
		}
	}
	for k, e := range acked {
		if got, ok := kept[k]; !ok || got.Hash != e.Hash || got.Seq != e.Seq {
			t.Errorf("%v was acknowledged as entry %d %s, and is %d %s", k, e.Seq, e.Hash, got.Seq, got.Hash)
		}
	}
	db, err := sql.Open("sqlite", "file:"+home.Database()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // only read from
	var rows, together int
	if err := db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM scribe), (SELECT count(*) FROM scribe JOIN ledger USING (seq)
		WHERE kind = 'scribe.wrote' AND json_extract(data, '$.writer') = writer AND json_extract(data, '$.n') = n)`).Scan(&rows, &together); err != nil {
		t.Fatal(err)
	}
	if rows != len(kept) || together != rows {
		t.Errorf("%d rows, %d entries, %d of them together", rows, len(kept), together)
	}
	t.Logf("%d kills, %d daemons that came to work, %d writes acknowledged, %d kept, %d entries", kills, started, len(acked), len(kept), report.Entries)
}

func write(ctx context.Context, client *http.Client, k key) (ledger.Entry, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://x/v1/scribe?writer=%s&n=%d", k.Writer, k.N), nil)
	if err != nil {
		return ledger.Entry{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return ledger.Entry{}, err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	if res.StatusCode != http.StatusOK {
		return ledger.Entry{}, errors.New(res.Status)
	}
	var e ledger.Entry
	err = json.UnmarshalRead(res.Body, &e)
	return e, err
}

func unixClient(home config.Home) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", home.Socket())
	}}}
}

type process struct {
	cmd   *exec.Cmd
	words *bytes.Buffer
	ended chan struct{}
}

func start(t *testing.T, program string, home config.Home) *process {
	t.Helper()
	p := &process{words: &bytes.Buffer{}, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), program)
	p.cmd.Env = append(os.Environ(), "URATORI_HOME="+string(home), "URATORI_SERVER_LISTEN=127.0.0.1:0")
	p.cmd.Stdout, p.cmd.Stderr = p.words, p.words
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // killed, as planned
	}()
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-p.ended
}

// until waits for that many acknowledgements in all.
func (p *process) until(t *testing.T, want int64, count *atomic.Int64) {
	t.Helper()
	p.wait(t, func() bool { return count.Load() >= want })
}

func (p *process) ready(t *testing.T, home config.Home) {
	t.Helper()
	p.wait(t, func() bool {
		c, err := control.Dial(t.Context(), home, control.Build{})
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (p *process) wait(t *testing.T, there func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for !there() {
		select {
		case <-p.ended:
			t.Fatalf("the daemon ended by itself: %s", p.words.String())
		case <-deadline:
			t.Fatal("the daemon does not come to work")
		case <-time.After(time.Millisecond):
		}
	}
}
