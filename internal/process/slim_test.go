package process

import (
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// The memory of this very test is given back while it runs.
func TestSlim_CodeAndConstantsAreStillThere(t *testing.T) {
	t.Parallel()
	clean, err := cleanMappings()
	must(t, err)
	code := reflect.ValueOf(TestSlim_CodeAndConstantsAreStillThere).Pointer()
	variable := new(int)
	found := false
	for _, m := range clean {
		found = found || m.from <= code && code < m.to
		if at := reflect.ValueOf(variable).Pointer(); m.from <= at && at < m.to {
			t.Errorf("the heap is among %+v", m)
		}
	}
	if !found {
		t.Errorf("the code at %x is not among %+v", code, clean)
	}
	for n := range 20 {
		must(t, Slim())
		if got := strings.Repeat(strconv.Itoa(n), 3); len(got) < 3 || runtime.FuncForPC(code) == nil {
			t.Fatal(got)
		}
	}
}

func FuzzParseMapping(f *testing.F) {
	f.Add("00400000-012ce000 r-xp 00000000 fe:00 10298585                           /usr/bin/uratori")
	f.Add("7ffdce0cb000-7ffdce0ec000 rw-p 00000000 00:00 0                          [stack]")
	f.Add("7fe72c000000-7fe72c021000 r--p 00000000 00:00 0 ")
	f.Fuzz(func(t *testing.T, line string) {
		m, readOnly, err := parseMapping(line)
		if err == nil && m.from >= m.to || readOnly && !strings.Contains(line, "/") {
			t.Errorf("%+v, %v", m, readOnly)
		}
	})
}
