// Package discovery judges Sheets v4 traffic by Google's own discovery document, the one that ships with
// google.golang.org/api. It knows nothing of our server, and so can say when our server is wrong.
//
// What it checks is what the document states: methods, parameters, fields, types, number formats, enum values.
// No field is ever missing, for the document requires none. On top of that come three rules of Google's wire
// format that the document leaves out: of a union one member at most is set, an error is google.rpc.Status,
// and a request may say null where it means nothing.
package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// Document is a discovery document. It is never changed, so all tests may share one.
type Document struct {
	methods    []method // the most literal path first
	schemas    map[string]*schema
	parameters map[string]*schema // of the query, for every method
}

type method struct {
	ID         string             `json:"id"`
	HTTPMethod string             `json:"httpMethod"`
	Path       string             `json:"path"`
	FlatPath   string             `json:"flatPath"`
	Request    *schema            `json:"request"`
	Response   *schema            `json:"response"`
	Parameters map[string]*schema `json:"parameters"`

	pattern *regexp.Regexp
}

type resource struct {
	Methods   map[string]method   `json:"methods"`
	Resources map[string]resource `json:"resources"`
}

// Load reads the document of the google.golang.org/api that go.mod names.
func Load(t testing.TB) *Document {
	t.Helper()
	d, err := load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func load(ctx context.Context) (*Document, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		return nil, fmt.Errorf("find google.golang.org/api: %w", err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return nil, errors.New("google.golang.org/api is not in the module cache: run go mod download")
	}
	data, err := os.ReadFile(filepath.Join(dir, "sheets", "v4", "sheets-api.json"))
	if err != nil {
		return nil, fmt.Errorf("read the discovery document: %w", err)
	}
	return parse(data)
}

func parse(data []byte) (*Document, error) {
	var raw struct {
		resource
		Parameters map[string]*schema `json:"parameters"`
		Schemas    map[string]*schema `json:"schemas"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("read the discovery document: %w", err)
	}
	d := &Document{schemas: raw.Schemas, parameters: raw.Parameters}
	for _, s := range raw.Schemas {
		if err := d.understood(s); err != nil {
			return nil, err
		}
	}
	if err := d.collect(raw.resource); err != nil {
		return nil, err
	}
	if len(d.methods) == 0 {
		return nil, errors.New("the discovery document has no methods")
	}
	slices.SortFunc(d.methods, func(a, b method) int {
		return cmp.Or(cmp.Compare(len(literal(b.Path)), len(literal(a.Path))), cmp.Compare(a.ID, b.ID))
	})
	return d, nil
}

func (d *Document) collect(r resource) error {
	for _, m := range r.Methods {
		for _, s := range []*schema{m.Request, m.Response} {
			if s != nil {
				if err := d.understood(s); err != nil {
					return fmt.Errorf("%s: %w", m.ID, err)
				}
			}
		}
		for name, s := range m.Parameters {
			if err := d.understood(s); err != nil {
				return fmt.Errorf("%s: parameter %s: %w", m.ID, name, err)
			}
		}
		m.Path = cmp.Or(m.FlatPath, m.Path)
		m.pattern = regexp.MustCompile("^/?" + expression(m.Path) + "/?$")
		for _, name := range m.pattern.SubexpNames()[1:] {
			if m.Parameters[name] == nil {
				return fmt.Errorf("%s: the path has a parameter that is not described: %s", m.ID, name)
			}
		}
		d.methods = append(d.methods, m)
	}
	for _, sub := range r.Resources {
		if err := d.collect(sub); err != nil {
			return err
		}
	}
	return nil
}

// expression turns {name} into one path segment and {+name} into several. Clients that join a base and a custom
// verb may put a slash before its colon; Google takes both.
func expression(path string) string {
	var b strings.Builder
	for path != "" {
		before, rest, _ := strings.Cut(path, "{")
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(before), ":", "/?:"))
		name, after, found := strings.Cut(rest, "}")
		if found {
			if plain, several := strings.CutPrefix(name, "+"); several {
				fmt.Fprintf(&b, "(?P<%s>.+)", plain)
			} else {
				fmt.Fprintf(&b, "(?P<%s>[^/]+)", name)
			}
		}
		path = after
	}
	return b.String()
}

func literal(path string) string { return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "") }

// find picks the method that a verb and an escaped path mean, and checks the path's parameters.
func (d *Document) find(verb, path string) (*method, error) {
	for i := range d.methods {
		m := &d.methods[i]
		found := m.pattern.FindStringSubmatch(path)
		if m.HTTPMethod != verb || found == nil {
			continue
		}
		for j, name := range m.pattern.SubexpNames() {
			if j == 0 {
				continue // the whole path
			}
			value, err := url.PathUnescape(found[j])
			if err == nil {
				err = m.Parameters[name].text(value)
			}
			if err != nil {
				return nil, fmt.Errorf("path parameter %s: %w", name, err)
			}
		}
		return m, nil
	}
	return nil, fmt.Errorf("no method %s %s in the discovery document", verb, path)
}

// CheckRequest says what is wrong with a request: an unknown method, query parameters or a body that the document
// does not allow. The path is escaped, as url.URL.EscapedPath gives it; an empty body means an empty message.
func (d *Document) CheckRequest(verb, path, query string, body []byte) error {
	m, err := d.find(verb, path)
	if err != nil {
		return err
	}
	var faults []error
	values, err := url.ParseQuery(query)
	if err != nil {
		faults = append(faults, fmt.Errorf("query: %w", err))
	}
	for name, given := range values {
		s := m.Parameters[name]
		if s == nil || s.Location != "query" {
			s = d.parameters[name]
		}
		if s == nil {
			faults = append(faults, fmt.Errorf("query: unknown parameter %q", name))
			continue
		}
		if len(given) > 1 && !s.Repeated {
			faults = append(faults, fmt.Errorf("query: parameter %q is given %d times", name, len(given)))
		}
		for _, v := range given {
			if err := s.text(v); err != nil {
				faults = append(faults, fmt.Errorf("query: parameter %q: %w", name, err))
			}
		}
	}
	if _, err := d.mask(m, values); err != nil {
		faults = append(faults, err)
	}
	empty := len(strings.TrimSpace(string(body))) == 0
	switch {
	case m.Request == nil && !empty:
		faults = append(faults, errors.New("body: this method takes none"))
	case !empty:
		faults = append(faults, d.check(m.Request, body, true, nil))
	}
	return wrap(m.ID+" request", errors.Join(faults...))
}

// CheckResponse says what is wrong with an answer: 200 must carry exactly what the method's schema allows, any
// status from 400 on Google's error. The path may carry the query; then a partial answer must be the one asked for.
func (d *Document) CheckResponse(verb, path string, status int, body []byte) error {
	if status >= 400 {
		return wrap(fmt.Sprintf("%s %s answered %d", verb, path, status), d.checkError(status, body))
	}
	path, query, _ := strings.Cut(path, "?")
	m, err := d.find(verb, path)
	if err != nil {
		return err
	}
	if status != 200 {
		return fmt.Errorf("%s response: status %d: success is 200", m.ID, status)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("%s response: query: %w", m.ID, err)
	}
	selected, err := d.mask(m, values)
	if err != nil {
		return fmt.Errorf("%s response: %w", m.ID, err)
	}
	return wrap(m.ID+" response", d.check(m.Response, body, false, selected))
}

// mask reads the fields parameter and finds every name in the response's schema.
func (d *Document) mask(m *method, query url.Values) (mask, error) {
	text := query.Get("fields")
	if text == "" {
		return nil, nil
	}
	selected, err := parseMask(text)
	if err == nil {
		err = d.selectable(m.Response, selected)
	}
	return selected, wrap("query: fields "+strconv.Quote(text), err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
