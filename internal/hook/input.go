package hook

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sys/unix"

	"uratori/internal/fault"
)

// longestInput is in bytes: more than a model writes in one call, and less than
// what takes long to read.
const longestInput = 16 << 20

// input is what Claude Code tells of an event. What else it tells is not looked
// at.
type input struct {
	Session        string         `json:"session_id"`
	Cwd            string         `json:"cwd"`
	Event          string         `json:"hook_event_name"`
	Source         string         `json:"source"` // of SessionStart: startup, resume, clear, compact
	Tool           string         `json:"tool_name"`
	ToolInput      jsontext.Value `json:"tool_input"`
	StopHookActive bool           `json:"stop_hook_active"` // the agent goes on because a hook had it go on
	Agent          string         `json:"agent_type"`       // of SubagentStop
}

var errLate = errors.New("the input did not end in time")

// read reads the whole input. Whoever writes it and never ends it must not keep
// an agent from its work.
func read(ctx context.Context, from io.Reader, patience time.Duration) ([]byte, error) {
	if f, ok := from.(*os.File); ok {
		from = &impatient{f: f, done: ctx.Done(), until: time.Now().Add(patience)}
	}
	raw, err := io.ReadAll(io.LimitReader(from, longestInput+1))
	switch {
	case errors.Is(err, errLate):
		return nil, fault.New(fault.Invalid, "hook.input_late", "limit", patience)
	case err != nil:
		return nil, fault.New(fault.Invalid, "hook.input_unread").Wrap(err)
	case len(raw) > longestInput:
		// Whoever writes it would rather be read to the end than cut off.
		_, _ = io.Copy(io.Discard, from) // it is refused whatever becomes of the rest
		return nil, fault.New(fault.Invalid, "hook.input_long", "bytes", longestInput)
	}
	return raw, nil
}

// impatient reads from a pipe, a socket or a terminal for a limited time. Files
// that this program inherits have no deadlines of their own.
type impatient struct {
	f     *os.File
	done  <-chan struct{}
	until time.Time
}

func (i *impatient) Read(p []byte) (int, error) {
	for {
		select {
		case <-i.done:
			return 0, errLate
		default:
		}
		left := time.Until(i.until)
		if left <= 0 {
			return 0, errLate
		}
		ready := []unix.PollFd{{Fd: int32(i.f.Fd()), Events: unix.POLLIN}}
		n, err := unix.Poll(ready, int(left.Milliseconds())+1)
		switch {
		case errors.Is(err, unix.EINTR) || err == nil && n == 0:
			continue
		case err != nil:
			return 0, err
		}
		return i.f.Read(p)
	}
}

// decode reads an input. A text that is no good UTF-8 and a name that stands
// there twice are read as Claude Code itself reads them, for what is refused
// here is let go.
func decode(raw []byte) (input, error) {
	var in input
	err := json.Unmarshal(raw, &in, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		return input{}, fault.New(fault.Invalid, "hook.input_wrong", "problem", brief(err.Error()))
	}
	if jsontext.Value(raw).Kind() != '{' {
		return input{}, fault.New(fault.Invalid, "hook.input_wrong", "problem", "not an object")
	}
	return in, nil
}

// into reads a part of the input that each tool has its own form of.
func into(raw jsontext.Value, to any) error {
	return json.Unmarshal(raw, to, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}
