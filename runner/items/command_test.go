package items

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func itemsOf(paths ...string) []Item {
	list := make([]Item, len(paths))
	for i, path := range paths {
		list[i] = Item{Index: i + 1, Path: path}
	}
	return list
}

func TestCommand_GivesTheItems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := itemsOf("/p/a b.png", "/p/$(x).png", "/p/{list}.png")
	for _, tc := range []struct{ argv, want []string }{
		{[]string{"run", "{items}", "--end"}, []string{"run", "/p/a b.png", "/p/$(x).png", "/p/{list}.png", "--end"}},
		{[]string{"run", "--list={list}", "{list}"}, []string{"run", "--list=" + dir + "/items", dir + "/items"}},
		{[]string{"run", "{{list}}", "{{items}}", "{{folder}}"}, []string{"run", "{list}", "{items}", "{folder}"}},
		{[]string{"python", "-c", `for x in open("{list}"): print(f"{x} {items} {{x}} {item}", {1: 2}, "{}")`}, []string{
			"python", "-c", `for x in open("` + dir + `/items"): print(f"{x} {items} {{x}} {item}", {1: 2}, "{}")`,
		}},
		{[]string{"sh", "-c", "echo ${HOME} $(ls) {a,b} {", "awk", "{print $1}", "{{", "}}", "{LIST}", "{ list }", "{list"}, []string{
			"sh", "-c", "echo ${HOME} $(ls) {a,b} {", "awk", "{print $1}", "{{", "}}", "{LIST}", "{ list }", "{list",
		}},
		{[]string{"{list}{list}", "{{{list}"}, []string{dir + "/items" + dir + "/items", "{{" + dir + "/items"}},
	} {
		got, err := Command(tc.argv, list, dir)
		must(t, err)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%q: %q", tc.argv, got)
		}
		kept, err := ReadList(filepath.Join(dir, "items"))
		must(t, err)
		if !slices.Equal(kept, pathsOf(list)) {
			t.Errorf("%q", kept)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "inputs")); err == nil {
		t.Error("a folder of links was made that nobody asked for")
	}
}

func TestCommand_NothingRemains_GivesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got, err := Command([]string{"run", "{items}", "{folder}"}, nil, dir)
	must(t, err)
	if !slices.Equal(got, []string{"run", dir + "/inputs"}) {
		t.Errorf("%q", got)
	}
	content, err := os.ReadFile(filepath.Join(dir, "items"))
	must(t, err)
	entries, err := os.ReadDir(filepath.Join(dir, "inputs"))
	must(t, err)
	if len(content)+len(entries) != 0 {
		t.Errorf("%q %v", content, entries)
	}
}

func TestCommand_FolderThatIsNotThere_IsTold(t *testing.T) {
	t.Parallel()
	_, err := Command([]string{"{folder}"}, itemsOf("/p/a"), filepath.Join(t.TempDir(), "gone"))
	refused(t, err, "items.unwritable", "no such file")
}

// linked is what the links of a folder of these items lead to, in the order of
// their names.
func linked(t testing.TB, list []Item) (names, targets []string) {
	t.Helper()
	dir := t.TempDir()
	// What an earlier try left behind is no input.
	must(t, os.MkdirAll(filepath.Join(dir, "inputs", "old"), 0o700))
	must(t, os.Symlink("/etc", filepath.Join(dir, "inputs", "etc")))
	_, err := Command([]string{"x={folder}"}, list, dir)
	must(t, err)
	entries, err := os.ReadDir(filepath.Join(dir, "inputs"))
	must(t, err)
	for _, e := range entries {
		target, err := os.Readlink(filepath.Join(dir, "inputs", e.Name()))
		must(t, err)
		names, targets = append(names, e.Name()), append(targets, target)
	}
	return names, targets
}

func TestCommand_FolderOfLinks_KeepsNames(t *testing.T) {
	t.Parallel()
	names, targets := linked(t, itemsOf("/a/p1.png", "/b/p2.png", "/b/ページ.png"))
	if !slices.Equal(names, []string{"p1.png", "p2.png", "ページ.png"}) || !slices.Equal(targets, []string{"/a/p1.png", "/b/p2.png", "/b/ページ.png"}) {
		t.Errorf("%q %q", names, targets)
	}
}

