package items

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/bmatcuk/doublestar/v4"
)

// expanded is what patterns find in dir, as people write it.
func expanded(t testing.TB, dir string, patterns ...string) []string {
	t.Helper()
	found, err := Expand(t.Context(), dir, patterns)
	must(t, err)
	names := make([]string, len(found))
	for i, it := range found {
		if it.Index != i+1 || !filepath.IsAbs(it.Path) || it.Outputs != nil {
			t.Errorf("%+v", it)
		}
		names[i] = Short(dir, it.Path)
	}
	return names
}

func TestExpand_FindsWhatAShellWould_InNaturalOrder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "odd [1-2] {a,b} *")
	touch(t, dir, "p10.png", "p2.png", "p1.png", "P3.PNG", "p2.jpg", "ページ 2.png", ".hidden.png", "-.png", "[x].png",
		"sub/p1.png", "sub/deep/p3.png", ".git/p4.png", "sub/.cache/p5.png", "a,b.png")
	for pattern, want := range map[string][]string{
		"*.png":                    {"-.png", "[x].png", "a,b.png", "p1.png", "p2.png", "p10.png", "ページ 2.png"},
		"./p*.png":                 {"p1.png", "p2.png", "p10.png"},
		"p[12].png":                {"p1.png", "p2.png"},
		"p[!1].png":                {"p2.png"},
		"p[^1].png":                {"p2.png"},
		"p?.*":                     {"p1.png", "p2.jpg", "p2.png"},
		"p{1,10}.png":              {"p1.png", "p10.png"},
		"p2.{png,jpg}":             {"p2.jpg", "p2.png"},
		"{sub/,}p1.png":            {"p1.png", "sub/p1.png"},
		"{sub{/deep,},.}/p[13].*":  {"p1.png", "sub/deep/p3.png", "sub/p1.png"},
		"**/p*.png":                {"p1.png", "p2.png", "p10.png", "sub/deep/p3.png", "sub/p1.png"},
		"sub/**":                   {"sub/deep/p3.png", "sub/p1.png"},
		"**/**/deep/**/*":          {"sub/deep/p3.png"},
		"*/*.png":                  {"sub/p1.png"},
		".*.png":                   {".hidden.png"},
		".git/*":                   {".git/p4.png"},
		"sub/.cache/*.png":         {"sub/.cache/p5.png"},
		"sub/../p1.png":            {"p1.png"},
		"*/../p1.png":              {"p1.png"},
		`\[x\].png`:                {"[x].png"},
		"[x].png":                  {"[x].png"},
		"a,b.png":                  {"a,b.png"},
		"ページ*":                     {"ページ 2.png"},
		filepath.Join(dir, "p2.*"): nil,
	} {
		if want == nil { // the folder's own name is a pattern too, and matches nothing
			_, err := Expand(t.Context(), dir, []string{pattern})
			refused(t, err, "items.no_match", "p2.*")
			continue
		}
		if got := expanded(t, dir, pattern); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
	plain := filepath.Join(dir, "p2.png")
	if got := expanded(t, "/", plain); !slices.Equal(got, []string{plain[1:]}) {
		t.Errorf("%q", got)
	}
}

func TestExpand_SeveralPatterns_AreOneListWithoutDuplicates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	touch(t, dir, "p1.png", "p2.png", "p10.png")
	want := []string{"p1.png", "p2.png", "p10.png"}
	if got := expanded(t, dir, "p10.png", "*.png", "./p1.png", "**/*", filepath.Join(dir, "p2.png")); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What a shell has already expanded may look like a pattern. A file called
// *.png is no reason to leave the others out.
func TestExpand_FileThatIsCalledLikeAPattern(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	touch(t, dir, "scan[1].png", "scan1.png", "*.png", "{a,b}.png", "a.png", `back\slash.png`)
	for pattern, want := range map[string][]string{
		"scan[1].png":    {"scan[1].png"},
		"*.png":          {"*.png", `back\slash.png`, "a.png", "scan1.png", "scan[1].png", "{a,b}.png"},
		"{a,b}.png":      {"{a,b}.png"},
		"?.png":          {"*.png", "a.png"},
		`back\slash.png`: {`back\slash.png`},
	} {
		got := expanded(t, dir, pattern)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", pattern, got)
		}
	}
}

