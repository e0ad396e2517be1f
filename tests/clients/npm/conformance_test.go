package npm_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"

	"uratori/tests/house"
)

// reason is why some checks cannot succeed.
type reason struct {
	Why    string            `yaml:"why"`
	Checks map[string]string `yaml:"checks"` // scenario and check → what it says
}

// expected has every check that must be found wanting, and notes which were.
type expected struct {
	says map[string]string
	mu   sync.Mutex
	seen map[string]bool
}

func readExpected(t *testing.T) *expected {
	t.Helper()
	raw, err := os.ReadFile("expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var reasons []reason
	if err := yaml.UnmarshalWithOptions(raw, &reasons, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	e := &expected{says: map[string]string{}, seen: map[string]bool{}}
	for _, r := range reasons {
		if r.Why == "" || len(r.Checks) == 0 {
			t.Errorf("a reason for nothing: %+v", r)
		}
		for name, says := range r.Checks {
			if _, twice := e.says[name]; twice {
				t.Errorf("%s is expected twice", name)
			}
			e.says[name] = says
		}
	}
	return e
}

// check is one finding of the suite.
type check struct {
	ID     string `json:"id"`
	Status string `json:"status"` // SUCCESS, FAILURE, WARNING, SKIPPED, and INFO where nothing was judged
	Says   string `json:"errorMessage"`
}

// compare holds a finding against what is expected of it. It returns "" or what is wrong.
func (e *expected) compare(scenario string, c check) string {
	name := scenario + " " + c.ID
	says, wanting := e.says[name]
	switch {
	case c.Status == "INFO":
		return ""
	case c.Status == "SUCCESS" && wanting:
		return name + " succeeds: take it out of expected.yaml"
	case c.Status == "SUCCESS":
		return ""
	case !wanting:
		return name + ": " + c.Status + ": " + c.Says
	case !strings.Contains(c.Says, says):
		return name + " is found wanting, but not as expected: " + c.Says
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen[name] = true
	return ""
}

// open stands before the face over HTTP and shows its token, which the suite cannot. All else passes as it is, the
// name that the client calls the server by among it.
func open(t *testing.T, s *site) string {
	t.Helper()
	address, token := s.face()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
			r.Out.Header.Set("Authorization", "Bearer "+token)
		},
	}
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A body is taken in whole first: net/http closes what is unread of it as soon as an answer begins, and the
		// transport, which looks once more for its end, takes that for a broken request and cuts the answer off.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		door.CloseClientConnections() // a stream of the suite's may be open still
		door.Close()
	})
	return door.URL + to.Path
}

// stamp is what the suite puts around a scenario's name for its folder.
var stamp = regexp.MustCompile(`^server-(.+)-\d{4}-\d\d-\d\dT[\dZ-]+$`)

// judged runs all scenarios that a release of the suite has for a version of the protocol.
func judged(t *testing.T, s *site, address, release, version string) map[string][]check {
	t.Helper()
	folder := t.TempDir()
	words := []string{"server", "--url", address, "--suite", "all", "--output-dir", folder}
	if version != "" {
		words = append(words, "--spec-version", version)
	}
	r := house.Finish(t, s.node(filepath.Join(modules, release, "dist", "index.js"), words...))
	files, err := filepath.Glob(filepath.Join(folder, "*", "checks.json"))
	if err != nil || r.Code != 1 { // something is always found wanting
		t.Fatalf("status %d, %v\n%s%s", r.Code, err, r.Out, r.Err)
	}
	found := map[string][]check{}
	for _, file := range files {
		name := stamp.FindStringSubmatch(filepath.Base(filepath.Dir(file)))
		raw, err := os.ReadFile(file)
		var checks []check
		if err != nil || name == nil || json.Unmarshal(raw, &checks) != nil {
			t.Fatalf("%s: %v: %s", file, err, raw)
		}
		found[name[1]] = checks
	}
	return found
}

func TestConformance_EveryCheck_SucceedsOrCannotApply(t *testing.T) {
	t.Parallel()
	e := readExpected(t)
	// What each run must have looked at: whole suites, and these whatever else a suite has.
	everywhere := []string{"tools-list", "resources-list", "prompts-list", "completion-complete"}
	older := append([]string{"server-initialize", "ping"}, everywhere...)
	t.Run("runs", func(t *testing.T) {
		for name, run := range map[string]struct {
			release, version string
			scenarios        int
			among            []string
		}{
			"0.1.16":                    {"conformance", "", 32, append([]string{"dns-rebinding-protection"}, older...)},
			"0.2.0-alpha.12 2025-06-18": {"conformance-next", "2025-06-18", 27, append([]string{"server-session-lifecycle"}, older...)},
			"0.2.0-alpha.12 2025-11-25": {"conformance-next", "2025-11-25", 33, append([]string{"dns-rebinding-protection", "server-session-lifecycle"}, older...)},
			"0.2.0-alpha.12 2026-07-28": {"conformance-next", "2026-07-28", 40, append([]string{
				"dns-rebinding-protection", "server-stateless", "caching", "http-header-validation", "sep-2164-resource-not-found",
			}, everywhere...)},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				found := judged(t, s, open(t, s), run.release, run.version)
				if len(found) != run.scenarios {
					t.Errorf("%d scenarios, not %d", len(found), run.scenarios)
				}
				for scenario, checks := range found {
					for _, c := range checks {
						if wrong := e.compare(scenario, c); wrong != "" {
							t.Error(wrong)
						}
					}
				}
				for _, scenario := range run.among {
					if !succeeds(found[scenario]) {
						t.Errorf("%s: nothing in it succeeds: %+v", scenario, found[scenario])
					}
				}
			})
		}
	})
	for name := range e.says {
		if !e.seen[name] {
			t.Errorf("%s is expected to be found wanting, and no run looks at it: take it out of expected.yaml", name)
		}
	}
}

func succeeds(checks []check) bool {
	for _, c := range checks {
		if c.Status == "SUCCESS" {
			return true
		}
	}
	return false
}

func TestExpected_IsWrongEitherWay_IsFound(t *testing.T) {
	t.Parallel()
	e := &expected{says: map[string]string{"ping wants": "no pong"}, seen: map[string]bool{}}
	for _, c := range []struct {
		check
		fine bool
	}{
		{check{"other", "SUCCESS", ""}, true},
		{check{"other", "INFO", ""}, true},
		{check{"other", "FAILURE", "no pong"}, false},
		{check{"other", "WARNING", ""}, false},
		{check{"other", "SKIPPED", ""}, false},
		{check{"wants", "SUCCESS", ""}, false},
		{check{"wants", "FAILURE", "something else"}, false},
		{check{"wants", "FAILURE", "there is no pong at all"}, true},
	} {
		if wrong := e.compare("ping", c.check); (wrong == "") != c.fine {
			t.Errorf("%+v: %q", c.check, wrong)
		}
	}
	if !e.seen["ping wants"] || len(e.seen) != 1 {
		t.Errorf("%v", e.seen)
	}
}
