package items

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is now in these tests; files are written long before it unless a test
// says otherwise.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// put writes a file with the time noon plus after.
func put(t testing.TB, path string, content []byte, after time.Duration) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, content, 0o600))
	when := noon().Add(after)
	must(t, os.Chtimes(path, when, when))
}

// touch makes empty files in dir.
func touch(t testing.TB, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		put(t, filepath.Join(dir, name), nil, -time.Hour)
	}
}

// drawing has few enough pixels to be quick and enough that each row differs.
func drawing(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(x * 8), G: uint8(y * 10), B: uint8(x*y*7 + x*x), A: uint8(255 - x%2)}) //nolint:gosec // wraps round, and is to
		}
	}
	return m
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

// refused wants a fault with the key whose sentences in both languages have
// what a person needs, and no control character.
func refused(t testing.TB, err error, key string, words ...string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Key != key {
		t.Fatalf("%v, want %s", err, key)
	}
	for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
		sentence := fault.Explain(err, lang)
		if strings.ContainsFunc(sentence, func(r rune) bool { return r < ' ' }) || len(sentence) > 3000 {
			t.Errorf("unfit to be shown: %q", sentence)
		}
		for _, word := range words {
			if !strings.Contains(sentence, word) {
				t.Errorf("no %q in %s", word, sentence)
			}
		}
	}
}

// judge looks with noon for now.
func judge() Judge { return Judge{Workers: 2, Seen: NewSeen(), Now: noon} }

// look judges one item with these outputs.
func look(t testing.TB, terms Terms, input string, outputs ...string) Sight {
	t.Helper()
	s, err := judge().Look(t.Context(), Item{Index: 1, Path: input, Outputs: outputs}, terms)
	must(t, err)
	return s
}

// reason is why the only output of a sight does not count; "done" when it
// does, "missing" when it is not there.
func reason(s Sight) Reason {
	switch {
	case s.Done:
		return "done"
	case len(s.Wrong) == 0:
		return "missing"
	}
	return s.Wrong[0].Reason
}

// countdown is a context that ends after it was asked so many times.
type countdown struct {
	context.Context
	left *int
}

var errCountdown = errors.New("the time is up")

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return errCountdown
	}
	return nil
}

// errKey is the key of a fault, empty for any other error.
func errKey(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	return f.Key
}
