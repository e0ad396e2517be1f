//go:build planted

package daemon

import (
	"os"
	"strings"
	"time"
	"unsafe"
)

// planted are faults that the scenarios must see told, chosen from outside.
var planted = struct{ panics bool }{
	panics: os.Getenv("URATORI_PLANT") == "every-loop-panics-once",
}

// clock is the clock on the wall, moved by as much as the file says that
// URATORI_PLANT_CLOCK names, at the moment of the call.
func clock(now func() time.Time) func() time.Time {
	file := os.Getenv("URATORI_PLANT_CLOCK")
	if file == "" {
		return now
	}
	return func() time.Time {
		raw, err := os.ReadFile(file)
		if err != nil {
			return now()
		}
		by, err := time.ParseDuration(strings.TrimSpace(string(raw)))
		if err != nil {
			return now()
		}
		return moved(now(), by)
	}
}

// moved is a reading of a clock on the wall that was set by whole seconds. The
// monotonic reading beside it goes on as if nothing had happened, as the
// kernel's does; nothing in package time can say that.
func moved(t time.Time, by time.Duration) time.Time {
	const monotonic, second = 1 << 63, 30 // the layout that time.Time documents
	inside := (*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t))
	if inside.wall&monotonic == 0 {
		return t.Add(by)
	}
	inside.wall += uint64(int64(by/time.Second)) << second
	return t
}
