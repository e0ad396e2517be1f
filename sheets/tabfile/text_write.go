package tabfile

import (
	"bufio"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"uratori/internal/fault"
)

// textSink writes CSV and TSV. It does not use encoding/csv, which drops a CR
// inside a cell when rows end with CRLF, and writes a row that is empty as a
// line that readers skip.
type textSink struct {
	out     *bufio.Writer
	file    string
	comma   string
	quoted  string // a cell with one of these is quoted
	end     string // of a row
	encoder *encoding.Encoder
	code    Encoding
	line    []byte
}

func createText(to io.Writer, file string, comma rune, code Encoding, crlf bool) *textSink {
	t := &textSink{out: bufio.NewWriterSize(to, 64<<10), file: file, comma: string(comma), quoted: "\"\r\n" + string(comma), end: "\n", code: code}
	if crlf {
		t.end = "\r\n"
	}
	switch code {
	case ShiftJIS:
		t.encoder = japanese.ShiftJIS.NewEncoder()
	case UTF16LE:
		t.encoder = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder()
	case UTF16BE:
		t.encoder = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder()
	default:
		t.encoder = encoding.Nop.NewEncoder()
	}
	// What fails here fails again with the first row and is told then.
	_, _ = t.out.WriteString(code.mark())
	return t
}

func (t *textSink) write(row int, cells []string) error {
	t.line = t.line[:0]
	if len(cells) == 0 {
		t.line = append(t.line, `""`...)
	}
	for i, cell := range cells {
		if i > 0 {
			t.line = append(t.line, t.comma...)
		}
		// A file that starts with U+FEFF would seem to start with a mark.
		if !strings.ContainsAny(cell, t.quoted) && !strings.HasPrefix(cell, "\uFEFF") {
			t.line = append(t.line, cell...)
			continue
		}
		t.line = append(t.line, '"')
		t.line = append(t.line, strings.ReplaceAll(cell, `"`, `""`)...)
		t.line = append(t.line, '"')
	}
	t.line = append(t.line, t.end...)
	if len(t.line) > maxRowBytes {
		return fault.New(fault.Invalid, "tabfile.row_too_big", "file", t.file, "row", row, "mib", maxRowBytes>>20)
	}
	encoded, err := t.encoder.Bytes(t.line)
	if err != nil {
		return t.noCode(row, cells, err)
	}
	_, err = t.out.Write(encoded)
	return err
}

// noCode names the first character of the row that the encoding does not have.
func (t *textSink) noCode(row int, cells []string, cause error) error {
	for i, cell := range cells {
		for _, r := range cell {
			if _, err := t.encoder.String(string(r)); err != nil {
				return fault.New(fault.Invalid, "tabfile.no_code",
					"file", t.file, "row", row, "column", columnName(i+1), "character", string(r), "encoding", string(t.code))
			}
		}
	}
	return cause
}

func (t *textSink) finish() error { return t.out.Flush() }
