package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// afterRun is how long a look at what a command has left may take.
const afterRun = time.Minute

// kept is an output that was kept.
type kept struct {
	path string
	hash string // the name of the file, too
}

// canKeep tells whether there is a place for what a command says. Without one
// it is not run: nobody could look again at what was found.
func (s *session) canKeep() error {
	if s.o.Evidence == "" {
		return fault.New(fault.Unavailable, "local.no_evidence")
	}
	if err := os.MkdirAll(s.o.Evidence, 0o700); err != nil {
		return s.notKept(err)
	}
	return nil
}

func (s *session) notKept(err error) error {
	return fault.New(fault.Unavailable, "local.not_kept", "folder", shown(s.o.Evidence)).Wrap(bare(err))
}

// keep writes down what a command has said, without secrets, in a file that is
// called by its own hash and that only this user can read.
func (s *session) keep(c *gate.Command, r *ran) (kept, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "command: %q\nticket: %s\nbegan: %s\nended: %s\n", c.Exec, c.Scope.Ticket, r.began.UTC().Format(time.RFC3339Nano), r.ended.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(&b, "exit status: %d\n", r.status)
	if r.signal != "" {
		fmt.Fprintf(&b, "signal: %s\n", r.signal)
	}
	if r.late {
		fmt.Fprintf(&b, "ended after: %s\n", c.Limit)
	}
	for _, stream := range []struct {
		name string
		*capped
	}{{"stdout", r.stdout}, {"stderr", r.stderr}} {
		fmt.Fprintf(&b, "\n--- %s, %d bytes", stream.name, len(stream.data))
		if stream.lost {
			b.WriteString(", and more that was not kept")
		}
		b.WriteString(" ---\n")
		b.Write(stream.data)
	}
	text := s.o.Blot(b.String())
	sum := sha256.Sum256([]byte(text))
	k := kept{hash: hex.EncodeToString(sum[:])}
	k.path = filepath.Join(s.o.Evidence, k.hash)
	if err := write(s.o.Evidence, k.path, text); err != nil {
		return kept{}, s.notKept(err)
	}
	return k, nil
}

// write makes a file that is whole or not there.
func write(folder, path, text string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return nil // the same text
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
