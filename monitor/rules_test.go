package monitor

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

func rulesFrom(t testing.TB, text string) ([]Rule, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadRules(file, every)
}

func TestRules_OfTheUser_HoldAndTell(t *testing.T) {
	rules, err := rulesFrom(t, `
[[rule]]
name = "idle GPU"
when = "utilisation < 5 and minutes > 10"
for = "5m"
priority = "low"

[[rule]]
name = "many"
when = "processes > 100 or ticket startsWith 'X'"
`)
	if err != nil || len(rules) != 2 || rules[0].Looks != 60 || rules[0].Level != notify.Low || rules[1].Level != notify.Normal {
		t.Fatalf("%+v, %v", rules, err)
	}
	y := newYard(t)
	y.settings.Rules = rules
	y.start()
	job := y.job()
	busy := 0
	look := func() Sample {
		job.Life = y.time()
		s, g := y.sample(job), well(0)
		g.Utilisation.GPU = busy
		s.GPUs = []gpu.Reading{g}
		return s
	}
	y.watch(14*time.Minute, look)
	y.wants()
	y.watch(2*time.Minute, look)
	y.wants("low")
	if told := y.told()[0]; !strings.Contains(told, `your rule "idle GPU" holds`) {
		t.Errorf("%q", told)
	}
	busy = 90
	y.watch(2*time.Minute, look)
	y.wantsOpen()
}

// A GPU that is not there is not idle.
func TestRules_OfWhatNobodyKnows_DoNotHold(t *testing.T) {
	for _, when := range []string{"utilisation < 5", "utilisation >= 0", "gpu_heat < 1000", "gpu_memory == 0", "cpu < 1", "free_disk < 1e15"} {
		rules, err := rulesFrom(t, "[[rule]]\nname = 'r'\nwhen = \""+when+"\"")
		if err != nil {
			t.Fatal(err)
		}
		y := newYard(t)
		job := y.job()
		job.CPU = -1
		j := newJudge(usual())
		holds, err := rules[0].When(j.facts(Sample{Tasks: []TaskSample{job}}, job))
		if err != nil || holds {
			t.Errorf("%s: %v, %v", when, holds, err)
		}
	}
	if !math.IsNaN(highest(math.NaN(), math.NaN())) || highest(math.NaN(), 3) != 3 || highest(4, 3) != 4 {
		t.Error("the highest of nothing is something")
	}
}

func TestRules_WrongOnes_AreNamed(t *testing.T) {
	for name, text := range map[string]string{
		"no TOML":           "[[rule",
		"another key":       "[[rule]]\nname = 'r'\nwhen = 'true'\nwhenn = 'x'",
		"no name":           "[[rule]]\nwhen = 'true'",
		"twice":             "[[rule]]\nname = 'r'\nwhen = 'true'\n[[rule]]\nname = 'r'\nwhen = 'true'",
		"no expression":     "[[rule]]\nname = 'r'\nwhen = ''",
		"not a truth":       "[[rule]]\nname = 'r'\nwhen = '1 + 1'",
		"an unknown field":  "[[rule]]\nname = 'r'\nwhen = 'temperature > 80'",
		"another priority":  "[[rule]]\nname = 'r'\nwhen = 'true'\npriority = 'urgent'",
		"another length":    "[[rule]]\nname = 'r'\nwhen = 'true'\nfor = 'a while'",
		"a negative length": "[[rule]]\nname = 'r'\nwhen = 'true'\nfor = '-5m'",
		"a number as text":  "[[rule]]\nname = 7\nwhen = 'true'",
		"long":              "[[rule]]\nname = 'r'\nwhen = '" + strings.Repeat("true and ", 1000) + "true'",
		"many":              strings.Repeat("[[rule]]\nname = 'r'\nwhen = 'true'\n", 200),
		"deep":              "[[rule]]\nname = 'r'\nwhen = '" + strings.Repeat("(", 900) + "true" + strings.Repeat(")", 900) + "'\nfor = 1",
		"a loop":            "[[rule]]\nname = 'r'\nwhen = 'all([1, 2], # > 0)'",
		"loops in loops":    "[[rule]]\nname = 'r'\nwhen = 'all(1..100000, all(1..100000, true))'",
		"a range":           "[[rule]]\nname = 'r'\nwhen = 'len(1..999999999) > 0'",
		"much text":         "[[rule]]\nname = 'r'\nwhen = 'len(repeat(\"x\", 999999999)) > 0'",
		"control":           "[[rule]]\nname = 'r'\nwhen = \"true\\u0000\"",
		"UTF-16":            "\xff\xfe[\x00[\x00",
		"no text":           "\x00\x01\x02",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			rules, err := rulesFrom(t, text)
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Invalid {
				t.Errorf("%+v, %v", rules, err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestRules_ThatAreNoFile_AreRefused_AndNoneAreNone(t *testing.T) {
	dir := t.TempDir()
	if rules, err := ReadRules(filepath.Join(dir, "none"), every); err != nil || rules != nil {
		t.Errorf("%v, %v", rules, err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{dir, pipe, "/dev/zero"} {
		if _, err := ReadRules(file, every); err == nil {
			t.Errorf("%s was read", file)
		}
	}
}
