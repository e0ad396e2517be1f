package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/runner/items"
	"uratori/runner/progress"
)

// Order asks for a command to be run.
type Order struct {
	Ticket    string
	Name      string // empty: the base name of the program
	Spec      Spec
	Environ   []string // of whoever asks; kept apart from the ledger
	Retries   *int     // nil is the setting
	Priority  int
	After     []int64
	NotBefore time.Time
	Hold      bool
	Key       string // the same key and content again is the same task
}

// The bounds of an order.
const (
	longestName = 100     // characters
	mostArgs    = 1 << 20 // bytes of argv; the kernel takes about twice that, with the environment
	mostRetries = 1000
	mostAfter   = 1000
	highest     = 1000 // priority, either way
	mostGPUs    = 1000
	mostEach    = 1000
)

// Enqueue stores a task and returns it once it is durable. A task whose needs
// are met starts by itself when there is a free slot.
func (r *Runner) Enqueue(ctx context.Context, o Order) (Task, error) {
	if err := r.complete(&o); err != nil {
		return Task{}, err
	}
	if err := r.knowTicket(ctx, o.Ticket); err != nil {
		return Task{}, err
	}
	if err := r.knowGPUs(ctx, o.Spec.GPU); err != nil {
		return Task{}, err
	}
	list, err := inputs(ctx, o.Spec, o.Environ)
	if err != nil {
		return Task{}, err
	}
	content, err := digest(o)
	if err != nil {
		return Task{}, err
	}
	var t Task
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		id, err := r.sameKey(tx, o.Key, content)
		if err == nil && id == 0 {
			id, err = r.insert(tx, o, list, content)
		}
		if err != nil {
			return err
		}
		t, err = r.taskIn(tx, id)
		return err
	})
	if err != nil {
		return Task{}, err
	}
	r.changed()
	r.nudge()
	return t, nil
}

// complete checks what can be checked without looking around, and fills in
// what was left open.
func (r *Runner) complete(o *Order) error {
	s := &o.Spec
	if err := checkCommand(s.Command); err != nil {
		return err
	}
	if o.Name == "" {
		o.Name = filepath.Base(s.Command[0])
	}
	if err := checkName(o.Name); err != nil {
		return err
	}
	if !filepath.IsAbs(s.Cwd) || strings.ContainsRune(s.Cwd, 0) {
		return fault.New(fault.Invalid, "task.cwd_not_absolute", "cwd", s.Cwd)
	}
	s.Cwd = filepath.Clean(s.Cwd)
	if info, err := os.Stat(s.Cwd); err != nil {
		return fault.New(fault.Invalid, "task.no_cwd", "cwd", s.Cwd).Wrap(err)
	} else if !info.IsDir() {
		return fault.New(fault.Invalid, "task.cwd_no_folder", "cwd", s.Cwd)
	}
	for name, value := range s.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(value, 0) {
			return fault.New(fault.Invalid, "task.bad_env", "name", name)
		}
		if ours(name) {
			return fault.New(fault.Invalid, "task.our_env", "name", name)
		}
	}
	o.Environ = slices.DeleteFunc(slices.Clone(o.Environ), func(kv string) bool {
		name, _, ok := strings.Cut(kv, "=")
		return !ok || name == "" || ours(name) || secret(name) || !utf8.ValidString(kv) || strings.ContainsRune(kv, 0)
	})
	if o.Retries == nil {
		o.Retries = &r.Limits.Retries
	}
	if err := checkNumbers(*o.Retries, o.Priority, *s, len(o.After)); err != nil {
		return err
	}
	if s.OnGPUError != "" && s.OnGPUError != "cpu" {
		return fault.New(fault.Invalid, "task.bad_on_gpu_error", "value", s.OnGPUError)
	}
	if s.Progress != "" {
		if _, err := progress.ParsePattern(s.Progress); err != nil {
			return err
		}
	}
	switch {
	case len(s.Items) == 0 && len(s.Outputs) > 0:
		return fault.New(fault.Invalid, "task.outputs_alone")
	case len(s.Items) == 0 && s.Each > 0:
		return fault.New(fault.Invalid, "task.each_alone")
	}
	return nil
}

