package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// editor is a program that edits as script says; $1 is the file. What it was
// given is kept in the file "given" of the folder that is returned.
func (h *house) editor(script string) string {
	h.t.Helper()
	dir := h.t.TempDir()
	file := filepath.Join(dir, "ed")
	text := "#!/bin/sh\ncp \"$1\" " + dir + "/given\nstat -c %a \"$1\" > " + dir + "/mode\necho \"$1\" > " + dir + "/path\n" + script + "\n"
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil { //nolint:gosec // a program
		h.t.Fatal(err)
	}
	h.env["EDITOR"] = file
	h.in = terminal(h.t, "")
	return dir
}

func (h *house) gone(dir string) bool {
	h.t.Helper()
	_, err := os.Stat(strings.TrimSpace(h.file(dir + "/path")))
	return errors.Is(err, os.ErrNotExist)
}

func ticketWith(detail string) control.Ticket {
	return control.Ticket{Ticket: "INTG-088", Row: 3, ReadAt: *at("10:00:00"), Fields: []control.TicketField{
		{Field: "summary", Column: "概要", Text: "S"}, {Field: "detail", Column: "詳細", Text: detail}, {Field: "担当", Column: "担当", Text: ""},
	}}
}

const showPath = control.TicketsPath + "/show"

func TestTicketCreate_OnATerminal_TheDetailComesFromTheEditor(t *testing.T) {
	for script, want := range map[string]string{
		`printf -- '-箇条書き\n=x\n' > "$1"`:            "-箇条書き\n=x",
		`printf 'no end' > "$1"`:                    "no end",
		`printf 'two\n\n' > "$1"`:                   "two\n",
		`printf 'x\n' > "$1.new"; mv "$1.new" "$1"`: "x",
	} {
		h := newHouse(t)
		h.plant(control.TicketsPath, wrote())
		dir := h.editor(script)
		h.must(h.run("ticket", "create", "--summary", "S"), 0)
		if diff := cmp.Diff(map[string]string{"summary": "S", "detail": want}, last[control.CreateTicket](h).Fields); diff != "" {
			t.Error(diff)
		}
		if h.file(dir+"/mode") != "600\n" || !h.gone(dir) {
			t.Errorf("%s %v", h.file(dir+"/mode"), h.gone(dir))
		}
	}
}

func TestTicketCreate_NoEditorWhereNoneIsWanted(t *testing.T) {
	for _, args := range [][]string{{"--detail", ""}, {"--set", "詳細=D"}, {"--set", "detail=D"}, {"--json"}, {"--detail-file", "/dev/null"}} {
		h := newHouse(t)
		h.plant(control.TicketsPath, wrote())
		h.editor("exit 1")
		h.must(h.run(append([]string{"ticket", "create", "--summary", "S"}, args...)...), 0)
	}
	h := newHouse(t)
	h.plant(control.TicketsPath, wrote())
	h.in = terminal(t, "")
	h.must(h.run("ticket", "create", "--summary", "S"), 0) // there is none
}

func TestTicketCreate_AnEditorThatLeavesNothing_FilesNothing(t *testing.T) {
	for script, want := range map[string]struct {
		code int
		word string
	}{
		"true": {2, "left no text"}, `printf '\n' > "$1"`: {2, "left no text"}, "exit 3": {1, "exit status 3"},
		`rm "$1"`: {2, "cannot be read"}, `kill -9 $$`: {1, "nothing was sent"},
	} {
		h := newHouse(t)
		dir := h.editor(script)
		h.must(h.run("ticket", "create", "--summary", "S"), want.code, want.word)
		if len(h.requests()) != 0 || !h.gone(dir) {
			t.Errorf("%s: %v", script, h.requests())
		}
	}
}

// What a person has typed is nowhere else.
func TestTicketCreate_WhatWasTyped_IsKeptUntilTheSheetHasIt(t *testing.T) {
	refuted := wrote(control.WriteField{Column: "詳細", Verdict: ledger.Refuted})
	queued := wrote(control.WriteField{Column: "詳細", Verdict: ledger.Unverifiable})
	queued.Verdict, queued.Queued = ledger.Unverifiable, true
	for name, tc := range map[string]struct {
		answer any
		script string
		code   int
		kept   bool
	}{
		"verified":  {wrote(), "", 0, false},
		"queued":    {queued, "", 3, false},
		"refuted":   {refuted, "", 1, true},
		"refused":   {fault.New(fault.Failed, "store.closed"), "", 1, true},
		"lost":      {hangUp{}, "", 3, true},
		"not UTF-8": {wrote(), `printf '\377' >> "$1"`, 2, true},
		"failed":    {wrote(), "exit 1", 1, true},
	} {
		h := newHouse(t)
		h.plant(control.TicketsPath, tc.answer)
		dir := h.editor("echo typed > \"$1\"\n" + tc.script)
		e := h.run("ticket", "create", "--summary", "S")
		h.must(e, tc.code)
		file := strings.TrimSpace(h.file(dir + "/path"))
		if h.gone(dir) == tc.kept || strings.Contains(e.err, "kept in "+file) != tc.kept {
			t.Errorf("%s: %s", name, e.all())
		}
		if err := os.RemoveAll(filepath.Dir(file)); err != nil {
			t.Error(err)
		}
	}
}

