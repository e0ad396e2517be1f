package local

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/ledger"
)

// thing is one entry of a random world, as it was made: the truth that the
// checkers do not see.
type thing struct {
	kind    string // file, empty, folder, link, out, dangling, pipe
	content string
}

// world is a project of random things, and an oracle.
type world struct {
	*project
	things map[string]thing
}

var someNames = []string{"in/p1.tif", "in/p2.tif", "in/p10.tif", "in/x.txt", "out/p1.png", "out/p2.png", "out/p2.jpg", "out/p10.png", "p1.png", "P2.PNG", ".p3.png", "notes.txt", "sub/p1.png"}

func (w *world) clear() {
	for _, folder := range []string{w.scope.Root} {
		entries, err := os.ReadDir(folder)
		must(w.t, err)
		for _, e := range entries {
			must(w.t, os.RemoveAll(filepath.Join(folder, e.Name())))
		}
	}
	w.things = map[string]thing{}
}

func (w *world) make(name string, x thing) {
	at := w.path(name)
	must(w.t, os.MkdirAll(filepath.Dir(at), 0o700))
	must(w.t, os.RemoveAll(at))
	switch x.kind {
	case "file", "empty":
		must(w.t, os.WriteFile(at, []byte(x.content), 0o600))
	case "folder":
		must(w.t, os.Mkdir(at, 0o700))
	case "link":
		must(w.t, os.WriteFile(w.path("{workspace}/target"), []byte("target"), 0o600))
		must(w.t, os.Symlink(w.path("{workspace}/target"), at))
	case "out":
		must(w.t, os.Symlink("/etc/passwd", at))
	case "dangling":
		must(w.t, os.Symlink("nowhere", at))
	case "pipe":
		must(w.t, unix.Mkfifo(at, 0o600))
	}
	w.things[name] = x
}

func (w *world) random(t *rapid.T, label string) (string, thing) {
	name := rapid.SampledFrom(someNames).Draw(t, label)
	x := thing{kind: rapid.SampledFrom([]string{"file", "file", "file", "file", "empty", "folder", "link", "out", "dangling", "pipe"}).Draw(t, "kind")}
	if x.kind == "file" {
		x.content = rapid.SampledFrom([]string{"a", "b", "longer text"}).Draw(t, "content")
	}
	return name, x
}

// counts is the truth about count_equal of in/*.tif and out/*.png.
func (w *world) counts(least int, empty bool) ledger.Verdict {
	stems := map[string]map[string]int{"in": {}, "out": {}}
	bad, blind := false, false
	for name, x := range w.things {
		dir, ext := path.Dir(name), path.Ext(name)
		counted := dir == "in" && ext == ".tif" || dir == "out" && ext == ".png"
		if !counted || x.kind == "folder" {
			continue
		}
		stems[dir][strings.TrimSuffix(path.Base(name), ext)]++
		switch x.kind {
		case "empty", "pipe", "dangling":
			bad = true
		case "out":
			blind = true
		}
	}
	equal := len(stems["in"]) == len(stems["out"])
	for stem := range stems["in"] {
		equal = equal && stems["out"][stem] > 0
	}
	enough := len(stems["in"]) >= least || len(stems["in"])+len(stems["out"]) == 0 && empty
	switch {
	case bad:
		return no
	case blind:
		return unknown
	case !equal, !enough:
		return no
	}
	return yes
}

func TestCount_RandomWorlds_AreJudgedAsTheyAre(t *testing.T) {
	t.Parallel()
	w := &world{project: newProject(t)}
	rapid.Check(t, func(t *rapid.T) {
		w.clear()
		for range rapid.IntRange(0, 8).Draw(t, "things") {
			w.make(w.random(t, "name"))
		}
		least, empty := rapid.IntRange(1, 3).Draw(t, "min"), rapid.Bool().Draw(t, "empty")
		options := fmt.Sprintf("min: %d", least)
		if empty {
			least, options = 0, "allow_empty: true"
		}
		f := w.look(`count_equal: {c: {left: "in/*.tif", right: "out/*.png", ` + options + `}}`)[0]
		if want := w.counts(least, empty); f.Verdict != want {
			t.Fatalf("%s (%v), want %s: %+v", f.Verdict, f.Reason, want, w.things)
		}
	})
}

