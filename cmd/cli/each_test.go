package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uratori/internal/phrase"
	"uratori/runner/items"
	"uratori/runner/items/each"
)

func TestEach_EndsWithTheStatusOfTheWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input := filepath.Join(dir, "p1")
	if err := os.WriteFile(input, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, tc := range []struct {
		ctx    context.Context
		script string
		want   int
		told   string
	}{
		{t.Context(), "exit 3", exitFailed, ""},
		{t.Context(), "exit 0", exitDone, ""},
		{ended, "exit 0", 143, ""},
		{t.Context(), "", exitFailed, "each.json"},
	} {
		folder := t.TempDir()
		if tc.script != "" {
			if err := each.Write(folder, each.Job{
				Argv: []string{"/bin/sh", "-c", tc.script, "{item}"}, Cwd: dir, Total: 1, Checkpoint: folder, Items: []items.Item{{Index: 1, Path: input}},
			}); err != nil {
				t.Fatal(err)
			}
		}
		var told strings.Builder
		a := &app{out: &output{Writer: io.Discard}, err: &told, getenv: func(string) string { return "" }, lang: phrase.English}
		if got := a.run(tc.ctx, []string{"each", folder}); got != tc.want || !strings.Contains(told.String(), tc.told) || (tc.told == "") != (told.Len() == 0) {
			t.Errorf("%q: %d, %q", tc.script, got, told.String())
		}
	}
}
