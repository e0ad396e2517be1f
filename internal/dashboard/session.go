package dashboard

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

const (
	cookieName = "uratori"
	// sessionLife is how long somebody stays signed in, whatever they do: a day's
	// work.
	sessionLife = 12 * time.Hour
	// mostSessions is far more than one person has browsers. The oldest goes.
	mostSessions = 64
)

// sessions are who is signed in. They live in memory: a new daemon asks again.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	open map[[sha256.Size]byte]time.Time // hash of the cookie → its end
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, open: map[[sha256.Size]byte]time.Time{}}
}

// begin signs whoever made the request in.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request) {
	token := rand.Text()
	now := s.now()
	s.mu.Lock()
	for key, end := range s.open {
		if !now.Before(end) {
			delete(s.open, key)
		}
	}
	for len(s.open) >= mostSessions {
		var oldest [sha256.Size]byte
		first := now.Add(2 * sessionLife)
		for key, end := range s.open {
			if end.Before(first) {
				oldest, first = key, end
			}
		}
		delete(s.open, oldest)
	}
	s.open[sha256.Sum256([]byte(token))] = now.Add(sessionLife)
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: token, Path: "/", MaxAge: int(sessionLife.Seconds()), HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

// has tells whether a request comes from somebody who is signed in.
func (s *sessions) has(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := s.open[sha256.Sum256([]byte(c.Value))]
	return ok && s.now().Before(end)
}

// end signs out.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		s.mu.Lock()
		delete(s.open, sha256.Sum256([]byte(c.Value)))
		s.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
}
