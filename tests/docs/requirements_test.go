package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testPattern = regexp.MustCompile("`([a-z0-9/]+)/(Test[A-Za-z0-9_]+)`")
	filePattern = regexp.MustCompile("`(tests/[a-z0-9_./]+\\.txtar)`")
	linkPattern = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
)

func TestRequirements_EveryTestNamed_Exists(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/requirements.md")
	named := testPattern.FindAllStringSubmatch(page, -1)
	const fewest = 60
	if len(named) < fewest {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		files, err := filepath.Glob(filepath.Join(repository, m[1], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(raw), "\nfunc "+m[2]+"(")
		}
		if !found {
			t.Errorf("there is no %s in %s", m[2], m[1])
		}
	}
	for _, m := range filePattern.FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join(repository, m[1])); err != nil {
			t.Error(err)
		}
	}
}

// Every row that holds names a test.
func TestRequirements_WhatHolds_IsProved(t *testing.T) {
	t.Parallel()
	rows := 0
	for line := range strings.Lines(read(t, "docs/requirements.md")) {
		cells := strings.Split(line, " | ")
		if len(cells) < 5 || !regexp.MustCompile(`^\| [A-Z]\d+$`).MatchString(cells[0]) {
			continue
		}
		rows++
		if cells[2] != "✘" && !testPattern.MatchString(cells[3]) && !filePattern.MatchString(cells[3]) {
			t.Errorf("nothing proves %s", cells[0])
		}
	}
	const fewest = 36
	if rows < fewest {
		t.Errorf("only %d rows were read", rows)
	}
}

// A page that leads nowhere is found before a reader finds it.
func TestPages_EveryLink_LeadsSomewhere(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(repository, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, filepath.Join(repository, "README.md"), filepath.Join(repository, "README.ja.md"), filepath.Join(repository, "CONTRIBUTING.md")) {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range linkPattern.FindAllStringSubmatch(string(raw), -1) {
			if strings.Contains(m[1], "://") || filepath.Base(page) == "transcript.md" { // in which others are quoted
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
			}
		}
	}
}

// What the READMEs list without running it is at least taken by the program.
func TestReadme_EveryCommandListed_IsTaken(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "README.ja.md"} {
		block, seen := "", 0
		for line := range strings.Lines(read(t, page)) {
			if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
				block = fence
				continue
			}
			if block != "text" && block != "sh" {
				continue
			}
			seen++
			if err := takes("en", line); err != nil {
				t.Errorf("%s: %s: %v", page, strings.TrimSpace(line), err)
			}
		}
		if seen == 0 {
			t.Errorf("%s lists no commands", page)
		}
	}
}
