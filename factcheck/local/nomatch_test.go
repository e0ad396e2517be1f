package local

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const noPictures = `no_match_since: {root_images: {match: ["*.png", "*.jpg"], since: start, message: "pictures belong into out/"}}`

func TestNoMatch_FilesThatAppearOrChange_AreFound_HoweverTheyHide(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]func(p *project){
		"new": func(p *project) { p.put("x.png", "x") },
		"forged mtime": func(p *project) {
			p.put("x.png", "x")
			must(p.t, os.Chtimes(p.path("x.png"), time.Unix(0, 0), time.Unix(0, 0)))
		},
		"moved in":                  func(p *project) { must(p.t, os.Rename(p.path("sub/old.png"), p.path("x.png"))) },
		"hard link":                 func(p *project) { must(p.t, os.Link(p.path("sub/old.png"), p.path("x.png"))) },
		"a link":                    func(p *project) { must(p.t, os.Symlink("sub/old.png", p.path("x.png"))) },
		"a link that leads nowhere": func(p *project) { must(p.t, os.Symlink("/nowhere", p.path("x.png"))) },
		"a pipe":                    func(p *project) { must(p.t, unix.Mkfifo(p.path("x.jpg"), 0o600)) },
		"case":                      func(p *project) { p.put("X.PnG", "x") },
		"hidden":                    func(p *project) { p.put(".x.png", "x") },
		"changed":                   func(p *project) { p.put("logo.png", "changed") },
		"changed with its time set back": func(p *project) {
			info, err := os.Stat(p.path("logo.png"))
			must(p.t, err)
			p.put("logo.png", "LOGO") // as long as it was
			must(p.t, os.Chtimes(p.path("logo.png"), info.ModTime(), info.ModTime()))
		},
		"replaced by a link": func(p *project) {
			must(p.t, os.Remove(p.path("logo.png")))
			must(p.t, os.Symlink("sub/old.png", p.path("logo.png")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.put("logo.png", "logo")
			p.put("sub/old.png", "old")
			p.starts(noPictures)
			p.wants(noPictures, yes, "")
			p.put("sub/new.png", "new") // not in the root
			p.put("notes.txt", "x")
			must(t, os.Mkdir(p.path("folder.png"), 0o700))
			must(t, os.Chmod(p.path("logo.png"), 0o400)) // its change time is new, it is not
			p.wants(noPictures, yes, "")
			lie(p)
			p.wants(noPictures, no, "local.")
			// Without a snapshot the times alone have to do; what was there is
			// accused with the rest.
			p.scope.Snapshot = nil
			p.wants(noPictures, no, "local.")
		})
	}
}

func TestNoMatch_Recursive_LooksEverywhereButInGit(t *testing.T) {
	t.Parallel()
	const rule = `no_match_since: {tmp: {match: "*.partial", recursive: true, since: start}}`
	p := newProject(t)
	p.starts(rule)
	p.put(".git/objects/x.partial", "x")
	p.wants(rule, yes, "")
	p.put("a/__pycache__/.hidden/x.partial", "x")
	p.wants(rule, no, "local.appeared")
}

func TestNoMatch_FolderThatCannotBeRead_IsUnverifiable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.starts()
	must(t, os.Symlink(t.TempDir(), p.path("out")))
	p.wants(`no_match_since: {r: {under: out, match: "*.png", since: start}}`, unknown, "local.leads_out")
	if os.Getuid() == 0 {
		return // who may read everything
	}
	must(t, os.Mkdir(p.path("closed"), 0o000))
	p.wants(`no_match_since: {r: {match: "*.png", recursive: true, since: start}}`, unknown, "local.unreadable")
}

func TestFrozen_ChangedAndMissingFiles_AreFound(t *testing.T) {
	t.Parallel()
	const frozen = `frozen: {tests: {}}`
	p := newProject(t)
	p.put("tests/a.py", "a")
	p.put("tests/b.py", "b")
	var err error
	p.scope.Frozen, err = Freeze(t.Context(), p.o, p.scope, []string{"tests/**"})
	must(t, err)
	if len(p.scope.Frozen) != 2 {
		t.Fatal(p.scope.Frozen)
	}
	f := p.wants(frozen, yes, "")
	info, err := os.Stat(p.path("tests/a.py"))
	must(t, err)
	p.put("tests/c.py", "new tests are welcome")
	p.wants(frozen, yes, "")
	p.put("tests/a.py", "x")
	must(t, os.Chtimes(p.path("tests/a.py"), info.ModTime(), info.ModTime()))
	p.wants(frozen, no, "local.not_frozen")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 1 || changed[0].Name != "tests/a.py" {
		t.Errorf("%+v, %v", changed, err)
	}
	p.put("tests/a.py", "a")
	p.wants(frozen, yes, "")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 0 {
		t.Errorf("%+v, %v", changed, err)
	}
	must(t, os.Remove(p.path("tests/b.py")))
	p.wants(frozen, no, "local.no_file")
}

func TestNoMatch_NameOfTheTicket_IsFilledIn(t *testing.T) {
	t.Parallel()
	const rule = `no_match_since: {r: {match: "{id}*.png", since: start}}`
	p := newProject(t)
	p.starts(rule)
	p.put("id-1.png", "x")
	p.wants(rule, yes, "")
	p.put("intg-088-1.PNG", "x")
	p.wants(rule, no, "local.appeared")
}

func TestTimes_InReasons_AreAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 10, 0, 0, 5, time.UTC)
	if a, b := stamps(at, at.Add(time.Minute)); a != at.Local().Format(time.DateTime) || b != at.Add(time.Minute).Local().Format(time.DateTime) {
		t.Error(a, b)
	}
	// What is told to be earlier must not look the same.
	if a, b := stamps(at, at.Add(time.Millisecond)); a >= b {
		t.Error(a, b)
	}
	p := newProject(t)
	p.starts()
	p.put("a.md", "x")
	old := time.Date(2026, 7, 1, 9, 0, 0, 123456789, time.Local)
	must(t, os.Chtimes(p.path("a.md"), old, old))
	f := p.wants(`file: {a.md: {newer_than: start}}`, no, "local.older")
	if text := f.Reason.Error(); !strings.Contains(text, "2026-07-01 09:00:00,") || strings.Contains(text, ".123") {
		t.Error(text)
	}
}
