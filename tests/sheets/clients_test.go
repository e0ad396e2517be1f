// Package sheets_test proves from outside that the embedded sheet answers as Google's does: with published clients,
// unmodified, and with Google's discovery document watching every call they make.
package sheets_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/tests/house"
	"uratori/tests/sheets/discovery"
)

var program string

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

func TestPublishedClients_EveryOperation_IsAnsweredAsGoogleAnswers(t *testing.T) {
	t.Parallel()
	front := httptest.NewServer(watched(t, serve(t)))
	t.Cleanup(front.Close)
	cmd := exec.CommandContext(t.Context(), "npm/run.sh", front.URL)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if report(t, string(out)) < 100 {
		t.Errorf("npm/run.sh: %v\n%s", err, errs.Bytes())
	}
}

// serve starts the embedded sheet in a fresh home, ends it after the test, and returns its address.
func serve(t *testing.T) *url.URL {
	t.Helper()
	cmd := house.New(t, program).Command("sheet", "serve", "--listen", "127.0.0.1:0", "--json")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the test's context is over by now, and Cancel was called
		if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("sheet serve: %v", cmd.ProcessState)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("sheet serve says nothing: %v", err)
	}
	var started struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal([]byte(line), &started); err != nil {
		t.Fatalf("sheet serve says %q: %v", line, err)
	}
	address, err := url.Parse(started.URL)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// watched passes every call on, and reports those whose answers the discovery document does not allow.
func watched(t *testing.T, to *url.URL) http.Handler {
	t.Helper()
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: discovery.Load(t).Watch(t, http.DefaultTransport),
	}
}

// report makes a test of every line of TAP, and returns how many there were. A run that was cut short has no plan.
func report(t *testing.T, tap string) int {
	t.Helper()
	found := regexp.MustCompile(`(?m)^(not )?ok \d+ - (.+)\n((?:#   .*\n)*)`).FindAllStringSubmatch(tap, -1)
	for _, line := range found {
		t.Run(line[2], func(t *testing.T) {
			if line[1] != "" {
				t.Error("\n" + line[3])
			}
		})
	}
	if plan := fmt.Sprintf("\n1..%d\n", len(found)); !strings.Contains(tap, plan) {
		t.Errorf("the run was cut short: it has no plan%s%s", plan, tap)
	}
	return len(found)
}
