// Command sbom tells what a built program is made of: a CycloneDX document of
// its modules, and their licences word for word.
//
//	go run ./cmd/sbom -o FOLDER PROGRAM
//
// What is in the program is read from the program itself, as the linker wrote
// it there; the licences from the module cache, which holds what was compiled.
// A module without a licence, or with one that nobody recognises, is an error.
// The same program gives the same bytes; the time in the document is that of
// $SOURCE_DATE_EPOCH.
package main

import (
	"context"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/licensecheck"
)

func main() {
	folder := flag.String("o", "", "the folder that sbom.cdx.json and licenses/ are written to")
	flag.Parse()
	if flag.NArg() != 1 || *folder == "" {
		fmt.Fprintln(os.Stderr, "usage: sbom -o FOLDER PROGRAM")
		os.Exit(2)
	}
	if err := write(context.Background(), *folder, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// module is a part of the program, with its licence.
type module struct {
	path, version string
	sum           string // as in go.sum; empty for Go's own library
	licence       string // SPDX
	texts         map[string][]byte
}

func write(ctx context.Context, folder, program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	modules, err := parts(ctx, info)
	if err != nil {
		return err
	}
	made, err := madeAt(os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		return err
	}
	document, err := json.MarshalIndent(bom(info, modules, made), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "sbom.cdx.json"), append(document, '\n'), 0o644); err != nil { //nolint:gosec // for everybody to read
		return err
	}
	for _, m := range modules {
		for name, text := range m.texts {
			to := filepath.Join(folder, "licenses", filepath.FromSlash(m.path), name)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // for everybody to read
				return err
			}
			if err := os.WriteFile(to, text, 0o644); err != nil { //nolint:gosec // for everybody to read
				return err
			}
		}
	}
	return nil
}

func madeAt(epoch string) (time.Time, error) {
	if epoch == "" {
		return time.Time{}, errors.New("SOURCE_DATE_EPOCH is not set")
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}

// parts are the modules of the program and Go's own library.
func parts(ctx context.Context, info *buildinfo.BuildInfo) ([]module, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	std := module{path: "std", version: strings.TrimPrefix(info.GoVersion, "go")}
	if err := std.read(strings.TrimSpace(string(root))); err != nil {
		return nil, err
	}
	all := []module{std}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		dir, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", d.Path+"@"+d.Version).Output()
		if err != nil {
			return nil, fmt.Errorf("find %s %s: %w", d.Path, d.Version, err)
		}
		m := module{path: d.Path, version: d.Version, sum: d.Sum}
		if err := m.read(strings.TrimSpace(string(dir))); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// patents is how the library calls a grant that comes beside a licence, which
// SPDX has no name for. Its text is kept like the others.
const patents = "GooglePatentsFile"

var licencePattern = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|copyright)([-.].*)?$`)

// read takes the texts of a module's licence and finds which it is.
func (m *module) read(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	m.texts = map[string][]byte{}
	var ids []string
	for _, f := range files {
		if !f.Type().IsRegular() || !licencePattern.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		m.texts[f.Name()] = text
		for _, match := range licensecheck.Scan(text).Match {
			if !match.IsURL && match.ID != patents && !slices.Contains(ids, match.ID) {
				ids = append(ids, match.ID)
			}
		}
	}
	if len(ids) == 0 {
		return fmt.Errorf("%s %s: no licence is recognised in %s", m.path, m.version, dir)
	}
	slices.Sort(ids)
	m.licence = strings.Join(ids, " AND ")
	return nil
}

// The parts of CycloneDX 1.6 that are said.
type (
	document struct {
		Schema   string      `json:"$schema"`
		Format   string      `json:"bomFormat"`
		Spec     string      `json:"specVersion"`
		Version  int         `json:"version"`
		Metadata metadata    `json:"metadata"`
		Parts    []component `json:"components"`
	}
	metadata struct {
		Time      string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type     string     `json:"type"`
		Ref      string     `json:"bom-ref"`
		Name     string     `json:"name"`
		Version  string     `json:"version,omitempty"`
		Scope    string     `json:"scope,omitempty"`
		Hashes   []hash     `json:"hashes,omitempty"`
		Licences []licence  `json:"licenses,omitempty"`
		URL      string     `json:"purl,omitempty"`
		Settings []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	licence struct {
		Expression string `json:"expression"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

func bom(info *buildinfo.BuildInfo, modules []module, made time.Time) document {
	own := component{Type: "application", Ref: "uratori", Name: "uratori", Licences: []licence{{"MIT"}}}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" || s.Key == "CGO_ENABLED" {
			own.Settings = append(own.Settings, property{"go:" + s.Key, s.Value})
		}
	}
	d := document{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{made.Format(time.RFC3339), own},
	}
	for _, m := range modules {
		url := "pkg:golang/" + m.path + "@" + m.version
		c := component{Type: "library", Ref: url, Name: m.path, Version: m.version, Scope: "required", Licences: []licence{{m.licence}}, URL: url}
		// go.sum has the SHA-256 of the list of the module's files.
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.sum, "h1:")); err == nil && m.sum != "" {
			c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
		}
		d.Parts = append(d.Parts, c)
	}
	return d
}
