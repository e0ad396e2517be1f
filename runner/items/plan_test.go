package items

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// outputsOf is what a plan for these inputs in /w makes of its templates.
func outputsOf(t testing.TB, paths []string, templates ...string) [][]string {
	t.Helper()
	p, err := Recall("/w", paths, templates)
	must(t, err)
	var all [][]string
	for _, it := range p.Items {
		all = append(all, it.Outputs)
	}
	return all
}

func TestRecall_FillsTheTemplatesIn(t *testing.T) {
	t.Parallel()
	paths := []string{"/w/pages/p1.tar.gz", "/elsewhere/b", "/w/.hidden"}
	for template, want := range map[string][]string{
		"out/{stem}.png":        {"/w/out/p1.tar.png", "/w/out/b.png", "/w/out/.hidden.png"},
		"out/{name}":            {"/w/out/p1.tar.gz", "/w/out/b", "/w/out/.hidden"},
		"{stem}_{ext}":          {"/w/p1.tar_gz", "/w/b_", "/w/.hidden_"},
		"{dir}/{name}.json":     {"/w/pages/p1.tar.gz.json", "/elsewhere/b.json", "/w/.hidden.json"},
		"x/{dir}/{index}":       {"/w/x/pages/1", "/w/x/elsewhere/2", "/w/x/3"}, // the last {dir} is "."
		"/abs/{index}-{name}":   {"/abs/1-p1.tar.gz", "/abs/2-b", "/abs/3-.hidden"},
		"../up/{stem}":          {"/up/p1.tar", "/up/b", "/up/.hidden"},
		"{{{stem}":              {"/w/{p1.tar", "/w/{b", "/w/{.hidden"},
		"{{{stem}}}{{}}.png":    {"/w/{p1.tar}{}.png", "/w/{b}{}.png", "/w/{.hidden}{}.png"},
		".//a/./{name}.txt":     {"/w/a/p1.tar.gz.txt", "/w/a/b.txt", "/w/a/.hidden.txt"},
		"出力/{stem} 枚目.png":      {"/w/出力/p1.tar 枚目.png", "/w/出力/b 枚目.png", "/w/出力/.hidden 枚目.png"},
		"one for all of them":   {"/w/one for all of them", "/w/one for all of them", "/w/one for all of them"},
		"{index}{index}{stem}x": {"/w/11p1.tarx", "/w/22bx", "/w/33.hiddenx"},
	} {
		var got []string
		for _, outputs := range outputsOf(t, paths, template) {
			got = append(got, outputs...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
}

func TestRecall_NumbersHaveTheWidthOfTheTotal_AndSeveralOutputsTheirOrder(t *testing.T) {
	t.Parallel()
	paths := make([]string, 100)
	for i := range paths {
		paths[i] = "/w/" + strings.Repeat("x", i+1)
	}
	got := outputsOf(t, paths, "a/{index}", "b/{index}.json")
	if !slices.Equal(got[0], []string{"/w/a/001", "/w/b/001.json"}) || !slices.Equal(got[99], []string{"/w/a/100", "/w/b/100.json"}) {
		t.Errorf("%q %q", got[0], got[99])
	}
	p, err := Recall("/w", paths, nil)
	must(t, err)
	if p.Items[0].Outputs != nil || !slices.Equal(p.Paths(), paths) {
		t.Errorf("%+v", p.Items[0])
	}
}

func TestRecall_TextOfAValue_IsNotReadAgain(t *testing.T) {
	t.Parallel()
	if got := outputsOf(t, []string{"/w/{name}{{x}}"}, "o/{stem}.png"); got[0][0] != "/w/o/{name}{{x}}.png" {
		t.Errorf("%q", got)
	}
}

func TestRecall_BadTemplate_IsRefused(t *testing.T) {
	t.Parallel()
	for template, key := range map[string]string{
		"":                                    "items.bad_template",
		"out/":                                "items.bad_template",
		"a{":                                  "items.bad_template",
		"a}":                                  "items.bad_template",
		"{stem":                               "items.bad_template",
		"}{stem}":                             "items.bad_template",
		"a\nb":                                "items.bad_template",
		"\xff{stem}":                          "items.bad_template",
		"a\x00":                               "items.bad_template",
		strings.Repeat("x", 5000):             "items.bad_template",
		"{}":                                  "items.unknown_placeholder",
		"{STEM}.png":                          "items.unknown_placeholder",
		"{ stem }":                            "items.unknown_placeholder",
		"{stem:03}":                           "items.unknown_placeholder",
		"{item}":                              "items.unknown_placeholder",
		"{out}":                               "items.unknown_placeholder",
		"out/.":                               "items.output_no_file",
		"..":                                  "items.output_no_file",
		"{ext}":                               "items.output_no_file",
		"out/{ext}":                           "items.output_no_file",
		strings.Repeat("x", 256):              "items.output_too_long",
		strings.Repeat("x/", 2046):            "items.bad_template",
		strings.Repeat("x/", 2040) + "{stem}": "items.output_too_long",
	} {
		_, err := Recall("/w", []string{"/w/" + strings.Repeat("f", 50)}, []string{"good/{stem}", template})
		refused(t, err, key)
	}
	_, err := Recall("/w", []string{"/w/p.png"}, []string{"{size}"})
	refused(t, err, "items.unknown_placeholder", "{size}", "{stem} {name} {ext} {dir} {index}")
}

// plan makes a plan in dir for these inputs, which are made.
func plan(t testing.TB, dir string, inputs []string, templates ...string) (*Plan, error) {
	t.Helper()
	touch(t, dir, inputs...)
	found, err := Expand(t.Context(), dir, inputs)
	must(t, err)
	return NewPlan(dir, found, templates)
}

func TestNewPlan_OutputsThatWouldBeLost_AreRefused_NamingBoth(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		inputs    []string
		templates []string
		key       string
		words     []string
	}{
		{[]string{"a/p.png", "b/p.png"}, []string{"out/{stem}.png"}, "items.same_output", []string{"a/p.png", "b/p.png", "out/p.png", "{dir}"}},
		{[]string{"p.png", "p.jpg"}, []string{"{stem}.txt"}, "items.same_output", []string{"/p.png", "/p.jpg"}},
		{[]string{"p1.png", "p2.png"}, []string{"one.txt"}, "items.same_output", []string{"p1.png", "p2.png", "one.txt"}},
		{[]string{"p1.png", "p2.png"}, []string{"x/../{name}"}, "items.output_is_input", []string{"p1.png"}},
		{[]string{"p1.png", "p2.png", "p1.jpg"}, []string{"{stem}.png", "o/{name}"}, "items.output_is_input", []string{"p1.jpg", "p1.png"}},
		{[]string{"p1.png"}, []string{"o/{stem}.x", "o/./{stem}.x"}, "items.same_template", []string{"p1.png", "o/p1.x"}},
		{[]string{"p1", "p2"}, []string{"o/{stem}", "o/{stem}/x"}, "items.output_in_file", []string{"o/p1"}},
		{[]string{"p1", "p2"}, []string{"{name}/x.png"}, "items.output_in_file", []string{"p1/x.png"}},
	} {
		_, err := plan(t, t.TempDir(), tc.inputs, tc.templates...)
		refused(t, err, tc.key, tc.words...)
	}
}

func TestNewPlan_SeesThroughLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	touch(t, dir, "real/p1.png", "store/x.bin")
	must(t, os.Symlink("real", filepath.Join(dir, "link")))
	must(t, os.MkdirAll(filepath.Join(dir, "one"), 0o700))
	must(t, os.Symlink("one", filepath.Join(dir, "two")))
	must(t, os.Symlink("../store/x.bin", filepath.Join(dir, "one", "p9.png")))
	for _, tc := range []struct {
		inputs    []string
		templates []string
		key       string
	}{
		{[]string{"real/p1.png"}, []string{"link/{name}"}, "items.output_is_input"},
		{[]string{"link/p1.png"}, []string{"real/{name}"}, "items.output_is_input"},
		{[]string{"real/p1.png"}, []string{"one/{name}", "two/{name}"}, "items.same_template"},
		{[]string{"real/p1.png"}, []string{"one/new/{name}", "two/new/{name}"}, "items.same_template"},
		{[]string{"store/x.bin"}, []string{"one/p9.png"}, "items.output_is_input"},
	} {
		found, err := Expand(t.Context(), dir, tc.inputs)
		must(t, err)
		_, err = NewPlan(dir, found, tc.templates)
		refused(t, err, tc.key)
	}
	found, err := Expand(t.Context(), dir, []string{"real/p1.png"})
	must(t, err)
	p, err := NewPlan(dir, found, []string{"two/{stem}.txt"})
	must(t, err)
	if got := p.Items[0].Outputs[0]; got != filepath.Join(dir, "two/p1.txt") {
		t.Errorf("the output is not where it was said to be: %s", got)
	}
}

func TestNewPlan_NamesThatDifferInCase_AreTwoFilesHere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := plan(t, dir, []string{"x/A.png", "y/a.png"}, "out/{stem}.txt")
	must(t, err)
	if len(p.Items) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestIgnoresCase_LooksAtTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "Empty")
	must(t, os.Mkdir(empty, 0o700))
	if ignoresCase(empty) || ignoresCase(dir) || ignoresCase(filepath.Join(dir, "not", "there")) || ignoresCase("/") {
		t.Error("case matters here")
	}
	// Two names of one file look from inside as on a disk that ignores case.
	touch(t, dir, "alike/p.png")
	must(t, os.Link(filepath.Join(dir, "alike/p.png"), filepath.Join(dir, "alike/P.PNG")))
	if !ignoresCase(filepath.Join(dir, "alike")) || !ignoresCase(filepath.Join(dir, "alike/new/folder")) {
		t.Error("case does not matter there")
	}
	_, err := plan(t, dir, []string{"x/A", "y/a"}, "alike/new/{stem}.txt")
	refused(t, err, "items.same_output", "x/A", "y/a")
}

