package progress

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sightings is all that a parser sees in a log, fed in pieces.
func sightings(p *Parser, pieces ...[]byte) []Sighting {
	var all []Sighting
	see := func(s Sighting) { all = append(all, s) }
	for _, piece := range pieces {
		p.Write(piece, see)
	}
	p.Peek(true, see)
	return all
}

func parse(work Work, log string) []Sighting {
	return sightings(NewParser(work, nil), []byte(log))
}

func counted(source Source, done, total int64) Sighting {
	return Sighting{Source: source, Counted: true, Done: done, Total: total}
}

func share(percent float64, phase string) Sighting {
	return Sighting{Source: Percent, Partial: true, Percent: percent, Phase: phase}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// begin is when every test's clock starts.
func begin() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }

func after(seconds float64) time.Time {
	return begin().Add(time.Duration(seconds * float64(time.Second)))
}