func checkNumbers(retries, priority int, s Spec, after int) error {
	for _, n := range []struct {
		what             string
		value, low, high int
	}{
		{"retries", retries, 0, mostRetries},
		{"priority", priority, -highest, highest},
		{"gpu", s.GPU, 0, mostGPUs},
		{"each", s.Each, 0, mostEach},
		{"after", after, 0, mostAfter},
	} {
		if n.value < n.low || n.value > n.high {
			return fault.New(fault.Invalid, "task.out_of_range", "what", n.what, "value", n.value, "low", n.low, "high", n.high)
		}
	}
	if s.Timeout < 0 || s.StallKill < 0 {
		return fault.New(fault.Invalid, "task.bad_duration")
	}
	return nil
}

func checkCommand(argv []string) error {
	if len(argv) == 0 || argv[0] == "" {
		return fault.New(fault.Invalid, "task.no_command")
	}
	size := 0
	for _, word := range argv {
		if strings.ContainsRune(word, 0) || !utf8.ValidString(word) {
			return fault.New(fault.Invalid, "task.bad_command")
		}
		size += len(word) + 1
	}
	if size > mostArgs {
		return fault.New(fault.Invalid, "task.long_command", "bytes", size, "most", mostArgs)
	}
	return nil
}

func checkName(name string) error {
	bad := strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsGraphic(c) || unicode.Is(unicode.Cf, c) })
	if bad || strings.TrimSpace(name) == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > longestName {
		return fault.New(fault.Invalid, "task.bad_name", "name", name, "most", longestName)
	}
	return nil
}

// ours are the variables that say which task a process belongs to. One that an
// outer job handed on must not reach another task.
func ours(name string) bool {
	return strings.HasPrefix(name, "URATORI_") || name == "TRACKER_ID" || name == "TRACKER_WORKSPACE"
}

// secret are variables that only the daemon has a use for.
func secret(name string) bool { return strings.HasPrefix(name, "PUSHOVER_") }

func (r *Runner) knowTicket(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	if utf8.RuneCountInString(id) > longestName || strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' || c == '/' }) {
		return fault.New(fault.Invalid, "task.bad_ticket", "ticket", id)
	}
	known, err := r.Tickets.Known(ctx, id)
	if err != nil {
		// A sheet that cannot be looked at keeps no work from being done.
		r.Log.Warn("a task was queued though its ticket could not be looked up", "ticket", id, "error", err)
		return nil
	}
	if !known {
		return fault.New(fault.NotFound, "task.no_ticket", "ticket", id)
	}
	return nil
}

func (r *Runner) knowGPUs(ctx context.Context, want int) error {
	if want == 0 {
		return nil
	}
	names, err := r.GPUs.Names(ctx)
	if err != nil {
		return err
	}
	if want > len(names) {
		return fault.New(fault.Invalid, "task.too_many_gpus", "want", want, "have", len(names))
	}
	return nil
}

// inputs are the paths of the items, fixed from now on.
func inputs(ctx context.Context, s Spec, environ []string) ([]string, error) {
	if len(s.Items) == 0 {
		return nil, nil
	}
	found, err := items.Expand(ctx, s.Cwd, s.Items)
	if err != nil {
		return nil, err
	}
	plan, err := items.NewPlan(s.Cwd, found, s.Outputs)
	if err != nil {
		return nil, err
	}
	return plan.Paths(), plan.CheckCommand(s.Command, environ, s.Each > 0)
}

// fits tells whether the command can be given the items.
func fits(s Spec, list, environ []string) error {
	plan, err := items.Recall(s.Cwd, list, s.Outputs)
	if err != nil {
		return err
	}
	return plan.CheckCommand(s.Command, environ, s.Each > 0)
}

// digest is what tells two orders apart. The environment is left out: it
// changes from shell to shell.
func digest(o Order) (string, error) {
	o.Environ, o.Key = nil, ""
	raw, err := json.Marshal(o, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:]), nil
}
