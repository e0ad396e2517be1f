package control

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// A sentence is in one language from its beginning to its end, also what a
// problem says of the fault behind it.
func TestProblem_IsToldInOneLanguage_AlsoBehindTheSocket(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(NewProblem("problem.tracker", "error", fault.New(fault.Unavailable, "sheets.unavailable").Wrap(errors.New("refused"))))
	if err != nil {
		t.Fatal(err)
	}
	var p Problem
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lang       phrase.Lang
		want, lack string
	}{
		{phrase.English, "the server of the sheet does not answer as it should: refused", "シート"},
		{phrase.Japanese, "シートのサーバーが正常に応答しません: refused", "does not answer"},
	} {
		if said := p.Say(c.lang); !strings.HasSuffix(said, c.want) || strings.Contains(said, c.lack) {
			t.Errorf("%s: %s", c.lang, said)
		}
	}
	if !strings.Contains(p.Message, "does not answer as it should: refused") {
		t.Error(p.Message)
	}
}

func TestProblem_WithoutAFaultBehindIt_IsItsSentence(t *testing.T) {
	t.Parallel()
	p := NewProblem("problem.tracker", "error", "plain words")
	if p.Cause != nil || !strings.HasSuffix(p.Say(phrase.Japanese), ": plain words") {
		t.Errorf("%+v", p)
	}
}
