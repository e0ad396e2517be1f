package sheets

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"uratori/internal/fault"
)

// Column is a column that has a meaning here, found by the text in the header.
type Column struct {
	Name     string   // what this program calls it
	Texts    []string // what people may call it, the likeliest first
	Required bool
}

// The name of the column that tells rows apart.
const Key = "id"

// Aliases are the header texts that are known beside those that a person set.
func Aliases(name string) []string {
	switch name {
	case Key:
		return []string{"ID", "チケットID", "チケット番号", "Ticket ID", "Ticket"}
	case "summary":
		return []string{"概要", "要約", "Summary"}
	case "detail":
		return []string{"詳細", "Details", "Detail", "Description"}
	case "status":
		return []string{"ステータス", "状態", "Status"}
	case "approval":
		return []string{"承認", "Approval"}
	}
	return nil
}

func checkColumns(columns []Column) error {
	if !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == Key }) {
		return fault.New(fault.Invalid, "sheets.no_key_column")
	}
	return nil
}

// deepestHeader is in how many rows the header is looked for: people put a
// title above it.
const deepestHeader = 10

// header is where the header row stands and what it says.
type header struct {
	row   int      // zero-based
	texts []string // as they are
	index map[string]int
}

// findHeader looks in the first rows for the one that names the key column,
// and maps the columns.
func findHeader(rows [][]string, columns []Column) (header, error) {
	key := columns[slices.IndexFunc(columns, func(c Column) bool { return c.Name == Key })]
	for i, row := range rows[:min(len(rows), deepestHeader)] {
		h := header{row: i, texts: row, index: map[string]int{}}
		if at, err := h.find(key.Texts); err != nil {
			return h, err
		} else if at < 0 {
			continue
		}
		for _, c := range columns {
			at, err := h.find(c.Texts)
			if err != nil {
				return h, err
			}
			if at < 0 && c.Required {
				return h, fault.New(fault.Failed, "sheets.no_column", "column", c.Texts[0], "have", quoted(row))
			}
			if at >= 0 {
				h.index[c.Name] = at
			}
		}
		return h, nil
	}
	return header{}, fault.New(fault.Failed, "sheets.no_header", "column", key.Texts[0], "rows", deepestHeader)
}

// find is the column under the first of the texts that the header has, -1 for
// none. A text that stands twice names nothing.
func (h header) find(texts []string) (int, error) {
	for _, text := range texts {
		found := -1
		for i, have := range h.texts {
			if fold(have) != fold(text) {
				continue
			}
			if found >= 0 {
				return 0, fault.New(fault.Failed, "sheets.header_twice", "column", text, "first", columnName(found), "second", columnName(i))
			}
			found = i
		}
		if found >= 0 {
			return found, nil
		}
	}
	return -1, nil
}

// at is the column of a name, which may also be a header's text.
func (h header) at(name string) (int, error) {
	if i, ok := h.index[name]; ok {
		return i, nil
	}
	i, err := h.find([]string{name})
	if err == nil && i < 0 {
		err = fault.New(fault.Failed, "sheets.no_column", "column", name, "have", quoted(h.texts))
	}
	return i, err
}

// text is what the header says of a column, "" beyond its end.
func (h header) text(column int) string {
	if column < 0 || column >= len(h.texts) {
		return ""
	}
	return h.texts[column]
}

// Fold brings texts together that people take for the same: full and half
// width, case, decomposed kana, spaces round them.
func Fold(s string) string { return fold(s) }

func fold(s string) string {
	return strings.TrimSpace(cases.Fold().String(norm.NFKC.String(s)))
}

// foldsTo tells whether fold(s) is want, which costs nothing for most s.
func foldsTo(s, want string) bool {
	if n := len(s); n > 0 && ' ' < s[n-1] && s[n-1] < utf8.RuneSelf { // such a character ends what s folds to, in lower case
		if m := len(want); m == 0 || lower(s[n-1]) != want[m-1] {
			return false
		}
	}
	if isASCII(s) {
		return isASCII(want) && strings.EqualFold(strings.TrimSpace(s), want)
	}
	return fold(s) == want
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// quoted names texts in a sentence, not more of them than a person reads.
func quoted(texts []string) string {
	const most, longest = 30, 60 // texts; characters
	var list []string
	for _, text := range texts {
		if text = strings.Join(strings.Fields(text), " "); text == "" {
			continue
		}
		if len(list) == most {
			list = append(list, "…")
			break
		}
		if r := []rune(text); len(r) > longest {
			text = string(r[:longest]) + "…"
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}
