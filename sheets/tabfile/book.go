package tabfile

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"uratori/internal/fault"
)

// What the files start with that are no text.
const (
	zipMagic = "PK\x03\x04"
	oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
)

// Bounds of what a workbook unpacks to, far above what a table within
// maxCells needs: a few kilobytes of ZIP can hold gigabytes.
const (
	maxRowsPart  = 1 << 30 // bytes of a tab, or of the texts of all cells
	maxOtherPart = 16 << 20
	maxToken     = 1 << 20 // bytes of one tag or one run of text
	maxDepth     = 64
)

// book is the package of a workbook: a ZIP of XML parts that refer to each
// other by name.
type book struct {
	file  string
	parts map[string]*zip.File // by name, in lower case

	tabs                    []tab
	date1904                bool
	styles, strings, origin string // names of parts, "" for none
}

type tab struct {
	name, id, part string
	hidden         bool
}

func openBook(src io.ReaderAt, size int64, file string) (*book, error) {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return nil, notZip(src, size, file, err)
	}
	b := &book{file: file, parts: make(map[string]*zip.File, len(archive.File))}
	for _, part := range archive.File {
		b.parts[partName("", strings.ReplaceAll(part.Name, `\`, "/"))] = part
	}
	if err := b.relations("_rels/.rels", func(kind, _, target string) {
		if kind == "officeDocument" {
			b.origin = target
		}
	}); err != nil {
		return nil, err
	}
	if b.parts[b.origin] == nil || !strings.HasSuffix(b.origin, ".xml") {
		return nil, fault.New(fault.Invalid, "tabfile.no_workbook", "file", file)
	}
	return b, b.readTabs()
}

// notZip tells what a file is that is no ZIP.
func notZip(src io.ReaderAt, size int64, file string, cause error) error {
	head := make([]byte, len(oleMagic))
	n, err := src.ReadAt(head, 0)
	switch head = head[:n]; {
	case err != nil && !errors.Is(err, io.EOF):
		return fault.New(fault.Failed, "tabfile.unreadable", "file", file).Wrap(err)
	case bytes.HasPrefix(head, []byte("PK")):
		return fault.New(fault.Invalid, "tabfile.cut_short", "file", file).Wrap(early(cause))
	case string(head) != oleMagic:
		return fault.New(fault.Invalid, "tabfile.not_xlsx", "file", file)
	}
	// A workbook with a password is an OLE container with a stream of this
	// name, an old one has none.
	encrypted, err := contains(io.NewSectionReader(src, 0, size), utf16Bytes("EncryptedPackage"))
	switch {
	case err != nil:
		return fault.New(fault.Failed, "tabfile.unreadable", "file", file).Wrap(err)
	case encrypted:
		return fault.New(fault.Invalid, "tabfile.encrypted", "file", file)
	default:
		return fault.New(fault.Invalid, "tabfile.old_excel", "file", file)
	}
}

func utf16Bytes(ascii string) []byte {
	var out []byte
	for _, c := range []byte(ascii) {
		out = append(out, c, 0)
	}
	return out
}

// contains looks for what in src without holding src.
func contains(src io.Reader, what []byte) (bool, error) {
	window, kept := make([]byte, 64<<10), 0
	for {
		n, err := io.ReadFull(src, window[kept:])
		if bytes.Contains(window[:kept+n], what) {
			return true, nil
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return false, err
		}
		kept = copy(window, window[len(window)-len(what):])
	}
}

// partName is the key of the part that a target means which stands in a part
// of folder.
func partName(folder, target string) string {
	if !strings.HasPrefix(target, "/") {
		target = path.Join("/", folder, target)
	}
	return strings.ToLower(strings.TrimPrefix(path.Clean(target), "/"))
}

// relations calls each with what the part called name says: the last word of
// the type, the id and the part that is meant.
func (b *book) relations(name string, each func(kind, id, target string)) error {
	folder := path.Dir(path.Dir(name))
	return b.elements(name, func(e xml.StartElement) {
		if e.Name.Local == "Relationship" && attr(e, "TargetMode") != "External" {
			each(path.Base(attr(e, "Type")), attr(e, "Id"), partName(folder, attr(e, "Target")))
		}
	})
}

// readTabs reads the list of tabs and where they and their neighbours lie.
func (b *book) readTabs() error {
	if err := b.elements(b.origin, func(e xml.StartElement) {
		switch e.Name.Local {
		case "workbookPr":
			b.date1904 = isTrue(attr(e, "date1904"))
		case "sheet":
			state := attr(e, "state")
			b.tabs = append(b.tabs, tab{name: attr(e, "name"), id: attr(e, "id"), hidden: state == "hidden" || state == "veryHidden"})
		}
	}); err != nil {
		return err
	}
	rels := path.Join(path.Dir(b.origin), "_rels", path.Base(b.origin)+".rels")
	return b.relations(rels, func(kind, id, target string) {
		switch kind {
		case "styles":
			b.styles = target
		case "sharedStrings":
			b.strings = target
		case "worksheet":
			for i := range b.tabs {
				if b.tabs[i].id == id {
					b.tabs[i].part = target
				}
			}
		}
	})
}

// tab is the tab called name, or the first visible one. Tabs that hold a
// chart instead of cells are not looked at.
func (b *book) tab(name string) (tab, error) {
	var names []string
	for _, t := range b.tabs {
		if t.part == "" {
			continue
		}
		if name == "" && !t.hidden || name != "" && strings.EqualFold(t.name, name) {
			return t, nil
		}
		names = append(names, t.name)
	}
	if name == "" {
		return tab{}, fault.New(fault.Invalid, "tabfile.no_visible_tab", "file", b.file)
	}
	return tab{}, fault.New(fault.NotFound, "tabfile.no_such_tab", "file", b.file, "tab", name, "tabs", strings.Join(names, ", "))
}

// isTrue reads a boolean of XML Schema.
func isTrue(value string) bool { return value == "1" || value == "true" }

// attr is the value of an attribute of e, whatever its name space.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