func TestCommand_FolderOfLinksWithEqualNames_KeepsTheOrder(t *testing.T) {
	t.Parallel()
	list := itemsOf("/a/p1.png", "/a/p9.png", "/a/p10.png", "/b/p1.png", "/c/"+strings.Repeat("é", 125)+".png")
	list[4].Index = 1234
	names, targets := linked(t, list)
	if !slices.Equal(targets, pathsOf(list)) || names[0] != "0001-p1.png" || names[3] != "0004-p1.png" {
		t.Errorf("%q %q", names, targets)
	}
	for _, name := range names {
		if filepath.Ext(name) != ".png" || len(name) > 255 || !clean(name) {
			t.Errorf("%q", name)
		}
	}
}

func TestCommand_FolderOfLinks_HasEachItemOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		paths := rapid.SliceOfNDistinct(rapid.StringMatching(`(/[ab1]){1,2}/([0-9]{1,2}-)?p[1-3]{1,2}\.(png|jpg)`), 0, 12, rapid.ID).Draw(rt, "paths")
		slices.SortFunc(paths, natural)
		names, targets := linked(t, itemsOf(paths...))
		if got := slices.Sorted(slices.Values(targets)); !slices.Equal(got, slices.Sorted(slices.Values(paths))) {
			rt.Errorf("%q", got)
		}
		for i, name := range names {
			if filepath.Ext(name) != filepath.Ext(targets[i]) {
				rt.Errorf("%q for %q", name, targets[i])
			}
		}
	})
}