func TestNewPlan_PlansThousands(t *testing.T) {
	t.Parallel()
	found := make([]Item, 20_000)
	for i := range found {
		found[i] = Item{Index: i + 1, Path: fmt.Sprintf("/nowhere/%d/p%d.png", i%7, i)}
	}
	p, err := NewPlan("/nowhere", found, []string{"out/{index}.png", "out/{dir}/{stem}.json"})
	must(t, err)
	if len(p.Items) != len(found) || !slices.Equal(p.Items[41].Outputs, []string{"/nowhere/out/00042.png", "/nowhere/out/6/p41.json"}) {
		t.Errorf("%d, %+v", len(p.Items), p.Items[41])
	}
}

func TestMakeFolders_MakesWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := plan(t, dir, []string{"a/p1.png", "b/p2.png"}, "out/{dir}/{stem}.png", "{dir}/{stem}.txt")
	must(t, err)
	for range 2 {
		must(t, MakeFolders(t.Context(), p.Items))
	}
	for _, it := range p.Items {
		for _, output := range it.Outputs {
			put(t, output, []byte("x"), 0)
		}
	}
	left := 0
	if err := MakeFolders(countdown{t.Context(), &left}, p.Items); !errors.Is(err, errCountdown) {
		t.Error(err)
	}
	p, err = plan(t, dir, []string{"a/p1.png"}, "a/p1.png.d/{stem}")
	must(t, err)
	touch(t, dir, "a/p1.png.d")
	err = MakeFolders(t.Context(), p.Items)
	refused(t, err, "items.no_folder", "p1.png.d", "not a directory")
	if !errors.Is(err, syscall.ENOTDIR) {
		t.Error(err)
	}
}

