package workspace_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
	"uratori/tracker/workspace"
)

// between is a context that does something whenever it is asked, which is
// between two steps.
type between struct {
	context.Context
	step func(n int) error
	n    *int
}

func (b between) Err() error {
	*b.n++
	return b.step(*b.n)
}

// steps is how often a whole run asks its context.
func steps(t *testing.T) int {
	t.Helper()
	n := 0
	_, err := workspace.Make(between{t.Context(), func(int) error { return nil }, &n}, request(t, t.TempDir(), "/w/{id}/work", ""))
	must(t, err)
	if n < 5 {
		t.Fatalf("%d steps are too few to get between", n)
	}
	return n
}

func TestMake_FoldersSwappedForLinksBetweenTwoSteps_NothingIsMadeBehindThem(t *testing.T) {
	t.Parallel()
	for _, swapped := range []string{"/w", "/w/A-1", "/w/A-1/work"} {
		for _, here := range []bool{true, false} { // whether the folder that is swapped in has the same folders
			for at := range steps(t) {
				base, target := t.TempDir(), t.TempDir()
				if here {
					folder(t, target+"/A-1/work")
					folder(t, target+"/work")
				}
				before := tree(t, target)
				folder(t, base+"/w/A-1/work")
				n := 0
				ctx := between{t.Context(), func(n int) error {
					if n == at+1 {
						must(t, os.Rename(base+swapped, base+"/aside"))
						must(t, os.Symlink(target, base+swapped))
					}
					return nil
				}, &n}
				made, err := workspace.Make(ctx, request(t, base, "/w/{id}/work", ""))
				// A root that is a link from the start is the user's own.
				if own := swapped == "/w" && at == 0; own {
					must(t, err)
					continue
				}
				if kind := fault.KindOf(err); err == nil || kind != fault.Conflict {
					t.Errorf("%s, step %d: %+v, %v", swapped, at, made, err)
				}
				same(t, target, before)
			}
		}
	}
}

func TestMake_Cancelled_StopsBetweenAnyTwoSteps_AndARepeatFinishes(t *testing.T) {
	t.Parallel()
	stop := errors.New("the daemon stops")
	for at := range steps(t) {
		base, n := t.TempDir(), 0
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := workspace.Make(between{ctx, func(n int) error {
			if n == at+1 {
				cancel(stop)
			}
			return ctx.Err()
		}, &n}, request(t, base, "/w/{id}/work", ""))
		if !errors.Is(err, stop) || n > at+2 { // to look for the cause is to ask once more
			t.Errorf("step %d: %v after %d steps", at, err, n)
		}
		made, err := workspace.Make(t.Context(), request(t, base, "/w/{id}/work", ""))
		must(t, err)
		if len(made.Created)+len(made.Kept) != 2 || len(tree(t, made.Path)) != 3 {
			t.Errorf("%+v", made)
		}
	}
}

func TestMake_ManyAtOnce_EachFileIsMadeOnce_AndWhole(t *testing.T) {
	t.Parallel()
	for range 20 {
		base := t.TempDir()
		created := map[string]int{}
		var lock sync.Mutex
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				r := request(t, base, "/new/w/{id}/work", "")
				r.Summary = strings.Repeat(string(rune('a'+i)), 10_000)
				made, err := workspace.Make(t.Context(), r)
				if err != nil || len(made.Created)+len(made.Kept) != 2 {
					t.Errorf("%+v, %v", made, err)
				}
				lock.Lock()
				defer lock.Unlock()
				for _, name := range made.Created {
					created[name]++
					text, err := os.ReadFile(filepath.Join(made.Path, name))
					if err != nil || !strings.Contains(string(text), r.Summary) {
						t.Errorf("%s is not its maker's: %v", name, err)
					}
				}
			})
		}
		all.Wait()
		if created[sow] != 1 || created[plan] != 1 || len(tree(t, base)) != 7 {
			t.Errorf("%v in %v", created, tree(t, base))
		}
	}
}

func TestMake_FolderSwappedForALinkAllTheTime_TheOtherTicketIsLeftAlone(t *testing.T) {
	t.Parallel()
	for range 100 {
		base := t.TempDir()
		folder(t, base+"/w/A-1")
		folder(t, base+"/w/B-2")
		must(t, os.Symlink("B-2", base+"/w/link"))
		done, swapped := make(chan struct{}), make(chan error)
		go func() {
			for {
				select {
				case <-done:
					swapped <- nil
					return
				default:
					if err := unix.Renameat2(unix.AT_FDCWD, base+"/w/A-1", unix.AT_FDCWD, base+"/w/link", unix.RENAME_EXCHANGE); err != nil {
						<-done
						swapped <- err
						return
					}
				}
			}
		}()
		r := request(t, base, "/w/{id}", "")
		for range 10 {
			if _, err := workspace.Make(t.Context(), r); err != nil && fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		}
		close(done)
		must(t, <-swapped)
		if others := tree(t, base+"/w/B-2"); len(others) != 1 {
			t.Fatalf("made in the folder of another ticket: %v", others)
		}
	}
}