func TestCommandFor_FillsOneItemIn(t *testing.T) {
	t.Parallel()
	it := Item{Index: 7, Path: "/w/pages/{stem} 1.png", Outputs: []string{"/w/out/a.json", "/w/out/b.txt"}}
	argv := []string{"{item}", "{out}", "{out1}:{out2}", "{out3}", "{stem}|{name}|{ext}|{dir}|{index}", "{{item}}", `f"{x}{{item}}"`, "{items} {list} {folder}", "{OUT}", "{out02}"}
	want := []string{
		"/w/pages/{stem} 1.png", "/w/out/a.json", "/w/out/a.json:/w/out/b.txt", "{out3}", "{stem} 1|{stem} 1.png|png|pages|007",
		"{item}", `f"{x}{item}"`, "{items} {list} {folder}", "{OUT}", "{out02}",
	}
	if got := CommandFor(argv, "/w", it, 100); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestCheckCommand_PlaceholdersThatDoNotFit_AreRefused(t *testing.T) {
	t.Parallel()
	p, err := Recall("/w", []string{"/w/p1.png"}, []string{"o/{stem}.json", "o/{stem}.txt"})
	must(t, err)
	for _, tc := range []struct {
		argv string
		each bool
		key  string
	}{
		{"run {items}", false, ""},
		{"run {list} {folder} --x={list}", false, ""},
		{"run nothing", false, ""},
		{"run f{items}x {a} {{items}} {stem}", false, ""},
		{"run {items} {items}", false, "items.twice"},
		{"run --in={items}", false, "items.not_alone"},
		{"run -i={items}", false, "items.not_alone"},
		{"run {item}", false, "items.needs_each"},
		{"run {out}", false, "items.needs_each"},
		{"run {out2}", false, "items.needs_each"},
		{"run x{item}", false, ""},
		{"run {item}", true, ""},
		{"run x{item}y", true, ""},
		{"run {out} {out2}", true, ""},
		{"run {stem}", true, ""},
		{"run --index={index}", true, ""},
		{"run {items}", true, "items.not_with_each"},
		{"run {item} {list}", true, "items.not_with_each"},
		{"run {item} {folder}", true, "items.not_with_each"},
		{"run {item} {out3}", true, "items.no_such_output"},
		{"run {out0} {item}", true, ""},
		{"run", true, "items.same_every_time"},
		{"run {{item}} {x}", true, ""},
	} {
		argv := strings.Fields(tc.argv)
		err := p.CheckCommand(argv, nil, tc.each)
		if tc.argv == "run {{item}} {x}" { // all braces to the letter: the same every time
			refused(t, err, "items.same_every_time")
			continue
		}
		if tc.key == "" {
			must(t, err)
			continue
		}
		refused(t, err, tc.key)
	}
	bare, err := Recall("/w", []string{"/w/p1.png"}, nil)
	must(t, err)
	refused(t, bare.CheckCommand([]string{"run", "{item}", "{out}"}, nil, true), "items.no_such_output", "{out}", "0")
}

// The kernel is asked: what is let through can be started, and the limit is
// not so low that it would refuse what could.
func TestCheckCommand_KnowsTheLimitOfTheKernel(t *testing.T) {
	t.Parallel()
	environ := []string{"A=" + strings.Repeat("x", 1000), "B=" + strings.Repeat("y", 100_000)}
	paths := make([]string, 250_000)
	for i := range paths {
		paths[i] = fmt.Sprintf("/pages/of/a/book/p%06d.png", i)
	}
	list := itemsOf(paths...)
	fit := func(n int) error {
		p := &Plan{Cwd: "/w", Items: list[:n]}
		return p.CheckCommand([]string{"/bin/true", "{items}"}, environ, false)
	}
	low, high := 1, len(paths)
	for low+1 < high {
		if middle := (low + high) / 2; fit(middle) == nil {
			low = middle
		} else {
			high = middle
		}
	}
	refused(t, fit(high), "items.command_too_long", "{list}", "{folder}")
	run := func(n int) error {
		cmd := exec.CommandContext(t.Context(), "/bin/true", paths[:n]...)
		cmd.Env = environ
		return cmd.Run()
	}
	must(t, run(low))
	if err := run(low + 1500); err == nil { // what is held in reserve is a few hundred paths
		t.Errorf("%d words are refused, and the kernel takes %d", high, low+1500)
	}
}

func TestCheckCommand_WordThatNoKernelTakes_IsRefused(t *testing.T) {
	t.Parallel()
	p, err := Recall("/w", []string{"/w/p1.png"}, nil)
	must(t, err)
	word := strings.Repeat("x", 128<<10-1)
	for _, each := range []bool{false, true} {
		must(t, p.CheckCommand([]string{"/bin/echo", "{item}x", word}, nil, each))
		refused(t, p.CheckCommand([]string{"/bin/echo", "{item}x", word + "x"}, nil, each), "items.word_too_long", "131072")
		refused(t, p.CheckCommand([]string{"/bin/echo", "{item}x"}, []string{word + "x"}, each), "items.word_too_long")
	}
	must(t, exec.CommandContext(t.Context(), "/bin/true", word).Run())
	if err := exec.CommandContext(t.Context(), "/bin/true", word+"x").Run(); err == nil {
		t.Error("the kernel takes longer words than we do")
	}
}

func TestSubstitute_WhatIsNotKnown_StaysToTheLetter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`([{}]{0,3}[abc ]{0,2}){0,6}`).Draw(t, "word")
		if got := substitute(word, func(string, bool) (string, bool) { return "", false }); got != word {
			t.Errorf("%q became %q", word, got)
		}
		known := func(name string, _ bool) (string, bool) { return "{b}", name == "a" }
		got := substitute(word, known)
		if strings.Count(word, "{a}") == 0 && got != word {
			t.Errorf("%q became %q", word, got)
		}
	})
}

func TestWriteList_IsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "list")
	paths := []string{"/a b", "/日本語.png", "/c"}
	must(t, WriteList(file, paths))
	must(t, WriteList(file, paths))
	got, err := ReadList(file)
	must(t, err)
	info, err := os.Stat(file)
	must(t, err)
	if !slices.Equal(got, paths) || info.Mode().Perm() != 0o600 {
		t.Errorf("%q %v", got, info.Mode())
	}
	refused(t, WriteList(file, []string{"/a\nb"}), "items.unwritable")
	if got, err := ReadList(file); err != nil || !slices.Equal(got, paths) {
		t.Errorf("the old list is gone: %q %v", got, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("left over: %v %v", entries, err)
	}
	for _, content := range []string{"/a", "/a\nb", "relative\n", "/a\r\n", "\n", "/\xff\n", "/a\x00b\n"} {
		must(t, os.WriteFile(file, []byte(content), 0o600))
		_, err := ReadList(file)
		refused(t, err, "items.unreadable")
	}
	_, err = ReadList(file + "x")
	refused(t, err, "items.unreadable", "no such file")
	must(t, os.WriteFile(file, nil, 0o600))
	if got, err := ReadList(file); err != nil || got != nil {
		t.Errorf("%q %v", got, err)
	}
}