func TestFile_RandomWorlds_AreJudgedAsTheyAre(t *testing.T) {
	t.Parallel()
	w := &world{project: newProject(t)}
	rapid.Check(t, func(t *rapid.T) {
		w.clear()
		for range rapid.IntRange(0, 8).Draw(t, "things") {
			w.make(w.random(t, "name"))
		}
		name := rapid.SampledFrom(someNames).Draw(t, "asked")
		x, there := w.things[name]
		want := no
		switch x.kind {
		case "file", "link":
			want = yes
		case "out":
			want = unknown
		}
		if f := w.look(fmt.Sprintf(`file: {%q: {}}`, name))[0]; f.Verdict != want {
			t.Fatalf("%s: %s (%v), want %s", name, f.Verdict, f.Reason, want)
		}
		want = yes
		if there || slices.ContainsFunc([]string{"in", "out", "sub"}, func(dir string) bool { return dir == name }) {
			want = no
		}
		if f := w.look(fmt.Sprintf(`file: {%q: {exists: false}}`, name))[0]; f.Verdict != want {
			t.Fatalf("%s exists not: %s (%v), want %s", name, f.Verdict, f.Reason, want)
		}
		text := rapid.SampledFrom([]string{"a", "text", "z"}).Draw(t, "text")
		content := x.content
		if x.kind == "link" {
			content = "target"
		}
		f := w.look(fmt.Sprintf(`file: {%q: {contains: %q}}`, name, text))[0]
		if holds := (x.kind == "file" || x.kind == "link") && strings.Contains(content, text); holds != (f.Verdict == yes) {
			t.Fatalf("%s holds %q: %s (%v), %+v", name, text, f.Verdict, f.Reason, x)
		}
	})
}

// Whatever happens in the root after the start, and however its times are
// forged: a picture that is new or another is found, and nothing else is.
func TestNoMatch_RandomWorlds_AreJudgedAsTheyAre(t *testing.T) {
	t.Parallel()
	const rule = `no_match_since: {r: {match: "*.png", since: start}}`
	w := &world{project: newProject(t)}
	forbidden := func(name string, x thing) bool {
		return path.Dir(name) == "." && strings.HasSuffix(strings.ToLower(name), ".png") && x.kind != "folder"
	}
	rapid.Check(t, func(t *rapid.T) {
		w.clear()
		for range rapid.IntRange(0, 5).Draw(t, "before") {
			w.make(w.random(t, "name"))
		}
		w.starts(rule)
		before := map[string]thing{}
		for name, x := range w.things {
			before[name] = x
		}
		for range rapid.IntRange(0, 4).Draw(t, "after") {
			name, x := w.random(t, "name")
			switch what := rapid.SampledFrom([]string{"make", "make", "remove", "forge", "touch"}).Draw(t, "what"); what {
			case "make":
				w.make(name, x)
			case "remove":
				must(w.t, os.RemoveAll(w.path(name)))
				delete(w.things, name)
			default:
				at := time.Now()
				if what == "forge" {
					at = time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "time"), 0)
				}
				if k := w.things[name].kind; k == "file" || k == "empty" {
					must(w.t, os.Chtimes(w.path(name), at, at))
				}
			}
		}
		want := yes
		for name, x := range w.things {
			old, was := before[name]
			same := was && old.kind == x.kind && old.content == x.content
			if x.kind == "pipe" && same {
				continue // one pipe is as good as another; it may be told or not
			}
			if forbidden(name, x) && !same {
				want = no
			}
		}
		f := w.look(rule)[0]
		pipes := slices.ContainsFunc(sortedKeys(w.things), func(name string) bool { return forbidden(name, w.things[name]) && w.things[name].kind == "pipe" })
		if f.Verdict != want && !pipes {
			t.Fatalf("%s (%v), want %s: before %+v, now %+v", f.Verdict, f.Reason, want, before, w.things)
		}
	})
}