func TestExpand_NothingIsPassedOverInSilence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	touch(t, dir, "a.png", "folders/one/x.txt")
	must(t, os.Symlink("nowhere", filepath.Join(dir, "link.tif")))
	must(t, unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	for pattern, key := range map[string]string{
		"*.jpg":                                "items.no_match",
		"nowhere/*.png":                        "items.no_match",
		"a.png/*.png":                          "items.no_match",
		"**/*.xyz":                             "items.no_match",
		"*.png/":                               "items.no_match",
		"folders/*":                            "items.only_folders",
		"folders":                              "items.is_folder",
		".":                                    "items.is_folder",
		"/":                                    "items.is_folder",
		"folders/":                             "items.is_folder",
		"b.png":                                "items.no_file",
		"a.png/b":                              "items.no_file",
		"link.tif":                             "items.dangling",
		"*.tif":                                "items.dangling",
		"pipe":                                 "items.not_file",
		"pip?":                                 "items.no_match",
		"":                                     "items.bad_pattern",
		"[a":                                   "items.bad_pattern",
		"{a,b":                                 "items.bad_pattern",
		"a}*":                                  "items.bad_pattern",
		"a[/]b":                                "items.bad_pattern",
		"[]":                                   "items.bad_pattern",
		`*\`:                                   "items.bad_pattern",
		"a\x00b":                               "items.bad_pattern",
		"a\nb":                                 "items.bad_pattern",
		"\xff*":                                "items.bad_pattern",
		"\x1b[2J*":                             "items.bad_pattern",
		strings.Repeat("a", 10_000):            "items.bad_pattern",
		strings.Repeat("{", 1000):              "items.bad_pattern",
		strings.Repeat("{a,b}", 10):            "items.many_alternatives",
		strings.Repeat("{a,b}", 800):           "items.many_alternatives",
		"{" + strings.Repeat("a,", 1500) + "}": "items.many_alternatives",
		strings.Repeat("{a,", 500) + "*" + strings.Repeat("}", 500): "items.dangling",
	} {
		_, err := Expand(t.Context(), dir, []string{"a.png", pattern})
		refused(t, err, key)
	}
	// A thousand ** are one.
	if got := expanded(t, dir, strings.Repeat("**/", 1000)+"a.png"); !slices.Equal(got, []string{"a.png"}) {
		t.Errorf("%q", got)
	}
}

func TestExpand_NameThatIsNoLine_IsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a\nb.png", "a\r.png", "a\tb.png", "\x1b[2J.png", "a\u2028b.png", "a\u0085b.png", "\x83y\x81[\x83W.png", "\xff.png", "a\x7f.png"} {
		dir := t.TempDir()
		touch(t, dir, "good.png", name)
		_, err := Expand(t.Context(), dir, []string{"*.png"})
		refused(t, err, "items.bad_name", "convmv")
		if got := expanded(t, dir, "good*"); len(got) != 1 {
			t.Errorf("%q", got)
		}
	}
	dir := t.TempDir()
	awkward := []string{" .png", "a  b.png", "'a'.png", `"a".png`, "$(a).png", "a;b.png", "日本語.png", "👩\u200d👩.png", "=1.png", "#.png", strings.Repeat("a", 251) + ".png"}
	touch(t, dir, awkward...)
	if got := expanded(t, dir, "*.png"); len(got) != len(awkward) {
		t.Errorf("%q", got)
	}
}

func TestExpand_FollowsLinks_ButNoneUnderADoubleStar(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	touch(t, dir, "real/p1.png", "elsewhere/p2.png")
	must(t, os.Symlink("../elsewhere", filepath.Join(dir, "real", "link")))
	must(t, os.Symlink("..", filepath.Join(dir, "real", "up"))) // a circle
	must(t, os.Symlink("../elsewhere/p2.png", filepath.Join(dir, "real", "p3.png")))
	for pattern, want := range map[string][]string{
		"real/*.png":      {"real/p1.png", "real/p3.png"},
		"real/*/p2.png":   {"real/link/p2.png"},
		"real/link/*":     {"real/link/p2.png"},
		"real/**/*.png":   {"real/p1.png", "real/p3.png"},
		"real/link/**":    {"real/link/p2.png"},
		"r*/*/*/*/p1.png": {"real/up/real/up/real/p1.png"},
	} {
		if pattern == "r*/*/*/*/p1.png" {
			_, err := Expand(t.Context(), dir, []string{pattern})
			refused(t, err, "items.no_match")
			continue
		}
		if got := expanded(t, dir, pattern); !slices.Equal(got, want) {
			t.Errorf("%s: %q", pattern, got)
		}
	}
}

func TestExpand_FolderThatCannotBeRead_IsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	touch(t, dir, "a/p1.png", "b/p2.png")
	// Not even root can list a folder whose name is too long for the kernel.
	long := strings.Repeat("x", 300)
	_, err := Expand(t.Context(), dir, []string{"a/*", long + "/*.png"})
	refused(t, err, "items.unreadable", "file name too long")
	_, err = Expand(t.Context(), dir, []string{long})
	refused(t, err, "items.unreadable", "file name too long")
}

func TestExpand_PipeInTheWay_DoesNotBlock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	done := make(chan error, 1)
	go func() {
		_, err := Expand(context.Background(), dir, []string{"pipe/*/x", "pipe*/*", "**/*"})
		done <- err
	}()
	select {
	case err := <-done:
		refused(t, err, "items.no_match")
	case <-time.After(20 * time.Second):
		t.Fatal("a pipe was opened")
	}
}

func TestExpand_Cancelled_Ends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 5 {
		touch(t, dir, fmt.Sprintf("%d/%d/p.png", i, i))
	}
	for asked := range 8 {
		left := asked
		if _, err := Expand(countdown{t.Context(), &left}, dir, []string{"**/*.png"}); err != errCountdown { //nolint:errorlint // exactly this
			t.Errorf("after %d looks: %v", asked, err)
		}
	}
}

// Against the library's own opinion of a whole path.
func TestExpand_AgreesWithTheMatcher(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all []string
	for _, a := range []string{"a", "b", "ab", "a1"} {
		for _, b := range []string{"", "a/", "b/", "a/b/"} {
			name := b + a + ".x"
			all = append(all, name)
			touch(t, dir, name)
		}
	}
	element := rapid.SampledFrom([]string{"*", "**", "?", "a", "b", "[ab]", "[!a]", "{a,b}", "{a,ab}", "a*", "*.x", "?.x", "{a,b}.x", "{a/b,b}", "a.x", "*1*"})
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(element, 1, 4).Draw(t, "elements"), "/")
		// For the library ** is also the folder itself, and so a file.
		whole := pattern
		if strings.HasSuffix(pattern, "**") {
			whole += "/*"
		}
		var want []string
		for _, name := range all {
			if ok, err := doublestar.Match(whole, name); err == nil && ok {
				want = append(want, name)
			}
		}
		slices.SortFunc(want, natural)
		found, err := Expand(context.Background(), dir, []string{pattern})
		var got []string
		for _, it := range found {
			got = append(got, Short(dir, it.Path))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q (%v)", pattern, got, want, err)
		}
	})
}
