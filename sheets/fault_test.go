package sheets

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/sheets/sheetstest"
)

// Where a round of look, write and independent reading can meet a fault.
const (
	findsTab = iota
	looks
	writes
	looksAgain
	reads
	requests // of a smooth round
)

func TestEveryFault_AtEveryRequest_IsToldAsWhatItIs(t *testing.T) {
	root := t.TempDir()
	for _, f := range sheetstest.Faults() {
		for at := range requests {
			for _, lasting := range []bool{false, true} {
				name := fmt.Sprintf("%s/request %d/lasting %v", f, at, lasting)
				t.Run(name, func(t *testing.T) {
					dir := fmt.Sprint(root, "/", strings.ReplaceAll(name, "/", "-"))
					if err := os.Mkdir(dir, 0o700); err != nil {
						t.Fatal(err)
					}
					synctest.Test(t, func(t *testing.T) { oneFault(t, dir, f, at, lasting) })
				})
			}
		}
	}
}

func oneFault(t *testing.T, dir string, f sheetstest.Fault, at int, lasting bool) {
	h, done := newHouse(t, dir, []string{"INTG-001", "一"})
	defer done()
	h.way.Fault = func(n int, _ *http.Request) sheetstest.Fault {
		if n == at || lasting && n > at {
			return f
		}
		return sheetstest.None
	}
	stage, err := h.round(t.Context())
	applied := h.grid(t)[1][1] == "新"

	safe := !f.Applied() && !map[sheetstest.Fault]bool{sheetstest.ResetBefore: true, sheetstest.S500: true, sheetstest.S503: true, sheetstest.Redirect: true}[f]
	lastsAnyway := map[sheetstest.Fault]bool{sheetstest.S400: true, sheetstest.S401: true, sheetstest.S403: true, sheetstest.S404: true, sheetstest.Redirect: true}[f]
	// The picture may be what was refused, so the change is made once more without.
	plain := map[sheetstest.Fault]bool{sheetstest.S400: true, sheetstest.S403: true}[f]
	switch {
	case at == writes && !lasting && plain:
		if err != nil || !applied {
			t.Errorf("a change that is refused with its picture only: %v", err)
		}
	case at != writes && !lasting && !lastsAnyway:
		if err != nil || !applied {
			t.Errorf("a fault that passes was not got over: %v", err)
		}
	case at == writes && !safe:
		if stage != writes || !errors.Is(err, ErrUnknown) || applied != f.Applied() {
			t.Errorf("stage %d, applied %v: %v", stage, applied, err)
		}
	case at == writes:
		if stage != writes || errors.Is(err, ErrUnknown) || applied || err == nil {
			t.Errorf("stage %d, applied %v: %v", stage, applied, err)
		}
	default:
		if err == nil || errors.Is(err, ErrUnknown) || applied != (at > writes) {
			t.Errorf("stage %d, applied %v: %v", stage, applied, err)
		}
	}
	want := map[sheetstest.Fault]*fault.Error{
		sheetstest.S400: ErrRefused, sheetstest.S401: ErrSignIn, sheetstest.S403: ErrPermission, sheetstest.S404: ErrNoBook,
		sheetstest.S429: ErrQuota, sheetstest.S429Wait: ErrQuota,
	}[f]
	if want == nil {
		want = ErrUnavailable
	}
	if err != nil && !errors.Is(err, want) {
		t.Errorf("%v, want %s", err, want.Key)
	}
	if err != nil && strings.Contains(fault.Explain(err, phrase.Japanese), "!") {
		t.Error(fault.Explain(err, phrase.Japanese))
	}
}

// round looks, writes and reads back, and tells how far it came.
func (h *house) round(ctx context.Context) (stage int, err error) {
	v, err := h.Look(ctx)
	if err != nil {
		return looks, err
	}
	row, err := v.Find("INTG-001")
	if err != nil {
		return looks, err
	}
	if _, err = h.Write(ctx, v, Batch{Changes: []Change{{Row: row, Cells: map[string]string{"summary": "新"}}}}); err != nil {
		return writes, err
	}
	_, err = h.Read(ctx, []string{"summary"}, "INTG-001")
	return reads, err
}

