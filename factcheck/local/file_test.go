package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestFile_WhatIsThere_IsVerifiedWithWhatItWasTakenFrom(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.put("{workspace}/SOW_INTG-088.md", "# SOW\n## 目的\nx\n")
	f := p.wants(`file: {"{workspace}/SOW_{id}.md": {size: {min: 5}, contains: ["## 目的"], lacks: ["TODO"], matches: ["(?m)^x$"]}}`, yes, "")
	sum := sha256.Sum256([]byte("# SOW\n## 目的\nx\n"))
	if len(f.Basis) != 1 || f.Basis[0].SHA256 != hex.EncodeToString(sum[:]) || f.Basis[0].Name != "{workspace}/SOW_INTG-088.md" || f.Basis[0].Kind != "file" {
		t.Errorf("%+v", f.Basis)
	}
	p.wants(`file: {"{workspace}/SOW_{id}.md": {sha256: "`+hex.EncodeToString(sum[:])+`"}}`, yes, "")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {sha256: "`+strings.Repeat("0", 64)+`"}}`, no, "local.other_hash")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {contains: "結果"}}`, no, "local.lacks_text")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {lacks: "目的"}}`, no, "local.has_text")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {matches: "^y"}}`, no, "local.no_match_text")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {size: {min: 500}}}`, no, "local.too_small")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {size: {max: 5}}}`, no, "local.too_large")
	p.wants(`file: {"{workspace}/none.md": {}}`, no, "local.none")
	p.wants(`file: {"{workspace}/*.txt": {}}`, no, "local.none")
	p.wants(`file: {"{workspace}/*.md": {min: 2}}`, no, "local.too_few")
	p.wants(`file: {"{workspace}/none.md": {exists: false}}`, yes, "")
	p.wants(`file: {"{workspace}/*.md": {exists: false}}`, no, "local.is_there")
	p.wants(`file: {"{workspace}": {filetype: directory}}`, yes, "")
	p.wants(`file: {"{workspace}/SOW_{id}.md": {filetype: directory}}`, no, "local.no_directory")
}

func TestFile_EmptyOnes(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.put("tests/__init__.py", "")
	p.wants(`file: {"tests/__init__.py": {}}`, no, "local.empty")
	p.wants(`file: {"tests/__init__.py": {size: 0}}`, yes, "")
	p.wants(`file: {"tests/*.py": {}}`, no, "local.all_empty")
	p.put("tests/test_a.py", "def test_a(): pass")
	p.wants(`file: {"tests/**/*.py": {min: 2}}`, yes, "")
	p.wants(`file: {"tests/**/*.py": {min: 3}}`, no, "local.too_few")
}

