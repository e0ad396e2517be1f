package browser

import (
	"net/http"
	"strings"
	"testing"
)

// On an address that others reach, everybody signs in, and doctor says what that
// network can read.
func TestOpenAddress_WantsASession_AndIsSaidByDoctor(t *testing.T) {
	t.Parallel()
	s := newSite(t, "URATORI_SERVER_LISTEN=0.0.0.0:0")
	s.setsPassphrase()
	ticket := s.ticket("抽出の自動化", "全ページ")
	b := s.tab()
	b.visit(page(ticket))
	if b.path() != "/login" {
		t.Errorf("on %s without a session", b.path())
	}
	b.keepsNobodyOut("the door")
	b.signsIn()
	b.visit(page(ticket))
	b.lives()
	b.sees("#ticket-head", "抽出の自動化")
	for _, path := range []string{"/events?page=/", "/assets/live.js", "/sheet/rows"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s without a session: %s", path, res.Status)
		}
	}
	r := s.Run("doctor")
	if r.Code != 1 || !strings.Contains(r.Out, "0.0.0.0:0 without encryption") {
		t.Errorf("%+v", r)
	}
}
