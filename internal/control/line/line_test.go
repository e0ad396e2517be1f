package line

import (
	"strings"
	"testing"
)

func TestHot_IsAShortListOfExactWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]bool{
		"enqueue -- true": true, "enqueue": true, "beat 1": true, "status": true, "status 1 --json": true,
		"": false, "status --watch": false, "status --json --watch=1": false, "up": false, "approve": false, "run -- true": false,
		"--json enqueue": false, "enqueues": false, "ENQUEUE": false, "help": false,
	} {
		if got := Hot(strings.Fields(words)); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
}

func TestIsKey_OfWhatWasDrawn_AndOfNothingElse(t *testing.T) {
	t.Parallel()
	key := NewKey()
	if !IsKey(key) || NewKey() == key {
		t.Error(key)
	}
	for _, wrong := range []string{"", "cli-", key[:len(key)-1], key + "A", strings.ToLower(key), "x" + key[1:], key[:len(key)-1] + "1", key[:len(key)-1] + "\n"} {
		if IsKey(wrong) {
			t.Errorf("%q", wrong)
		}
	}
}

func TestFits_UpToAMegabyte(t *testing.T) {
	t.Parallel()
	if !(Line{Args: []string{strings.Repeat("x", 100_000)}}).Fits() || (Line{Environ: []string{strings.Repeat("x", longest)}}).Fits() {
		t.Error("the bound is elsewhere")
	}
}
