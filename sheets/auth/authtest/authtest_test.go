package authtest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"

	"uratori/sheets/auth/authtest"
)

// A server that believes everything would let every test pass.
func TestServer_ACodeIsGoodOnceAndForItsOwnSignInAlone(t *testing.T) {
	const client, secret = "777-authtest.apps.googleusercontent.com", "GOCSPX-authtest-client-secret" //nolint:gosec // the server's own, made up
	for name, tc := range map[string]struct {
		spoil func(url.Values)
		want  string
	}{
		"good":             {func(url.Values) {}, ""},
		"other verifier":   {func(v url.Values) { v.Set("code_verifier", oauth2.GenerateVerifier()) }, "invalid_grant"},
		"no verifier":      {func(v url.Values) { v.Del("code_verifier") }, "invalid_grant"},
		"other address":    {func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:1/") }, "redirect_uri_mismatch"},
		"other code":       {func(v url.Values) { v.Set("code", "x") }, "invalid_grant"},
		"other client":     {func(v url.Values) { v.Set("client_id", "x") }, "invalid_client"},
		"wrong secret":     {func(v url.Values) { v.Set("client_secret", "x") }, "invalid_client"},
		"unsigned":         {func(v url.Values) { v.Set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer") }, "invalid_request"},
		"made-up refresh":  {func(v url.Values) { v.Set("grant_type", "refresh_token"); v.Set("refresh_token", "x") }, "invalid_grant"},
		"other grant type": {func(v url.Values) { v.Set("grant_type", "password") }, "unsupported_grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			server := authtest.New(t)
			code := ""
			door := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { code = r.URL.Query().Get("code") }))
			defer door.Close()
			verifier := oauth2.GenerateVerifier()
			config := oauth2.Config{
				ClientID: client, RedirectURL: door.URL + "/", Scopes: []string{authtest.Scope},
				Endpoint: oauth2.Endpoint{AuthURL: server.URL + "/authorize"},
			}
			if err := server.Show(config.AuthCodeURL("s", oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier))); err != nil {
				t.Fatal(err)
			}
			form := url.Values{
				"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {verifier},
				"redirect_uri": {door.URL + "/"}, "client_id": {client}, "client_secret": {secret},
			}
			tc.spoil(form)
			for _, want := range []string{tc.want, "invalid_grant"} {
				response, err := server.Client().PostForm(server.URL+"/token", form) //nolint:noctx // ends with the server
				if err != nil {
					t.Fatal(err)
				}
				var answer struct {
					Error  string `json:"error"`
					Access string `json:"access_token"`
				}
				err = json.UnmarshalRead(response.Body, &answer)
				_ = response.Body.Close() // read
				if err != nil || answer.Error != want || server.Accepts("Bearer "+answer.Access) != (want == "") {
					t.Errorf("%+v %v, want %s", answer, err, want)
				}
				if tc.want != "" {
					break
				}
			}
		})
	}
}

func TestServer_ASignInThatIsNotProtected_IsRefused(t *testing.T) {
	server := authtest.New(t)
	for _, address := range []string{
		"/authorize", "/authorize?redirect_uri=https://evil.example/",
		"/authorize?redirect_uri=http://127.0.0.1:1/&client_id=777-authtest.apps.googleusercontent.com&response_type=code&state=x",
	} {
		if status, page, err := server.Visit(server.URL + address); err != nil || status != http.StatusBadRequest {
			t.Error(address, status, page, err)
		}
	}
}
