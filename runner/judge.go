package runner

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/runner/items"
)

// cutOff tells whether an attempt may have been in the middle of writing
// something when it ended.
func (v *verdict) cutOff() bool {
	exited := v.exit != nil && v.exit.Code != nil && v.outcome == Broke
	return v.outcome != Done && v.outcome != Unstarted && !exited
}

func (v *verdict) cuts() []time.Time {
	if v.cut.IsZero() {
		return nil
	}
	return []time.Time{v.cut}
}

// judge looks at the outputs of a task. An attempt that ended well has not
// succeeded while one of them is missing.
func (c *custody) judge(ctx context.Context, v *verdict) error {
	t, _ := c.snapshot()
	if t.Total == 0 || v.outcome == Ended || v.outcome == Unstarted || len(t.Spec.Outputs) == 0 && t.Spec.Each == 0 {
		return nil
	}
	_, found, err := c.runner.outputs(ctx, t, v.cuts()...)
	if _, told := errors.AsType[*fault.Error](err); told && ctx.Err() == nil {
		if v.outcome == Done {
			v.outcome, v.reason = Broke, fault.New(fault.Failed, "task.outputs_unread").Wrap(err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	v.done = len(found.Done)
	if len(found.Done) > 0 {
		if last := latest(found.Done); len(last.Outputs) > 0 {
			v.picture = last.Outputs[0]
		}
	}
	if v.outcome != Done {
		return nil
	}
	if left := len(found.Remaining); left > 0 {
		v.outcome, v.reason = Broke, missing(found, t.Total)
		return nil
	}
	v.made, err = c.runner.list(ctx, t, found.Done)
	return err
}

// missing names the first output that is not as it should be.
func missing(found items.Result, total int) error {
	err := fault.New(fault.Failed, "task.outputs_missing", "done", len(found.Done), "total", total, "item", filepath.Base(found.Remaining[0].Path))
	if len(found.Wrong) > 0 {
		return err.Wrap(found.Wrong[0].Fault())
	}
	return err
}

// list writes down what a task has made. It is nil for one whose outputs
// nobody has named.
func (r *Runner) list(ctx context.Context, t Task, done []items.Done) (m *made, err error) {
	if len(t.Spec.Outputs) == 0 {
		return nil, nil
	}
	file := filepath.Join(r.taskFolder(t.ID), madeFile)
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the list of outputs of task %d: %w", t.ID, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	spells, err := r.spells(ctx, t)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	out := bufio.NewWriter(io.MultiWriter(f, sum))
	m = &made{}
	for _, d := range done {
		for _, o := range d.Outputs {
			digest, err := items.DigestOf(ctx, o.Path)
			if err != nil {
				return nil, fmt.Errorf("read the outputs of task %d: %w", t.ID, err)
			}
			line := Output{Path: o.Path, SHA256: digest.SHA256, Size: digest.Size, Input: d.Item.Path}
			if line.Written, err = written(o.Path); err != nil {
				return nil, err
			}
			for _, s := range spells {
				if s.has(line.Written) {
					line.By = s.task
				}
			}
			if err := json.MarshalWrite(out, line); err != nil {
				return nil, err
			}
			if err := out.WriteByte('\n'); err != nil {
				return nil, err
			}
			m.Count++
			m.Bytes += digest.Size
		}
	}
	if err := errors.Join(out.Flush(), f.Sync()); err != nil {
		return nil, fmt.Errorf("write the list of outputs of task %d: %w", t.ID, err)
	}
	m.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return m, nil
}