func TestTicketUpdate_Edit_ExpectsWhatTheEditorWasGiven(t *testing.T) {
	for present, file := range map[string]string{"": "", "一行": "一行\n", "end\n": "end\n\n", "-a\n=b": "-a\n=b\n"} {
		h := newHouse(t)
		h.plant(showPath, ticketWith(present))
		h.plant(updatePath, wrote())
		dir := h.editor(`printf 'new\n' > "$1"`)
		h.must(h.run("ticket", "update", "INTG-088", "--edit", "--set", "担当=kiri", "--expect", "担当="), 0)
		if got := h.file(dir + "/given"); got != file {
			t.Errorf("%q: %q", present, got)
		}
		u := last[control.UpdateTicket](h)
		if diff := cmp.Diff([]map[string]string{{"detail": "new", "担当": "kiri"}, {"detail": present, "担当": ""}}, []map[string]string{u.Fields, u.Expected}); diff != "" {
			t.Error(diff)
		}
		if !h.gone(dir) {
			t.Error("the file is still there")
		}
	}
}

func TestTicketUpdate_Edit_UnchangedIsNotSent(t *testing.T) {
	for _, present := range []string{"", "x", "x\n", "x\n\n"} {
		h := newHouse(t)
		h.plant(showPath, ticketWith(present))
		h.plant(updatePath, wrote())
		dir := h.editor("true")
		h.must(h.run("ticket", "update", "INTG-088", "--edit"), 2, "not changed in the editor")
		if len(h.requests()) != 1 || !h.gone(dir) {
			t.Errorf("%q: %v", present, h.requests())
		}
		h.must(h.run("ticket", "update", "INTG-088", "--edit", "--summary", "S"), 0)
		if diff := cmp.Diff(map[string]string{"summary": "S"}, last[control.UpdateTicket](h).Fields); diff != "" || !h.gone(dir) {
			t.Error(diff)
		}
	}
}

func TestTicketUpdate_Edit_WithoutAnEditorOrATicket(t *testing.T) {
	h := newHouse(t)
	h.in = terminal(t, "")
	h.must(h.run("ticket", "update", "INTG-088", "--edit"), 2, "set VISUAL or EDITOR")
	h.editor("exit 9")
	h.plant(showPath, fault.New(fault.NotFound, "sheets.not_found", "key", "INTG-088"))
	h.must(h.run("ticket", "update", "INTG-088", "--edit"), 1, "INTG-088")
	h.plant(showPath, control.Ticket{})
	h.must(h.run("ticket", "update", "INTG-088", "--edit"), 1, "tracker.columns.detail")
}

func TestTicketUpdate_Edit_OnAConflict_TheTextIsKept(t *testing.T) {
	w := wrote(control.WriteField{Field: "detail", Column: "詳細", Verdict: ledger.Refuted, Conflict: true, Expected: text("new"), Actual: text("theirs")})
	h := newHouse(t)
	h.plant(showPath, ticketWith("old"))
	h.plant(updatePath, w)
	dir := h.editor(`echo new > "$1"`)
	h.must(h.run("ticket", "update", "INTG-088", "--edit"), 4, "kept in", "theirs")
	if h.file(strings.TrimSpace(h.file(dir+"/path"))) != "new\n" {
		t.Error("the text is gone")
	}
	if err := os.RemoveAll(filepath.Dir(strings.TrimSpace(h.file(dir + "/path")))); err != nil {
		t.Error(err)
	}
}

func TestEditor_MayHaveArguments_AndVISUALGoesFirst(t *testing.T) {
	h := newHouse(t)
	h.plant(control.TicketsPath, wrote())
	h.editor("exit 1")
	h.env["VISUAL"] = "sh -c 'echo from visual > \"$0\"'"
	h.must(h.run("ticket", "create", "--summary", "S"), 0)
	if got := last[control.CreateTicket](h).Fields["detail"]; got != "from visual" {
		t.Errorf("%q", got)
	}
}