func TestRetry_RetryAfterIsHonoured(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, done := newHouse(t, dir, []string{"INTG-001", "一"})
		defer done()
		h.way.Fault = func(n int, _ *http.Request) sheetstest.Fault {
			if n == looks || n == writes+1 {
				return sheetstest.S429Wait
			}
			return sheetstest.None
		}
		began := time.Now()
		// A write is not made again by the old look: its error says how long to wait.
		_, err := h.round(t.Context())
		if took := time.Since(began); took < sheetstest.RetryAfter*time.Second || took > (sheetstest.RetryAfter+1)*time.Second {
			t.Errorf("waited %s", took)
		}
		if w, ok := errors.AsType[*Wait](err); !ok || w.After != sheetstest.RetryAfter*time.Second || !errors.Is(err, ErrQuota) {
			t.Errorf("%v", err)
		}
	})
}

func TestRetry_EndsWithTheCallersTime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, done := newHouse(t, dir)
		defer done()
		h.way.Fault = func(int, *http.Request) sheetstest.Fault { return sheetstest.S429Wait }
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := h.Look(ctx); !errors.Is(err, ErrQuota) {
			t.Error(err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
		h.way.Fault = nil
		if _, err := h.Look(ctx); fault.KindOf(err) != fault.Unavailable || errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

func TestCall_ThatHangs_EndsAtItsLimit(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, done := newHouse(t, dir, []string{"INTG-001"})
		defer done()
		h.way.Fault = func(n int, _ *http.Request) sheetstest.Fault {
			if n == writes {
				return sheetstest.TimeoutAfter
			}
			return sheetstest.None
		}
		began := time.Now()
		stage, err := h.round(t.Context())
		if took := time.Since(began); stage != writes || !errors.Is(err, ErrUnknown) || !errors.Is(err, context.DeadlineExceeded) || took != defaultCallLimit {
			t.Errorf("stage %d after %s: %v", stage, took, err)
		}
	})
}

func TestQuota_NoMinuteHasMoreRequestsThanAllowed(t *testing.T) {
	const perMinute = 60
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, done := newHouse(t, dir, []string{"INTG-001", "一"})
		defer done()
		h.reads, h.writes = bucket(perMinute), bucket(perMinute)
		var at []time.Time
		h.way.Fault = func(_ int, r *http.Request) sheetstest.Fault {
			if strings.HasSuffix(r.URL.Path, ":batchUpdate") {
				return sheetstest.None
			}
			at = append(at, time.Now())
			return sheetstest.None
		}
		for range 60 {
			if _, err := h.round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for i := perMinute; i < len(at); i++ {
			if at[i].Sub(at[i-perMinute]) < time.Minute {
				t.Fatalf("requests %d to %d came within %s", i-perMinute, i, at[i].Sub(at[i-perMinute]))
			}
		}
	})
}

func TestPermission_NamesTheAddressToShareWith(t *testing.T) {
	h := newHouseFor(t)
	h.o.Share = "robot@project.iam.gserviceaccount.com"
	h.way.Fault = func(int, *http.Request) sheetstest.Fault { return sheetstest.S403 }
	if _, err := h.Look(t.Context()); err == nil || !strings.Contains(err.Error(), "share the spreadsheet with robot@project.iam.gserviceaccount.com") {
		t.Error(err)
	}
}

func TestRealSockets_GzipIsReadAndRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	compressed := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || !strings.Contains(r.UserAgent(), "gzip") {
			t.Error("compression was not asked for")
		}
		if strings.HasSuffix(r.URL.Path, "/moved") {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			return
		}
		compressed++
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"sheets":[{"properties":{"title":"他"}}]}`)
		_ = z.Close()
	}))
	defer server.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for _, book := range []string{"moved", "book"} {
		table, err := New(t.Context(), Options{
			Spreadsheet: book, Tab: "Tracker", Endpoint: server.URL + "/", Transport: http.DefaultTransport, Now: time.Now,
			Columns: Columns(config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]*fault.Error{"moved": ErrUnavailable, "book": ErrNoTab}[book]
		if _, err := table.Look(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v", book, err)
		}
	}
	if compressed == 0 {
		t.Error("nothing was compressed")
	}
}

// Only who signs can say that nothing was sent; a fault from anywhere else may
// have come after the work was done.
func TestWrite_FaultFromTheWay_IsUnknown(t *testing.T) {
	h := newHouseFor(t, []string{"INTG-001", "一"})
	v, err := h.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next := h.way.Next
	h.way.Next = roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		if err == nil {
			_ = answer.Body.Close()
		}
		return nil, errors.Join(err, fault.New(fault.Failed, "sheets.refused"))
	})
	_, err = h.Write(t.Context(), v, Batch{Changes: []Change{{Row: must(t, v, "INTG-001"), Cells: map[string]string{"summary": "新"}}}})
	if !errors.Is(err, ErrUnknown) || h.grid(t)[1][1] != "新" {
		t.Error(err)
	}
}
