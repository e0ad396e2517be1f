package gpu

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLastLines_SayWhatEndedAProcess(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":    {"", ""},
		"blank":      {"\n \n", ""},
		"a crash":    {"warning: x\nSIGSEGV: segmentation violation\nPC=0x1 m=0\n\ngoroutine 1 [syscall]:\nrsp 0x7f\n", "SIGSEGV: segmentation violation"},
		"a panic":    {"panic: index out of range\n\ngoroutine 1:\nmain.main()\n", "panic: index out of range"},
		"the linker": {"note\n/x/uratori: symbol lookup error: /x/uratori: undefined symbol: nvmlY\n", "/x/uratori: symbol lookup error: /x/uratori: undefined symbol: nvmlY"},
		"an error":   {"first\nsecond\n", "second"},
		"hostile":    {"\x1b[31mred\x00\u202e \xff\n", "[31mred   \uFFFD"},
		"no newline": {"last", "last"},
	} {
		var l lastLines
		l.readFrom(strings.NewReader(tc.text))
		if got := l.summary(); got != tc.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestLastLines_KeepTheBeginningAndTheEnd_InBoundedMemory(t *testing.T) {
	var l lastLines
	l.readFrom(strings.NewReader("SIGABRT: abort\n" + strings.Repeat("stack\n", 1<<20) + "the end"))
	if n := len(l.all()); n > 2*keptWords+10 || cap(l.tail) > 8*keptWords {
		t.Errorf("%d bytes, room for %d", n, cap(l.tail))
	}
	if l.summary() != "SIGABRT: abort" || !strings.HasSuffix(l.all(), "the end") || !strings.Contains(l.all(), "\n…\n") {
		t.Error(l.summary())
	}
}

func TestLastLines_ShortWordsAreKeptAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lastLines
		whole := ""
		for _, part := range rapid.SliceOfN(rapid.StringN(0, 600, 1500), 0, 5).Draw(t, "parts") {
			l.add([]byte(part))
			whole += part
		}
		if len(whole) <= 2*keptWords && l.all() != whole {
			t.Fatalf("%q", l.all())
		}
		s := l.summary()
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || utf8.RuneCountInString(s) > longestShown+1 {
			t.Fatalf("%q", s)
		}
	})
}

func TestCode_HasTheNameOfTheHeader(t *testing.T) {
	for code, want := range map[Code]string{0: "SUCCESS", 3: "NOT_SUPPORTED", 15: "GPU_IS_LOST", 18: "LIB_RM_VERSION_MISMATCH", 28: "GPU_NOT_FOUND", 30: "RESET_TYPE_NOT_SUPPORTED", 999: "UNKNOWN", 31: "ERROR_31", -1: "ERROR_-1"} {
		if code.String() != want {
			t.Errorf("%d: %s", int(code), code)
		}
	}
}

func TestThrottles_EveryBitIsTold(t *testing.T) {
	if got := throttles(0); got == nil || len(got) != 0 {
		t.Errorf("%#v", got)
	}
	if got := throttles(1<<64 - 1); len(got) != 64 || got[0] != ThrottleIdle || got[6] != ThrottleHardwareThermal || got[8] != ThrottleDisplay || got[63] != "bit_63" {
		t.Error(got)
	}
	hot := 0
	for _, why := range throttles(1<<64 - 1) {
		if why.Hot() {
			hot++
		}
	}
	if hot != 2 {
		t.Error(hot)
	}
}

func TestMemory_Taken_IsNeverMoreThanAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Memory{Total: rapid.Uint64().Draw(t, "total"), Free: rapid.Uint64().Draw(t, "free")}
		if taken := m.Taken(); taken < 0 || taken > 100 {
			t.Fatalf("%+v: %v", m, taken)
		}
	})
	if got := (Memory{Total: 100, Free: 8, Used: 90}).Taken(); got != 92 {
		t.Error(got)
	}
}
