package local

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// results are those of tests, counted one by one. What a report says of itself
// in sum is believed only where it is worse.
type results struct {
	passed, failed, skipped int
	first                   string // that failed
}

func (r *results) total() int { return r.passed + r.failed + r.skipped }

func (r *results) fail(name string, n int) {
	if n > 0 && r.first == "" {
		r.first = name
	}
	r.failed += n
}

var errNoReport = errors.New("it is neither JUnit XML nor the output of go test -json")

// readReport reads JUnit XML or the output of go test -json.
func readReport(data []byte) (results, error) {
	data = bytes.TrimPrefix(bytes.TrimSpace(data), []byte("\ufeff"))
	switch {
	case bytes.HasPrefix(data, []byte("<")):
		return readJUnit(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("{")):
		return readGoTest(data)
	}
	return results{}, errNoReport
}

// deepestXML bounds the nesting of suites.
const deepestXML = 100

// readJUnit counts the test cases of a report. A suite that says that it has
// more failures than are listed has them; one that says that it has another
// number of tests was cut or edited.
func readJUnit(from io.Reader) (r results, err error) {
	d := xml.NewDecoder(from)
	var suites []*suite
	var test *testCase
	depth, root := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if depth != 0 || !root {
				return r, io.ErrUnexpectedEOF
			}
			return r, nil
		}
		if err != nil {
			return r, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth > deepestXML {
				return r, errors.New("nested too deep")
			}
			name := e.Name.Local
			switch {
			case depth == 1 && name != "testsuites" && name != "testsuite":
				return r, fmt.Errorf("it begins with <%.40s>: %w", name, errNoReport)
			case isSuite(name):
				s, err := newSuite(e)
				if err != nil {
					return r, err
				}
				suites = append(suites, s)
			case name == "testcase":
				if test != nil {
					return r, errors.New("a test in a test")
				}
				test = &testCase{name: attribute(e, "name"), depth: depth}
				if status := strings.ToLower(attribute(e, "status")); status == "failed" || status == "error" {
					test.failed = true
				}
			case test != nil && depth == test.depth+1:
				test.failed = test.failed || name == "failure" || name == "error"
				test.skipped = test.skipped || name == "skipped"
			}
			root = true
		case xml.EndElement:
			switch {
			case e.Name.Local == "testcase" && test != nil && depth == test.depth:
				r.count(test, suites)
				test = nil
			case isSuite(e.Name.Local) && len(suites) > 0:
				s := suites[len(suites)-1]
				suites = suites[:len(suites)-1]
				if err := s.close(&r, suites); err != nil {
					return r, err
				}
			}
			depth--
		}
	}
}

// isSuite tells what holds tests and says how they went: a suite, or all of them.
func isSuite(name string) bool { return name == "testsuite" || name == "testsuites" }

type testCase struct {
	name            string
	depth           int
	failed, skipped bool
}

// suite is what a suite says, and what is in it.
type suite struct {
	name            string
	tests, failures int // as it says; tests is -1 when it does not
	listed, failed  int
}

func newSuite(e xml.StartElement) (*suite, error) {
	s := &suite{name: attribute(e, "name"), tests: -1}
	for _, key := range []string{"tests", "failures", "errors"} {
		text := attribute(e, key)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%s=%.40q is no number", key, text)
		}
		switch {
		case key != "tests":
			s.failures += n
		case e.Name.Local == "testsuite": // what all of them have is counted in many ways
			s.tests = n
		}
	}
	return s, nil
}

// close compares what a suite says with what is in it. Some tools count the
// tests of the suites within, and some do not.
func (s *suite) close(r *results, outer []*suite) error {
	if s.tests > s.listed {
		return fmt.Errorf("suite %.80q says that it has %d tests and lists %d", s.name, s.tests, s.listed)
	}
	if more := s.failures - s.failed; more > 0 {
		r.fail(s.name, more)
		s.failed += more
	}
	if len(outer) > 0 {
		o := outer[len(outer)-1]
		o.listed += s.listed
		o.failed += s.failed
	}
	return nil
}

func (r *results) count(t *testCase, suites []*suite) {
	failed := 0
	switch {
	case t.failed:
		r.fail(t.name, 1)
		failed = 1
	case t.skipped:
		r.skipped++
	default:
		r.passed++
	}
	if len(suites) > 0 {
		s := suites[len(suites)-1]
		s.listed++
		s.failed += failed
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// goEvent is a line of go test -json; see "go doc test2json".
type goEvent struct {
	Action     string
	Package    string
	Test       string
	ImportPath string
}

// readGoTest counts the tests that have no tests below them. One that began
// and did not end has failed, and so has a package that did not build.
func readGoTest(data []byte) (r results, err error) {
	type test struct{ pkg, name string }
	last := map[test]string{}
	var order []test
	ended := map[string]string{} // by package
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var e goEvent
		if err := json.Unmarshal(line, &e); err != nil {
			return r, fmt.Errorf("a line that is no JSON: %w", err)
		}
		switch e.Action {
		case "build-fail":
			r.fail(e.ImportPath, 1)
		case "start", "run", "pass", "fail", "skip":
			if e.Test == "" {
				ended[e.Package] = e.Action
				continue
			}
			key := test{e.Package, e.Test}
			if _, known := last[key]; !known {
				order = append(order, key)
			}
			last[key] = e.Action
		}
	}
	parents := map[test]bool{}
	for _, t := range order {
		for at := strings.LastIndexByte(t.name, '/'); at > 0; at = strings.LastIndexByte(t.name[:at], '/') {
			parents[test{t.pkg, t.name[:at]}] = true
		}
	}
	failures := map[string]int{}
	for _, t := range order {
		switch how := last[t]; {
		case how == "pass" && !parents[t]:
			r.passed++
		case how == "skip" && !parents[t]:
			r.skipped++
		case how == "fail" || how == "run":
			failures[t.pkg]++
			if !parents[t] {
				r.fail(t.pkg+"."+t.name, 1)
			}
		}
	}
	for _, pkg := range sortedKeys(ended) {
		// A package that failed without a test that did, or that never ended.
		if how := ended[pkg]; how != "pass" && how != "skip" && failures[pkg] == 0 {
			r.fail(pkg, 1)
		}
	}
	// A parent may fail while all that is below it passes.
	for _, t := range order {
		if parents[t] && (last[t] == "fail" || last[t] == "run") && r.failed == 0 {
			r.fail(t.pkg+"."+t.name, 1)
		}
	}
	return r, nil
}
