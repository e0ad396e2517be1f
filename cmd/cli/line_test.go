package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/control/line"
	"uratori/internal/fault"
)

// carrier is the part of a daemon that carries lines out, beside a planted one.
func carrier(h *house) lines {
	build := control.Build{Version: "test"}
	return lines{build: build, home: h.home, zone: zoneOf(os.LookupEnv), dial: func(ctx context.Context) (*control.Client, error) {
		return control.Dial(ctx, h.home, build)
	}}
}

func lineFrom(t *testing.T, h *house, dir string, args ...string) line.Line {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(dir, &s); err != nil {
		t.Fatal(err)
	}
	environ := []string{"URATORI_HOME=" + string(h.home), "PATH=/usr/bin:/bin"}
	if zone, given := os.LookupEnv("TZ"); given {
		environ = append(environ, "TZ="+zone)
	}
	return line.Line{
		Version: "test", Args: args, Environ: environ, Key: line.NewKey(), At: time.Now(),
		Folder: line.Folder{Path: dir, Device: uint64(s.Dev), Inode: s.Ino}, //nolint:unconvert // on some machines it is narrower
	}
}

// Each of many lines at a time is understood as its own caller's: by its language,
// folder, variables and key.
func TestLines_ManyAtOnce_EachIsItsOwnCallers(t *testing.T) {
	h := newHouse(t)
	h.plant(control.TasksPath, does(func(w http.ResponseWriter, r *http.Request) {
		var e control.Enqueue
		if err := json.UnmarshalRead(r.Body, &e); err != nil {
			h.t.Error(err)
		}
		_ = json.MarshalWrite(w, control.Enqueued{Task: 1, State: "queued", Position: 2, Ticket: strings.Join([]string{e.Cwd, e.Key, e.Ticket, strings.Join(e.Environ, ",")}, "|")})
	}))
	c := carrier(h)
	var all sync.WaitGroup
	for i := range 40 {
		l := lineFrom(t, h, t.TempDir(), "enqueue", "--", "true")
		ticket, words := fmt.Sprintf("INTG-%d", i+1), "position 2"
		l.Environ = append(l.Environ, "TRACKER_ID="+ticket, fmt.Sprintf("MINE=%d", i))
		if i%2 == 1 {
			l.Environ, words = append(l.Environ, "URATORI_LANG=ja"), "2 番目"
		}
		all.Go(func() {
			a, err := c.carryOut(t.Context(), l)
			if err != nil || a.Status != 0 || len(a.Parts) == 0 {
				t.Errorf("%+v, %v", a, err)
				return
			}
			said := string(a.Parts[0].Text)
			for _, want := range []string{l.Folder.Path, l.Key, ticket, fmt.Sprintf("MINE=%d)", i), words} {
				if !strings.Contains(said, want) {
					t.Errorf("no %q in %s", want, said)
				}
			}
		})
	}
	all.Wait()
}

// A daemon that cannot reach itself is leaving: what became of the line is not
// told, whatever is known, and the whole program asks again.
func TestLines_TheDaemonIsLeaving_IsNoAnswer(t *testing.T) {
	h := newHouse(t)
	h.plant(control.TasksPath, hangUp{})
	if a, err := carrier(h).carryOut(t.Context(), lineFrom(t, h, t.TempDir(), "enqueue", "--", "true")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%+v, %v", a, err)
	}
	h.server.Close()
	if a, err := carrier(h).carryOut(t.Context(), lineFrom(t, h, t.TempDir(), "status")); !errors.Is(err, fault.New(fault.Unavailable, "line.open")) {
		t.Errorf("%+v, %v", a, err)
	}
}

// What the daemon itself refuses is an answer, with its status.
func TestLines_AFault_IsAnAnswer(t *testing.T) {
	h := newHouse(t)
	h.plant(control.TasksPath, fault.New(fault.Conflict, "task.key_taken", "key", "k", "task", 1))
	a, err := carrier(h).carryOut(t.Context(), lineFrom(t, h, t.TempDir(), "enqueue", "--", "true"))
	if err != nil || a.Status != exitConflict || len(a.Parts) != 1 || !a.Parts[0].Error {
		t.Errorf("%+v, %v", a, err)
	}
}
