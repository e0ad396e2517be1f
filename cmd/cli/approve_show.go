package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/tracker/approval"
)

// listApprovals shows what waits for a person.
func (a *app) listApprovals(ctx context.Context, ticket string) error {
	asked, err := a.approvals(ctx, ticket)
	if err != nil {
		return err
	}
	if a.json {
		a.print(asked)
		return nil
	}
	a.tellQuestions(asked.Requests)
	if len(asked.Requests) == 0 {
		a.say("cli.approve.none")
	}
	switch {
	case !asked.Passphrase:
		a.line("cli.approve.unset", a.mark(ledger.Unverifiable))
	case asked.LockedUntil != nil:
		a.line("cli.approve.locked", a.mark(ledger.Refuted), "until", clock(*asked.LockedUntil))
	}
	a.link(asked.Dashboard)
	return nil
}

// codeLength is how much of a digest people type where a whole one is too
// much.
const codeLength = 8

func (a *app) tellQuestions(list []control.ApprovalRequest) {
	for _, q := range list {
		code := inline(q.Digest)
		a.say("cli.approve.line", "ticket", inline(q.Ticket), "id", inline(q.Step), "step", a.stepName(q), "asked", clock(q.RequestedAt), "until", clock(q.ExpiresAt), "code", code[:min(len(code), codeLength)])
	}
}

// stepName is what a step is called in the reader's language.
func (a *app) stepName(q control.ApprovalRequest) string {
	name := q.Name
	if a.lang == phrase.English && q.NameEN != "" || name == "" {
		name = q.NameEN
	}
	if name == "" {
		name = q.Step
	}
	return inline(name)
}

func partsOf(q control.ApprovalRequest) (parts []approval.Part) {
	for _, p := range q.Subject {
		parts = append(parts, approval.Part(p))
	}
	return parts
}

// showQuestion shows exactly what an answer stands for.
func (a *app) showQuestion(ctx context.Context, q control.ApprovalRequest) {
	if a.json { // the answer alone is JSON
		shown := *a
		shown.out, shown.json = &output{Writer: a.err}, false
		shown.showQuestion(ctx, q)
		return
	}
	a.say("cli.approve.head", "ticket", inline(q.Ticket), "id", inline(q.Step), "step", a.stepName(q))
	a.say("cli.approve.times", "asked", clock(q.RequestedAt), "until", clock(q.ExpiresAt))
	if q.Note != "" {
		a.say("cli.approve.note")
		a.block("  ", q.Note)
	}
	folders := a.foldersOf(ctx, q.Ticket)
	for _, p := range q.Subject {
		fmt.Fprintln(a.out, "  "+inline(p.Kind)+"  "+inline(p.Name))
		fmt.Fprintln(a.out, "    sha256 "+inline(p.SHA256))
		if p.Kind == "file" || p.Kind == "unfrozen" {
			a.showFile(folders, p)
		}
	}
	a.say("cli.approve.digest", "digest", inline(q.Digest))
	a.link(q.Dashboard)
}

// foldersOf are where the files of a ticket may be; nothing where the daemon
// does not tell.
func (a *app) foldersOf(ctx context.Context, ticket string) (folders []string) {
	var w control.Workflow
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		w, err = c.Workflow(ctx, control.AskWorkflow{Ticket: ticket, Action: "show"})
		return err
	})
	if err != nil {
		return nil // the hashes are what counts; texts are for convenience
	}
	for _, dir := range []string{w.Workspace, w.Root} {
		if filepath.IsAbs(dir) {
			folders = append(folders, dir)
		}
	}
	return folders
}

// showFile shows the beginning of a file that is what is to be approved, and
// says so where the one on the disk is something else.
func (a *app) showFile(folders []string, p control.ApprovalSubject) {
	other := ""
	for _, path := range pathsOf(folders, p.Name) {
		text, whole, err := readWhole(path)
		switch {
		case err != nil:
			continue
		case !whole || digestOf(text) != p.SHA256:
			other = path
			continue
		}
		a.excerpt(path, text)
		return
	}
	if other != "" {
		a.line("cli.approve.file_changed", "    "+a.mark(ledger.Refuted), "path", inline(other))
	}
}

// pathsOf are where a part may be that is called so.
func pathsOf(folders []string, name string) (paths []string) {
	if filepath.IsAbs(name) {
		return []string{name}
	}
	name = strings.TrimPrefix(name, "{workspace}/")
	if !filepath.IsLocal(name) {
		return nil
	}
	for _, dir := range folders {
		paths = append(paths, filepath.Join(dir, name))
	}
	return paths
}

// mostShown is how large a file is that is read to be shown.
const mostShown = 16 << 20

// readWhole reads a regular file, unless it is too large.
func readWhole(path string) (text []byte, whole bool, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // a pipe must not keep the person waiting
	if err != nil {
		return nil, false, err
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	if !info.Mode().IsRegular() {
		return nil, false, fmt.Errorf("%s is no regular file", path)
	}
	text, err = io.ReadAll(io.LimitReader(f, mostShown+1))
	return text, len(text) <= mostShown, err
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// excerpt prints the first lines of a file.
func (a *app) excerpt(path string, text []byte) {
	const most, widest = 12, 200
	if !utf8.Valid(text) || bytes.ContainsRune(text, 0) {
		a.say("cli.approve.file_binary", "path", inline(path), "bytes", len(text))
		return
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	clipped := false
	for _, line := range lines[:min(len(lines), most)] {
		line = strings.TrimRight(line, "\r")
		shown := cut(line, widest)
		a.block("    ", shown)
		clipped = clipped || shown != line
	}
	switch rest := len(lines) - most; {
	case rest > 0:
		a.say("cli.approve.file_more", "count", rest, "path", inline(path))
	case clipped:
		a.say("cli.approve.file_cut", "path", inline(path))
	default:
		a.say("cli.approve.file_all", "path", inline(path))
	}
}
