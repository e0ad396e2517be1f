package notifytest

import (
	"fmt"
	"net/http"
	"time"
)

// receipt follows a message of priority 2.
type receipt struct {
	token, user    string
	delivered      time.Time
	expires        time.Time
	acknowledged   time.Time
	device         string
	cancelled      bool
	acknowledgedBy string
}

// Acknowledge does what a person does on the phone.
func (s *Server) Acknowledge(id, device string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.receipts[id]
	if !ok {
		return fmt.Errorf("there is no receipt %q", id)
	}
	if r.acknowledged.IsZero() {
		r.acknowledged, r.device, r.acknowledgedBy = s.now(), device, r.user
	}
	return nil
}

// Cancelled tells whether a message was made to ring no more before its time.
func (s *Server) Cancelled(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.receipts[id]
	return ok && r.cancelled
}

// ForgetReceipts does what a week does.
func (s *Server) ForgetReceipts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.receipts)
}

func (s *Server) lookup(id, token string) (*receipt, *answer) {
	if !s.tokens[token] {
		return nil, s.unknownCaller(token, "")
	}
	r, ok := s.receipts[id]
	if !ok || r.token != token {
		a := s.refuse(http.StatusNotFound, "receipt", "not found; may be invalid or expired")
		return nil, &a
	}
	return r, nil
}

func (s *Server) showReceipt(id string) func(*http.Request, []byte) answer {
	return func(q *http.Request, _ []byte) answer {
		r, refusal := s.lookup(id, q.URL.Query().Get("token"))
		if refusal != nil {
			return *refusal
		}
		expired := r.cancelled || !s.now().Before(r.expires)
		return s.reply(http.StatusOK, map[string]any{
			"status": 1, "acknowledged": flag(!r.acknowledged.IsZero()), "acknowledged_at": unix(r.acknowledged), "acknowledged_by": r.acknowledgedBy,
			"acknowledged_by_device": r.device, "last_delivered_at": unix(r.delivered), "expired": flag(expired), "expires_at": unix(r.expires),
			"called_back": 0, "called_back_at": 0,
		})
	}
}

func (s *Server) cancelReceipt(id string) func(*http.Request, []byte) answer {
	return func(q *http.Request, body []byte) answer {
		f, err := parseForm(q, body)
		if err != nil {
			return s.refuse(http.StatusBadRequest, "", "cannot be read: "+err.Error())
		}
		r, refusal := s.lookup(id, f.Get("token"))
		if refusal != nil {
			return *refusal
		}
		r.cancelled = true
		return s.reply(http.StatusOK, map[string]any{"status": 1})
	}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
