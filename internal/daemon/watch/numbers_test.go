package watch

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"uratori/internal/daemon"
	"uratori/internal/fault"
)

// ask is a request of the socket.
func ask(t *testing.T, target, body string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
}

func TestTimes_ThatNoDurationHolds_AreRefused_AndTurnIntoNoOtherTime(t *testing.T) {
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	tower := &Tower{house: daemon.House{Now: func() time.Time { return now }}}
	for target, handle := range map[string]func(*http.Request) (any, error){
		"/v1/incidents?since_ms=1125899906842624":           tower.incidents, // 1 << 50
		"/v1/incidents?since_ms=-1":                         tower.incidents,
		"/v1/messages/statistics?since_ms=1125899906842624": tower.statistics,
		"/v1/watch/samples?last_ms=1125899906842624":        tower.samples,
		"/v1/watch/samples?last_ms=9223372036855":           tower.samples, // a millisecond more than a duration holds
		"/v1/watch/samples?from_ms=9223372036854775807":     tower.samples,
	} {
		t.Run(target, func(t *testing.T) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("it was taken for a time: %v", r)
				}
			}()
			_, err := handle(ask(t, target, ""))
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Key != "daemon.out_of_range" || !strings.Contains(f.Values["what"], "_ms") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestTestMessage_WaitThatOverflows_IsNoShortOne(t *testing.T) {
	for _, ms := range []string{"1125899906842624", "9223372036854775807", "18446744073710", "120001", "-1"} {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s ms was taken: %v", ms, r)
				}
			}()
			tower := &Tower{house: daemon.House{Now: time.Now}}
			_, err := tower.test(ask(t, "/v1/messages/test", `{"wait_ms":`+ms+`}`))
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Key != "tickets.bad_wait" || f.Values["ms"] != ms {
				t.Errorf("%s: %v", ms, err)
			}
		}()
	}
}
