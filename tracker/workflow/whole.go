package workflow

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"uratori/internal/fault"
)

// fits tells whether the last of the steps goes with those before it.
func (r reader) fits(steps []Step, n ast.Node) error {
	last := steps[len(steps)-1]
	persons := false
	for _, s := range steps[:len(steps)-1] {
		if s.ID == last.ID {
			return fault.New(fault.Invalid, "workflow.twice", "where", r.where(n), "what", last.ID)
		}
		if s.Phase > last.Phase {
			return fault.New(fault.Invalid, "workflow.phases", "where", r.where(n), "step", last.ID)
		}
		persons = persons || s.Person()
	}
	switch {
	case last.Freeze != nil && !persons:
		// Before anybody has approved anything the work may be started anew.
		return fault.New(fault.Invalid, "workflow.freeze_early", "where", r.where(n), "step", last.ID)
	case last.ID == Extract && !persons:
		return fault.New(fault.Invalid, "workflow.extract_early", "where", r.where(n))
	case last.Recheck && len(steps) == 1:
		return fault.New(fault.Invalid, "workflow.no_gate", "where", r.where(n), "step", last.ID)
	case last.ID == Extract:
		return r.extraction(last, n)
	}
	return nil
}

// extraction refuses a step that is called extract and does not show one.
func (r reader) extraction(s Step, n ast.Node) error {
	none := fault.New(fault.Invalid, "workflow.extract_weak", "where", r.where(n))
	if s.base == nil {
		return none
	}
	entries, err := r.entries(s.base)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.key != mustTask {
			continue
		}
		tasks, err := r.entries(e.value)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			options, err := r.entries(t.value)
			if err != nil {
				return err
			}
			if demands(options) {
				return nil
			}
		}
	}
	return none
}

// demands tells whether the options of a task ask for items that were made
// since the start. Success is what every claim about a task asks for.
func demands(options []entry) bool {
	items, after := false, false
	for _, o := range options {
		switch o.key {
		case "min_items":
			i, ok := o.value.(*ast.IntegerNode)
			items = ok && i.Value != uint64(0) && !strings.HasPrefix(i.Token.Value, "-")
		case "after":
			t, ok := o.value.(*ast.StringNode)
			after = ok && (t.Value == "start" || t.Value == "step")
		}
	}
	return items && after
}

// whole refuses workflows in which the extraction could be left out, or that
// end without everything being looked at again and a person's word.
func (r reader) whole(d Definition) error {
	extract, recheck := 0, 0
	for _, s := range d.Steps {
		if s.ID == Extract {
			extract = s.Number
		}
		if s.Recheck && extract > 0 {
			recheck = s.Number
		}
	}
	last := d.Steps[len(d.Steps)-1]
	switch {
	case extract == 0:
		return fault.New(fault.Invalid, "workflow.no_extract", "file", r.name)
	case !last.Person() || last.Number <= extract:
		return fault.New(fault.Invalid, "workflow.no_last_word", "file", r.name)
	case recheck == 0 || recheck < last.Number-1:
		return fault.New(fault.Invalid, "workflow.no_recheck", "file", r.name)
	}
	return nil
}
