package workflow

import (
	"strings"
	"testing"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/tracker/project"
)

func TestLacking_IsToldAtOnce_AndNamesOfAnEnqueueAreNoSettings(t *testing.T) {
	t.Parallel()
	def, err := Default()
	must(t, err)
	for settings, tc := range map[string]struct{ told, not []string }{
		"": {[]string{"{tests}", "{test}", "{outputs}", `test = ["pytest", "-q"]`, `outputs = ["out/*.png"]`}, []string{"{stem}"}},
		"outputs = [\"out/*.png\"]\nsources = [\"src/**\"]":                                         {[]string{"{tests}", "{test}"}, []string{"{outputs}", "{sources}"}},
		"outputs = [\"out/*.png\"]\ntest = [\"true\"]\ntests = [\"t/**\"]\ntest_report = \"r.xml\"": {[]string{"{sources}", `sources = ["src/**"]`}, []string{"{outputs}", "{test}"}},
		"outputs = [\"out/{stem}.png\", \"{dir}/{name}.{ext}\"]\nsources = [\"src/**\"]\ntest = [\"true\"]\ntests = [\"t/**\"]\ntest_report = \"r.xml\"": {
			[]string{"out/*.png", "**/*.*"}, []string{"stem =", "[project]"},
		},
	} {
		p, err := project.Parse([]byte("[project]\n"+settings), project.File)
		must(t, err)
		want, err := lacking("INTG-088", "/p", "/w", def, p)
		must(t, err)
		if fault.KindOf(want) != fault.Unavailable || want == nil {
			t.Fatalf("%s: %v", settings, want)
		}
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			text := fault.Explain(want, lang)
			for _, part := range tc.told {
				if strings.Count(text, part) < 1 {
					t.Errorf("%s lacks %s:\n%s", settings, part, text)
				}
			}
			for _, part := range tc.not {
				if strings.Contains(text, part) {
					t.Errorf("%s tells %s:\n%s", settings, part, text)
				}
			}
		}
	}
	whole, err := project.Parse([]byte("[project]\noutputs = [\"out/*.png\"]\nsources = [\"src/**\"]\ntest = [\"true\"]\ntests = [\"t/**\"]\ntest_report = \"r.xml\""), project.File)
	must(t, err)
	if want, err := lacking("INTG-088", "/p", "/w", def, whole); want != nil || err != nil {
		t.Error(want, err)
	}
}