// What is no file is never opened, and nothing hangs.
func TestFile_PipesDevicesAndFolders_AreNoFiles_AndHoldNothingUp(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	must(t, unix.Mkfifo(p.path("pipe.png"), 0o600))
	must(t, os.Mkdir(p.path("folder.png"), 0o700))
	must(t, os.Symlink("pipe.png", p.path("link.png")))
	begin := time.Now()
	for _, name := range []string{"pipe.png", "folder.png", "link.png"} {
		p.wants(`file: {`+name+`: {contains: x}}`, no, "local.not_file")
		p.wants(`images: {`+name+`: {}}`, no, "local.not_file")
		p.wants(`count_equal: {c: {left: `+name+`, right: `+name+`}}`, no, "local.and_more local.not_file")
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestFile_LinksThatLeadOut_AreNotFollowed(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	outside := filepath.Join(t.TempDir(), "secret.txt")
	must(t, os.WriteFile(outside, []byte("secret"), 0o600))
	must(t, os.Symlink(outside, p.path("absolute.txt")))
	rel, err := filepath.Rel(p.scope.Root, outside)
	must(t, err)
	must(t, os.Symlink(rel, p.path("relative.txt")))
	must(t, os.Symlink(filepath.Dir(outside), p.path("folder")))
	must(t, os.Symlink("nowhere", p.path("dangling.txt")))
	must(t, os.Symlink("loop.txt", p.path("loop.txt")))
	for _, name := range []string{"absolute.txt", "relative.txt", "folder/secret.txt"} {
		p.wants(`file: {`+name+`: {contains: secret}}`, unknown, "local.leads_out")
	}
	p.wants(`file: {"folder/*.txt": {}}`, unknown, "local.leads_out")
	p.wants(`file: {"*solute.txt": {}}`, unknown, "local.leads_out")
	p.wants(`file: {"**/secret.txt": {}}`, no, "local.none") // links to folders are not entered
	p.wants(`file: {dangling.txt: {}}`, no, "local.none")
	p.wants(`file: {dangling.txt: {exists: false}}`, no, "local.is_there")
	p.wants(`file: {loop.txt: {}}`, unknown, "local.unreadable")
	// Links within, and from the project to the ticket's folder, are fine.
	p.put("{workspace}/real.txt", "secret")
	must(t, os.Symlink(p.path("{workspace}/real.txt"), p.path("inside.txt")))
	p.wants(`file: {inside.txt: {contains: secret}}`, yes, "")
}

func TestFile_StillBeingWritten_IsNotVerified(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.put("out.png", string(picture(t, 8, 8, false)))
	f, err := os.OpenFile(p.path("out.png"), os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	p.wants(`file: {out.png: {}}`, unknown, "local.being_written")
	p.wants(`images: {out.png: {}}`, unknown, "local.being_written")
	must(t, f.Close())
	p.wants(`file: {out.png: {}}`, yes, "")
	p.wants(`images: {out.png: {}}`, yes, "")
}

func TestFile_VeryLargeOne_EndsWithItsLimit(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.put("huge.bin", "begin")
	must(t, os.Truncate(p.path("huge.bin"), 1<<42))
	begin := time.Now()
	p.wants(`file: {huge.bin: {contains: "nothing", timeout: 300ms}}`, unknown, "local.too_slow")
	p.wants(`file: {huge.bin: {sha256: "`+strings.Repeat("0", 64)+`", timeout: 300ms}}`, unknown, "local.too_slow")
	f := p.wants(`file: {huge.bin: {size: {min: 5}}}`, yes, "") // nobody has to read it
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if !strings.HasPrefix(f.Basis[0].SHA256, "stat:") {
		t.Errorf("%+v", f.Basis)
	}
}

func TestFile_TextsInLargeFiles_AreFoundAcrossPieces(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	big := strings.Repeat("x", 1<<20-3) + "NEEDLE" + strings.Repeat("y", inMemory)
	p.put("big.txt", big)
	sum := sha256.Sum256([]byte(big))
	p.wants(`file: {big.txt: {contains: NEEDLE, lacks: yx, matches: "NE+DLEy", sha256: "`+hex.EncodeToString(sum[:])+`"}}`, yes, "")
	p.wants(`file: {big.txt: {lacks: NEEDLE}}`, no, "local.has_text")
	p.wants(`file: {big.txt: {contains: needle}}`, no, "local.lacks_text")
	p.wants(`file: {big.txt: {matches: "z$"}}`, no, "local.no_match_text")
}

func TestFile_HostileNamesAndTexts_AreData(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for i, name := range []string{"a b", "-rf", "$(id)", "a\nb.png", "\x1b[31m.png", "\xff\xfe.png", "{workspace}", "[x]*?", `back\slash`, strings.Repeat("é", 120), "\u202egnp.exe"} {
		p.put("names/"+name, fmt.Sprint(i))
	}
	p.put("{workspace}/names/x", "x")
	f := p.wants(`file: {"names/*": {min: 11, max: 11, matches: "^[0-9]+$"}}`, yes, "")
	changed, err := Changed(t.Context(), p.scope, f.Basis)
	if err != nil || len(changed) != 0 {
		t.Errorf("%+v, %v", changed, err)
	}
	p.wants(`file: {"names/*": {contains: "none"}}`, no, "local.and_more")
	p.wants(`file: {"names/\\[x\\]*": {contains: "7"}}`, yes, "")
}

func TestNewer_TimesThatWereSet_ProveNothing(t *testing.T) {
	t.Parallel()
	const sow = `file: {SOW.md: {newer_than: start}}`
	p := newProject(t)
	p.put("SOW.md", "template")
	p.put("old.md", "old")
	hour := time.Now().Add(-2 * time.Hour)
	must(t, os.Chtimes(p.path("SOW.md"), hour, hour))
	p.starts(sow, `file: {old.md: {newer_than: start}}`)
	p.wants(sow, no, "local.older")
	// touch(1) makes both of its times new.
	must(t, os.Chtimes(p.path("SOW.md"), time.Now(), time.Now()))
	p.wants(sow, no, "local.only_touched")
	later := time.Now().Add(24 * time.Hour)
	must(t, os.Chtimes(p.path("SOW.md"), later, later))
	p.wants(sow, no, "local.only_touched")
	p.put("SOW.md", "written now")
	p.wants(sow, yes, "")
	// One that is written, and then set back.
	must(t, os.Chtimes(p.path("SOW.md"), hour, hour))
	p.wants(sow, no, "local.older")
	// The same text under a name that nobody watched.
	p.scope.Snapshot = nil
	must(t, os.Chtimes(p.path("old.md"), time.Now(), time.Now()))
	p.wants(`file: {old.md: {newer_than: start}}`, unknown, "local.not_known_before")
	p.put("new.md", "new")
	p.wants(`file: {new.md: {newer_than: start}}`, yes, "")
}

func TestNewer_SourcesThatWereChangedSince_MakeAnOutputOld(t *testing.T) {
	t.Parallel()
	const out = `file: {out.txt: {newer_than: "src/**"}}`
	p := newProject(t)
	p.put("src/a.py", "a")
	p.wait()
	p.put("out.txt", "out")
	p.wants(out, yes, "")
	p.wait()
	p.put("src/a.py", "b")
	hour := time.Now().Add(-2 * time.Hour)
	must(t, os.Chtimes(p.path("src/a.py"), hour, hour)) // to hide that it is newer
	p.wants(out, no, "local.older_than_file")
	later := time.Now().Add(24 * time.Hour)
	must(t, os.Chtimes(p.path("out.txt"), later, later))
	p.wait()
	p.put("src/b.py", "b")
	p.wants(out, no, "local.older_than_file")
	p.wants(`file: {out.txt: {newer_than: "none/**"}}`, no, "local.nothing_to_compare")
}

func TestCheck_CallerWhoLeft_GetsNoVerdict(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.put("huge.bin", "x")
	must(t, os.Truncate(p.path("huge.bin"), 1<<42))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	found, err := Checkers(p.o)["file"].Check(ctx, p.claims(`file: {huge.bin: {contains: y}}`))
	if err != nil || found[0].Verdict != unknown {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestCheck_FolderThatIsGone_IsNotLookedAt(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	must(t, os.RemoveAll(p.scope.Root))
	for _, text := range []string{`file: {a: {exists: false}}`, `file: {"*": {exists: false}}`, `no_match_since: {r: {match: "*", since: start}}`, `count_equal: {c: {left: a, right: b, allow_empty: true}}`, `images: {a: {}}`} {
		p.wants(text, unknown, "local.no_folder")
	}
}