// What a verdict was taken from is unchanged until it is changed, and then it
// is not: a file that holds the same again is the same.
func TestChanged_RandomWorlds(t *testing.T) {
	t.Parallel()
	w := &world{project: newProject(t)}
	state := func() map[string]string {
		now := map[string]string{}
		for name, x := range w.things {
			if path.Dir(name) == "out" {
				now[name] = x.content
			}
		}
		return now
	}
	rapid.Check(t, func(t *rapid.T) {
		w.clear()
		put := func(label string) {
			name := rapid.SampledFrom(someNames).Draw(t, label)
			w.make(name, thing{kind: "file", content: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "content")})
		}
		w.make("out/p1.png", thing{kind: "file", content: "a"})
		for range rapid.IntRange(0, 4).Draw(t, "before") {
			put("name")
		}
		f := w.look(`file: {"out/*": {}}`)[0]
		was := state()
		for range rapid.IntRange(0, 3).Draw(t, "after") {
			if rapid.Bool().Draw(t, "remove") {
				name := rapid.SampledFrom(someNames).Draw(t, "removed")
				must(w.t, os.RemoveAll(w.path(name)))
				delete(w.things, name)
			} else {
				put("put")
			}
		}
		changed, err := Changed(w.t.Context(), w.scope, f.Basis)
		must(w.t, err)
		if same := fmt.Sprint(state()) == fmt.Sprint(was); same != (len(changed) == 0) {
			t.Fatalf("%v, %v: %+v", was, state(), changed)
		}
	})
}

// Twenty checks as a gate has them.
func BenchmarkTwentyLocalChecks(b *testing.B) {
	p := newProject(b)
	p.starts()
	var text strings.Builder
	text.WriteString("file:\n")
	for i := range 10 {
		name := fmt.Sprintf("docs/f%d.md", i)
		p.put(name, strings.Repeat("text ", 4000)+"## 目的")
		fmt.Fprintf(&text, "  %s: {size: {min: 200}, contains: ['## 目的'], lacks: ['（ここに']}\n", name)
	}
	text.WriteString("images:\n")
	for i := range 3 {
		for n := range 4 {
			p.put(fmt.Sprintf("out%d/p%d.png", i, n), string(picture(b, 256, 256, false)))
			p.put(fmt.Sprintf("in%d/p%d.tif", i, n), "x")
		}
		fmt.Fprintf(&text, "  out%d/*.png: {not_blank: true, min_width: 64}\n", i)
	}
	text.WriteString("count_equal:\n")
	for i := range 3 {
		fmt.Fprintf(&text, "  c%d: {left: 'in%d/*.tif', right: 'out%d/*.png'}\n", i, i, i)
	}
	text.WriteString("no_match_since:\n  a: {match: '*.png', since: start}\n  b: {match: '*.partial', recursive: true, since: start}\n")
	text.WriteString("process_gone: {p: {pid: 4194304}}\nhttp: {'http://127.0.0.1:1/': {}}\n")
	g, err := gate.Parse([]byte(text.String()), "bench")
	must(b, err)
	check := factcheck.New(factcheck.Options{Checkers: Checkers(p.o), Recorder: book{}})
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		claims, err := g.Claims(p.scope)
		must(b, err)
		if len(claims) != 20 {
			b.Fatal(len(claims))
		}
		r, err := check.Judge(b.Context(), p.scope.Ticket, claims)
		must(b, err)
		for _, f := range r.Findings {
			if f.Verdict != yes && f.Type != gate.KindHTTP {
				b.Fatal(f)
			}
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