// The umask is the process's, so this test runs alone.
func TestMakeFolders_AreNotHiddenByTheUmaskOfTheDaemon(t *testing.T) {
	dir := t.TempDir()
	before := unix.Umask(0o077)
	defer unix.Umask(before)
	must(t, MakeFolders(t.Context(), []Item{{Index: 1, Path: "/x", Outputs: []string{filepath.Join(dir, "a/b/c")}}}))
	for _, made := range []string{"a", "a/b"} {
		info, err := os.Stat(filepath.Join(dir, made))
		must(t, err)
		if info.Mode().Perm() != 0o755 {
			t.Error(info.Mode())
		}
	}
}

func TestMakeFolders_ManyAtOnce_AllSucceed(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := t.TempDir()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				output := filepath.Join(dir, "a/b/c", fmt.Sprint(i%2), "x")
				if err := MakeFolders(t.Context(), []Item{{Index: 1, Path: "/x", Outputs: []string{output}}}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

func TestMakeFolders_LinkThatLeadsNowhere_IsInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Symlink("nowhere", filepath.Join(dir, "out")))
	err := MakeFolders(t.Context(), []Item{{Index: 1, Path: "/x", Outputs: []string{filepath.Join(dir, "out", "sub", "x")}}})
	refused(t, err, "items.no_folder", "file exists")
}

func TestParseTemplate_WhatIsAccepted_FillsInToAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-z./]{0,3}(\{(stem|name|index|dir|ext)\}|\{\{|\}\}|é)){0,4}[a-z]{0,2}`).Draw(t, "template")
		name := rapid.StringMatching(`[a-z0-9.é{}]{1,8}`).Filter(func(s string) bool { return s != "." && s != ".." }).Draw(t, "name")
		p, err := Recall("/w", []string{"/w/in/" + name}, []string{text})
		if err != nil {
			return
		}
		out := p.Items[0].Outputs[0]
		if !filepath.IsAbs(out) || filepath.Clean(out) != out || out == "/" {
			t.Errorf("%q for %q is %q", text, name, out)
		}
		again, err := Recall("/w", p.Paths(), p.Outputs)
		if diff := cmp.Diff(p, again); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}

// Whatever a person types for a template, the answer is a fault or a path.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"out/{stem}.png", "{{}}", "{", "}", "{}", "{dir}/{name}", "{index}{ext}", "../{stem}", "/", "{stem}/", "\xff", "{{{stem}}}"} {
		f.Add(seed, "/w/pages/p1.png")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		path = filepath.Clean("/" + path)
		p, err := Recall("/w", []string{path}, []string{text})
		if err != nil {
			if errKey(err) == "" {
				t.Errorf("%q: %v is no fault", text, err)
			}
			return
		}
		if out := p.Items[0].Outputs[0]; !filepath.IsAbs(out) || filepath.Clean(out) != out || len(out) > longestPath {
			t.Errorf("%q: %q", text, out)
		}
	})
}
