package items

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// Log is the job log of a task that runs its command once per item: what was
// begun and how it ended, in a file of JSON lines that survives the attempts.
//
// A line is written before a command is started and one after it has ended, so
// that after a kill -9 it is known which items were in hand. Items are told
// apart by path, size and time of their inputs: an input that was changed is a
// new one. A torn line, and any that cannot be read, counts as not written.
//
// One process writes it; its methods are safe for concurrent use. A nil *Log
// is an empty one.
type Log struct {
	lock sync.Mutex
	file *os.File // nil: opened for reading alone
	runs map[string]Run
}

// logFile is the name of the log in a checkpoint folder.
const logFile = "each.jsonl"

// Run is a line of the log.
type Run struct {
	Item     string        `json:"item"` // path of the input
	Size     int64         `json:"size"` // of the input when the command was started
	Modified time.Time     `json:"modified"`
	Started  time.Time     `json:"started"`
	Ended    time.Time     `json:"ended,omitzero"` // zero: it was in hand when the line was written
	Took     time.Duration `json:"took_ns,omitzero,format:nano"`
	Exit     int           `json:"exit"`            // once ended; -1 when a signal ended it
	Signal   string        `json:"signal,omitzero"` // its name
	Error    string        `json:"error,omitzero"`  // why it could not be started, or its outputs did not count
}

// Succeeded tells whether the command ended well, and what it made counted.
func (r Run) Succeeded() bool {
	return !r.Ended.IsZero() && r.Exit == 0 && r.Signal == "" && r.Error == ""
}

// Problem is how the run failed, nil when it succeeded or has not ended.
func (r Run) Problem() error {
	switch {
	case r.Ended.IsZero() || r.Succeeded():
		return nil
	case r.Error != "":
		return errors.New(r.Error)
	case r.Signal != "":
		return fmt.Errorf("ended by %s", r.Signal)
	}
	return fmt.Errorf("exit status %d", r.Exit)
}

// longestLine bounds a line of the log, in bytes.
const longestLine = 64 << 10

// ReadLog reads the log in a checkpoint folder. Where there is none, it is
// empty.
func ReadLog(checkpoint string) (*Log, error) {
	f, err := openRegular(filepath.Join(checkpoint, logFile))
	if gone(err) {
		return &Log{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of items: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	runs, err := readRuns(f)
	if err != nil {
		return nil, fmt.Errorf("read the log of items: %w", err)
	}
	return &Log{runs: runs}, nil
}

// readRuns keeps the last line of each item. The error is that of r.
func readRuns(r io.Reader) (map[string]Run, error) {
	runs := map[string]Run{}
	lines := bufio.NewReaderSize(r, longestLine)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			// Longer than any that is written: skip it.
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = lines.ReadSlice('\n')
			}
			line = nil
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return runs, nil // what has no end of line was torn
			}
			return nil, err
		}
		var run Run
		if line != nil && json.Unmarshal(bytes.TrimSuffix(line, []byte("\n")), &run) == nil && run.Item != "" {
			runs[run.Item] = run
		}
	}
}

// OpenLog opens the log in a checkpoint folder for reading and writing.
func OpenLog(checkpoint string) (*Log, error) {
	l, err := ReadLog(checkpoint)
	if err != nil {
		return nil, err
	}
	if l.runs == nil {
		l.runs = map[string]Run{}
	}
	f, err := os.OpenFile(filepath.Join(checkpoint, logFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of items: %w", err)
	}
	// A torn line must not swallow the next one.
	if _, err := f.WriteString("\n"); err != nil {
		return nil, errors.Join(fmt.Errorf("write the log of items: %w", err), f.Close())
	}
	l.file = f
	return l, nil
}

// Close ends the writing.
func (l *Log) Close() error { return l.file.Close() }

// ErrNoInput is in the error of a run whose input cannot be looked at.
var ErrNoInput = errors.New("the input cannot be looked at")

// Begin notes that the command is about to be started for an item, unless the
// error is [ErrNoInput]; any other is one of the log.
func (l *Log) Begin(item string, now time.Time) (Run, error) {
	in, err := statFile(item)
	if err != nil {
		return Run{}, fmt.Errorf("%w: %w", ErrNoInput, err)
	}
	run := Run{Item: item, Size: in.size, Modified: in.time(), Started: now}
	return run, l.write(run, false)
}

// End notes how a run that [Log.Begin] gave has ended, its Ended filled in,
// and returns when that is on the disk.
func (l *Log) End(run Run) error { return l.write(run, true) }

func (l *Log) write(run Run, durable bool) error {
	line, err := json.Marshal(run)
	if err != nil {
		return fmt.Errorf("write the log of items: %w", err)
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write the log of items: %w", err)
	}
	if durable {
		if err := l.file.Sync(); err != nil {
			return fmt.Errorf("write the log of items: %w", err)
		}
	}
	l.runs[run.Item] = run
	return nil
}

// lastRun is what the log says about an item as it is now; nothing when it
// has no run of it.
type lastRun struct {
	inHand    bool // it was begun and has not ended, as far as is known
	ended     bool
	succeeded bool
	at        time.Time // when it ended, or, in hand, when it began
	err       error     // why it failed
}

// cutOff tells whether an output may have been cut off with the run that was
// in hand. A run is begun for an item whose outputs do not count, so what was
// there before it, perhaps left by a run that was cut off or failed before,
// does not count now either; what it wrote itself counts as a whole picture.
func (r lastRun) cutOff(f Format, written time.Time) bool {
	return r.inHand && (f == Other || before(written, r.at, tick))
}

func (l *Log) last(item string, in file, since time.Time) lastRun {
	if l == nil {
		return lastRun{}
	}
	l.lock.Lock()
	run, ok := l.runs[item]
	l.lock.Unlock()
	if !ok || run.Size != in.size || !run.Modified.Equal(in.time()) || run.Started.Before(since) {
		return lastRun{}
	}
	if run.Ended.IsZero() {
		return lastRun{inHand: true, at: run.Started}
	}
	return lastRun{ended: true, succeeded: run.Succeeded(), at: run.Ended, err: run.Problem()}
}
