package tabfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"

	"uratori/internal/fault"
)

// Encoding is how a CSV or TSV writes its characters as bytes.
type Encoding string

// The encodings. Those that start with a mark are written with it.
const (
	UTF8     Encoding = "utf-8"
	UTF8Mark Encoding = "utf-8-bom" // what Excel takes for UTF-8 when it is double-clicked
	ShiftJIS Encoding = "shift_jis" // as Windows means it, code page 932: with ①, ～ and 髙
	UTF16LE  Encoding = "utf-16le"
	UTF16BE  Encoding = "utf-16be"
)

// encodingOf is the encoding of a name that a person gave, "" for none.
func encodingOf(name Encoding) (Encoding, error) {
	switch strings.ReplaceAll(strings.ToLower(string(name)), "_", "-") {
	case "":
		return "", nil
	case "utf-8", "utf8":
		return UTF8, nil
	case "utf-8-bom", "utf8-bom", "utf-8-sig":
		return UTF8Mark, nil
	case "shift-jis", "sjis", "cp932", "ms932", "windows-31j":
		return ShiftJIS, nil
	case "utf-16le", "utf-16", "utf16":
		return UTF16LE, nil
	case "utf-16be":
		return UTF16BE, nil
	default:
		return "", fault.New(fault.Invalid, "tabfile.unknown_encoding", "encoding", string(name))
	}
}

func (e Encoding) mark() string {
	switch e {
	case UTF8Mark:
		return "\xEF\xBB\xBF"
	case UTF16LE:
		return "\xFF\xFE"
	case UTF16BE:
		return "\xFE\xFF"
	default:
		return ""
	}
}

func (e Encoding) decoder() transform.Transformer {
	switch e {
	case ShiftJIS:
		return strictShiftJIS{japanese.ShiftJIS.NewDecoder().Transformer}
	case UTF16LE:
		return strictUTF16{binary.LittleEndian}
	case UTF16BE:
		return strictUTF16{binary.BigEndian}
	default:
		return encoding.UTF8Validator
	}
}

// errInvalid stops a decoder at bytes that its encoding does not know.
var errInvalid = errors.New("bytes without a character")

// strictShiftJIS reads code page 932 and stops where the decoder of x/text
// would put U+FFFD, for which there is no code, or pass the byte 0x80.
type strictShiftJIS struct{ transform.Transformer }

func (s strictShiftJIS) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = s.Transformer.Transform(dst, src, atEOF)
	for _, bad := range []string{"\uFFFD", "\u0080"} {
		if i := bytes.Index(dst[:nDst], []byte(bad)); i >= 0 {
			nDst, err = i, errInvalid
		}
	}
	return nDst, nSrc, err
}

// strictUTF16 reads UTF-16 and stops at half a pair and at half a unit.
type strictUTF16 struct{ order binary.ByteOrder }

func (strictUTF16) Reset() {}

func (s strictUTF16) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		rest := src[nSrc:]
		if len(rest) < 2 {
			return nDst, nSrc, unfinished(atEOF)
		}
		r, size := rune(s.order.Uint16(rest)), 2
		if utf16.IsSurrogate(r) {
			if len(rest) < 4 {
				return nDst, nSrc, unfinished(atEOF)
			}
			r, size = utf16.DecodeRune(r, rune(s.order.Uint16(rest[2:]))), 4
			if r == utf8.RuneError {
				return nDst, nSrc, errInvalid
			}
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

func unfinished(atEOF bool) error {
	if atEOF {
		return errInvalid
	}
	return transform.ErrShortSrc
}

// decoded is the text of a file as UTF-8. It counts lines, so that a fault
// can name one.
type decoded struct {
	file     string
	encoding Encoding
	text     io.Reader
	lines    int // line feeds that were read
	err      error
}

func decode(src io.Reader, file string, e Encoding) *decoded {
	return &decoded{file: file, encoding: e, text: transform.NewReader(src, e.decoder())}
}

func (d *decoded) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.text.Read(p)
	d.lines += bytes.Count(p[:n], []byte{'\n'})
	switch {
	case errors.Is(err, errInvalid), errors.Is(err, encoding.ErrInvalidUTF8):
		err = fault.New(fault.Invalid, "tabfile.bad_bytes", "file", d.file, "line", d.lines+1, "encoding", string(d.encoding)).Wrap(err)
	case err != nil && !errors.Is(err, io.EOF):
		err = fault.New(fault.Failed, "tabfile.unreadable", "file", d.file).Wrap(err)
	}
	d.err = err
	return n, err
}

// detect finds the encoding of src and leaves src after its mark. A file
// without a mark is read to its end for that: one that is ASCII for its first
// megabyte can still be either, and a table that was read half in the wrong
// encoding is worse than a file that is read twice. What is valid as both, as
// a few half-width letters can be, is UTF-8.
func detect(src io.ReadSeeker, file string, asked Encoding) (Encoding, error) {
	head := make([]byte, 8)
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", fault.New(fault.Failed, "tabfile.unreadable", "file", file).Wrap(err)
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte(zipMagic)) || bytes.HasPrefix(head, []byte(oleMagic)) {
		return "", fault.New(fault.Invalid, "tabfile.workbook_as_text", "file", file)
	}
	for _, e := range []Encoding{UTF8Mark, UTF16LE, UTF16BE} {
		if !bytes.HasPrefix(head, []byte(e.mark())) {
			continue
		}
		if asked != "" && asked != e && (asked != UTF8 || e != UTF8Mark) {
			return "", fault.New(fault.Invalid, "tabfile.other_mark", "file", file, "found", string(e), "encoding", string(asked))
		}
		return e, rewind(src, file, len(e.mark()))
	}
	if asked != "" {
		return asked, rewind(src, file, 0)
	}
	// The candidate that got further before it met a byte it does not know is
	// the likelier one to be meant.
	var furthest *decoded
	for _, e := range []Encoding{UTF8, ShiftJIS} {
		if err := rewind(src, file, 0); err != nil {
			return "", err
		}
		d := decode(src, file, e)
		if _, err := io.Copy(io.Discard, d); err == nil {
			return e, rewind(src, file, 0)
		}
		if fault.KindOf(d.err) == fault.Failed {
			return "", d.err
		}
		if furthest == nil || d.lines > furthest.lines {
			furthest = d
		}
	}
	return "", fault.New(fault.Invalid, "tabfile.undetected", "file", file).Wrap(furthest.err)
}

func rewind(src io.Seeker, file string, to int) error {
	if _, err := src.Seek(int64(to), io.SeekStart); err != nil {
		return fault.New(fault.Failed, "tabfile.unreadable", "file", file).Wrap(err)
	}
	return nil
}
