package example

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

func TestExtract_EveryOutputDecodes_AndHoldsTheFiguresAndNothingElse(t *testing.T) {
	t.Parallel()
	var sum, looked float64
	for n := range pages {
		got := decode[*image.NRGBA](t, filepath.Join(gallery.out, name(n+1)))
		if n%4 != 0 {
			continue // with the race detector, a noisy page takes a second to decode
		}
		page := decode[*image.RGBA](t, filepath.Join(gallery.pages, name(n+1)))
		truth := decode[*image.Gray](t, filepath.Join(gallery.truth, name(n+1)))
		if got.Bounds() != page.Bounds() {
			t.Fatalf("%s: %v became %v", name(n+1), page.Bounds(), got.Bounds())
		}
		both, either, wrong := compare(page.Pix, truth.Pix, got.Pix)
		if wrong >= 0 {
			t.Fatalf("%s: pixel %d was %v and is %v", name(n+1), wrong, page.Pix[4*wrong:4*wrong+4], got.Pix[4*wrong:4*wrong+4])
		}
		if both < 0.85*either {
			t.Errorf("%s: what is cut out and the figures have only %.2f in common", name(n+1), both/either)
		}
		sum += both / either
		looked++
	}
	t.Logf("in common on average: %.3f", sum/looked)
	if sum < 0.95*looked {
		t.Errorf("what is cut out and the figures have only %.3f in common on average", sum/looked)
	}
}

// compare counts the pixels that are of a figure and were kept, and those that
// are either. Wrong is the first pixel that is neither as it was nor empty, or
// -1. There are millions to look at, by one goroutine.
//
//go:norace
func compare(page, truth, got []byte) (both, either float64, wrong int) {
	for i := range truth {
		was, is := [4]byte(page[4*i:]), [4]byte(got[4*i:])
		figure, kept := truth[i] != 0, is[3] != 0
		if kept && was != is || !kept && is != [4]byte{} {
			return 0, 0, i
		}
		if figure && kept {
			both++
		}
		if figure || kept {
			either++
		}
	}
	return both, either, -1
}

// decode reads a picture that is stored as T.
func decode[T image.Image](t *testing.T, file string) T {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	p, ok := picture.(T)
	if !ok {
		t.Fatalf("%s is stored as %T", file, picture)
	}
	return p
}

func TestPictures_DrawnAgain_AreTheSame(t *testing.T) {
	t.Parallel()
	again := t.TempDir()
	succeeds(t, program("pictures.py", "--count", "3", "--out", again))
	want := outputs(t, gallery.pages)
	for file, data := range outputs(t, again) {
		if data != want[file] {
			t.Errorf("%s differs", file)
		}
	}
}

func TestExtract_ByOneProcessInAnotherOrder_IsTheSame(t *testing.T) {
	t.Parallel()
	some := inputs()[:8]
	slices.Reverse(some)
	out := t.TempDir()
	succeeds(t, program("extract.py", append(some, "--out", out)...))
	same(t, outputs(t, out), some)
}

func TestExtract_ResumedByAListOfTheRest_IsTheSame(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	succeeds(t, program("extract.py", "--list", list(t, inputs()[:10]), "--out", out))
	same(t, outputs(t, out), inputs()[:10])
	succeeds(t, program("extract.py", "--list", list(t, inputs()[10:]), "--workers", "2", "--out", out))
	same(t, outputs(t, out), inputs())
}

func TestExtract_Bar_CountsEveryPage(t *testing.T) {
	t.Parallel()
	stderr := succeeds(t, program("extract.py", append(inputs()[:3], "--out", t.TempDir())...))
	frames := strings.Split(strings.TrimSpace(stderr), "\r")
	if last := frames[len(frames)-1]; !regexp.MustCompile(`^pages: 100%\|█+\| 3/3 \[`).MatchString(last) {
		t.Errorf("the last frame is %q", last)
	}
}

func TestExtractProgress_TellsEachOutput(t *testing.T) {
	t.Parallel()
	file, out := filepath.Join(t.TempDir(), "progress"), t.TempDir()
	broken := filepath.Join(t.TempDir(), "broken.png")
	if err := os.WriteFile(broken, []byte("GIF89a?"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program("extract_progress.py", append(inputs()[:2], broken, inputs()[2], "--out", out)...)
	cmd.Env = append(cmd.Env, "URATORI_PROGRESS="+file)
	if status, stderr := result(t, cmd); status != 1 || !strings.Contains(stderr, broken+": not a picture") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	same(t, outputs(t, out), inputs()[:3])

	type line struct {
		Done  int    `json:"done"`
		Total int    `json:"total"`
		Item  string `json:"item"`
		Phase string `json:"phase"`
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []line
	for text := range strings.Lines(string(data)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l, json.RejectUnknownMembers(true)); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		got = append(got, l)
	}
	want := []line{{1, 4, "p001.png", "extract"}, {2, 4, "p002.png", "extract"}, {3, 4, "p003.png", "extract"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What cannot be extracted has no output, costs the others nothing, and is not
// passed off as a success.
func TestExtract_UnusableInputs_HaveNoOutputAndFailTheRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page, err := os.ReadFile(inputs()[0])
	if err != nil {
		t.Fatal(err)
	}
	empty, torn := filepath.Join(dir, "empty.png"), filepath.Join(dir, "torn.png")
	missing, nobody := filepath.Join(dir, "missing.png"), filepath.Join(dir, "nobody.png")
	for file, data := range map[string][]byte{empty: {}, torn: page[:len(page)/2], nobody: blank(t)} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out")
	status, stderr := result(t, program("extract.py", empty, torn, missing, nobody, inputs()[0], dir, "--workers", "2", "--out", out))
	if status != 1 {
		t.Errorf("status %d", status)
	}
	for file, reason := range map[string]string{
		empty: "not a picture", torn: "not a picture", missing: "No such file or directory",
		nobody: "no figure found", dir: "Is a directory",
	} {
		if !strings.Contains(stderr, file+": "+reason) {
			t.Errorf("not said: %s: %s\n%s", file, reason, stderr)
		}
	}
	same(t, outputs(t, out), inputs()[:1])
}

// blank is a page without panels.
func blank(t *testing.T) []byte {
	t.Helper()
	sheet := image.NewGray(image.Rect(0, 0, 300, 400))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	var data bytes.Buffer
	if err := png.Encode(&data, sheet); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func TestExtract_WrongUsage_DoesNothing(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	page := inputs()[0]
	for says, args := range map[string][]string{
		"no inputs":                {"--list", list(t, nil), "--out", out},
		"No such file":             {"--list", filepath.Join(t.TempDir(), "none"), "--out", out},
		"would both become":        {page, filepath.Join(t.TempDir(), filepath.Base(page)), "--out", out},
		"would be written over":    {page, "--out", filepath.Dir(page)},
		"--workers is at least 1":  {page, "--workers", "0", "--out", out},
		"--seconds at least 0":     {page, "--seconds", "nan", "--out", out},
		"required: --out":          {page},
		"unrecognized arguments: ": {page, "--fast", "--out", out},
	} {
		if status, stderr := result(t, program("extract.py", args...)); status != 2 || !strings.Contains(stderr, says) {
			t.Errorf("%q: status %d\n%s", says, status, stderr)
		}
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the folder for outputs was made: %v", err)
	}
}
