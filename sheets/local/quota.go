package local

import (
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Quota lets perMinute reads and perMinute writes a minute through to h and
// answers the others as Google does: 429, RESOURCE_EXHAUSTED, no Retry-After.
func Quota(h http.Handler, perMinute int, now func() time.Time) http.Handler {
	limit := func() *rate.Limiter { return rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute) }
	reads, writes := limit(), limit()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bucket, class := writes, "Write"
		if IsRead(r) {
			bucket, class = reads, "Read"
		}
		if bucket.AllowN(now(), 1) {
			h.ServeHTTP(w, r)
			return
		}
		c := call{w: w, r: r}
		c.answer(nil, &problem{code: http.StatusTooManyRequests, status: "RESOURCE_EXHAUSTED", message: "Quota exceeded for quota metric '" + class +
			" requests' and limit '" + class + " requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:0'."})
	})
}

// IsRead tells whether a request counts as a read for the quota.
func IsRead(r *http.Request) bool {
	if r.Method != http.MethodPost {
		return r.Method == http.MethodGet
	}
	for _, verb := range []string{":batchGetByDataFilter", ":getByDataFilter", "/developerMetadata:search"} {
		if strings.HasSuffix(r.URL.Path, verb) {
			return true
		}
	}
	return false
}
