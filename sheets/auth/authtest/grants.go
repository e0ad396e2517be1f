package authtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const assertionGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// authorize is the page on which a person permits, and always does at once.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Scheme != "http" || back.Hostname() != "127.0.0.1" && back.Hostname() != "localhost" {
		http.Error(w, "redirect_uri_mismatch", http.StatusBadRequest)
		return
	}
	if q.Get("client_id") != clientID || q.Get("response_type") != "code" || q.Get("scope") != Scope ||
		q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" ||
		q.Get("access_type") != "offline" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	answer := url.Values{"state": {q.Get("state")}}
	if s.behaviour.Deny != "" {
		answer.Set("error", s.behaviour.Deny)
	} else {
		code := s.secret("4/code-")
		s.codes[code] = request{clientID, q.Get("redirect_uri"), q.Get("code_challenge")}
		answer.Set("code", code)
		answer.Set("scope", s.behaviour.Scope)
	}
	s.mu.Unlock()
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token is the token endpoint.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "no form", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.asked[r.PostForm.Get("grant_type")]++
	for _, name := range []string{"code_verifier", "assertion"} {
		if secret := r.PostForm.Get(name); secret != "" {
			s.secrets = append(s.secrets, secret)
		}
	}
	instead := s.behaviour.Token
	s.mu.Unlock()
	if instead != nil {
		instead.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	status, answer := s.grant(r.PostForm)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, answer) // the client has gone otherwise
}

func refuse(status int, code, description string) (int, map[string]any) {
	return status, map[string]any{"error": code, "error_description": description}
}

// grant judges a request for a token. The lock is held.
func (s *Server) grant(form url.Values) (int, map[string]any) {
	kind := form.Get("grant_type")
	if kind == assertionGrant {
		return s.assertion(form.Get("assertion"))
	}
	if form.Get("client_id") != clientID {
		return refuse(http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
	}
	if form.Get("client_secret") != clientSecret {
		return refuse(http.StatusUnauthorized, "invalid_client", "The provided client secret is invalid.")
	}
	switch kind {
	case "authorization_code":
		return s.code(form)
	case "refresh_token":
		old := form.Get("refresh_token")
		if !s.refresh[old] {
			return refuse(http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
		}
		answer := s.newAccess()
		if s.behaviour.Rotate {
			delete(s.refresh, old)
			answer["refresh_token"] = s.newRefresh()
		}
		return http.StatusOK, answer
	}
	return refuse(http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type.")
}

func (s *Server) code(form url.Values) (int, map[string]any) {
	asked, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	verifier := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !ok:
		return refuse(http.StatusBadRequest, "invalid_grant", "Malformed auth code.")
	case base64.RawURLEncoding.EncodeToString(verifier[:]) != asked.challenge:
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid code verifier.")
	case form.Get("redirect_uri") != asked.redirect:
		return refuse(http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request")
	}
	answer := s.newAccess()
	if !s.behaviour.NoRefresh {
		answer["refresh_token"] = s.newRefresh()
	}
	return http.StatusOK, answer
}

func (s *Server) assertion(jwt string) (int, map[string]any) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return refuse(http.StatusBadRequest, "invalid_request", "Invalid JWT.")
	}
	var header struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	var claims struct {
		Iss   string `json:"iss"`
		Scope string `json:"scope"`
		Aud   string `json:"aud"`
		Iat   int64  `json:"iat"`
		Exp   int64  `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !decode(parts[0], &header) || !decode(parts[1], &claims) {
		return refuse(http.StatusBadRequest, "invalid_request", "Invalid JWT.")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	now := time.Now().Add(s.behaviour.Clock)
	const skew = 5 * time.Minute
	issued, end := time.Unix(claims.Iat, 0), time.Unix(claims.Exp, 0)
	switch {
	case s.gone || claims.Iss != s.Email:
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid grant: account not found")
	case s.keyGone || header.Alg != "RS256" || header.Kid != keyID ||
		rsa.VerifyPKCS1v15(&s.key().PublicKey, crypto.SHA256, digest[:], signature) != nil:
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid JWT Signature.")
	case issued.After(now.Add(skew)) || end.Before(now.Add(-skew)) || end.Sub(issued) > time.Hour:
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) "+
			"and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
	case claims.Aud != s.URL+"/token":
		return refuse(http.StatusBadRequest, "invalid_grant", "Invalid JWT: Failed audience check.")
	case claims.Scope != Scope:
		return refuse(http.StatusBadRequest, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
	}
	answer := s.newAccess()
	delete(answer, "scope") // Google leaves it out here
	return http.StatusOK, answer
}

func decode(part string, v any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, v) == nil
}

func (s *Server) newAccess() map[string]any {
	token := s.secret("ya29.access-")
	s.access[token] = time.Now().Add(s.behaviour.Lifetime)
	answer := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(s.behaviour.Lifetime.Seconds())}
	if s.behaviour.Scope != "" {
		answer["scope"] = s.behaviour.Scope
	}
	return answer
}

func (s *Server) newRefresh() string {
	token := s.secret("1//refresh-")
	s.refresh[token] = true
	return token
}

func (s *Server) secret(prefix string) string {
	text := prefix + rand.Text()
	s.secrets = append(s.secrets, text)
	return text
}
