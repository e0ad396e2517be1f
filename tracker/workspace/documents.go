package workspace

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

//go:embed templates
var embedded embed.FS

// mostTemplate bounds a template, in bytes.
const mostTemplate = 1 << 20

// document is a file that a folder begins with.
type document struct{ name, text string }

// documents are the files of a ticket, filled in.
func documents(r Request) ([]document, error) {
	if r.Templates != "" {
		if err := CheckTemplates(r.Templates); err != nil {
			return nil, err
		}
	}
	// One pass over the template alone: what a ticket says is not read again.
	filled := strings.NewReplacer("{id}", r.Place.id, "{summary}", r.Summary, "{detail}", r.Detail, "{date}", r.Now.Format("2006-01-02"))
	var all []document
	for _, name := range []string{"SOW", "IMPLEMENTATION_PLAN"} {
		text, err := templateOf(r, name+".md")
		if err != nil {
			return nil, err
		}
		all = append(all, document{name: name + "_" + r.Place.id + ".md", text: filled.Replace(text)})
	}
	return all, nil
}

// CheckTemplates refuses what is no folder, before anything depends on it.
func CheckTemplates(folder string) error {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fault.New(fault.Invalid, "workspace.no_templates", "folder", shown(folder))
	}
	return nil
}

// templateOf is the project's own, or ours when it has none of that name.
func templateOf(r Request, name string) (string, error) {
	if r.Templates != "" {
		path := filepath.Join(r.Templates, name)
		text, err := readTemplate(path)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || isLink(path) {
			return text, err
		}
	}
	lang := phrase.English
	if r.Lang == phrase.Japanese {
		lang = phrase.Japanese
	}
	text, err := embedded.ReadFile("templates/" + string(lang) + "/" + name)
	return string(text), err
}

func readTemplate(path string) (string, error) {
	// A pipe without a writer must not hold the caller up.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fault.New(fault.Invalid, "workspace.unreadable", "file", path).Wrap(err)
	}
	defer f.Close() //nolint:errcheck // only read
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fault.New(fault.Invalid, "workspace.bad_text", "file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, mostTemplate+1))
	if err != nil {
		return "", fault.New(fault.Invalid, "workspace.unreadable", "file", path).Wrap(err)
	}
	if len(text) > mostTemplate || !utf8.Valid(text) {
		return "", fault.New(fault.Invalid, "workspace.bad_text", "file", path)
	}
	return string(text), nil
}
