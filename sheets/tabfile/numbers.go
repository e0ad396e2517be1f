package tabfile

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// numbers shows numbers as Excel does. The formats are excelize's work: it is
// given a workbook that has the styles of the file and one cell, which every
// number passes through.
//
// The rest is ours. What Excel words by the country of its user (the built-in
// short date is 7/5/2026 here and 05.07.2026 there) is worded as in Japan. A
// number without a format keeps the 15 digits that Excel keeps, however
// narrow its column is. So does one in a format that excelize would get
// wrong: in thousands, or with a condition. Blanks that only line numbers up
// are left out.
type numbers struct {
	cell  *excelize.File // nil in a workbook without styles
	looks map[string]look
	style int // what the cell has, -1 for none yet
	shown map[number]string
}

// number is one that was shown. A format takes excelize twenty microseconds,
// and the dates and amounts of a table repeat.
type number struct {
	value string
	style int
}

const maxShown = 1 << 16 // numbers that are kept

// look is what the style of a cell means for a number.
type look struct {
	style int
	plain bool
}

const onlySheet, onlyCell = "Sheet1", "A1"

func (b *book) numbers() (*numbers, error) {
	if b.parts[b.styles] == nil {
		return &numbers{}, nil
	}
	// Read once within bounds before it is handed over.
	if err := b.elements(b.styles, func(xml.StartElement) {}); err != nil {
		return nil, err
	}
	styles, err := b.parts[b.styles].Open()
	if err != nil {
		return nil, b.damaged(b.styles, err)
	}
	defer func() { _ = styles.Close() }()
	cell, err := oneCell(styles, b.date1904)
	if err != nil {
		return nil, b.damaged(b.styles, err)
	}
	return &numbers{cell: cell, looks: map[string]look{}, style: -1, shown: map[number]string{}}, nil
}

// oneCell is a workbook with these styles and a single tab.
func oneCell(styles io.Reader, date1904 bool) (f *excelize.File, err error) {
	defer caught(&err)
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	if err := writeParts(archive, onlySheet, date1904); err != nil {
		return nil, err
	}
	w, err := archive.Create("xl/styles.xml")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, styles); err != nil {
		return nil, err
	}
	if w, err = archive.Create("xl/worksheets/sheet1.xml"); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, sheetHead+sheetTail); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return excelize.OpenReader(&packed, excelize.Options{
		ShortDatePattern:  "yyyy/m/d",
		LongDatePattern:   `yyyy"年"m"月"d"日"`,
		CultureInfo:       excelize.CultureNameJaJP,
		UnzipSizeLimit:    2 * maxOtherPart,
		UnzipXMLSizeLimit: 2 * maxOtherPart,
	})
}

// caught makes a panic over a hostile style an error about this file.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%v", r)
	}
}

// number is the text of the number v in the style with that number.
func (n *numbers) number(v, style string) (string, error) {
	v = strings.TrimSpace(v)
	value, err := strconv.ParseFloat(v, 64)
	if err != nil || strings.Trim(v, "0123456789.eE+-") != "" {
		return "", fmt.Errorf("%q is no number", v)
	}
	l, err := n.look(style)
	if err != nil || l.plain {
		return plain(value), err
	}
	text, ok := n.shown[number{v, l.style}]
	if !ok {
		if text, err = n.show(v, l.style); err != nil {
			return "", err
		}
		if len(n.shown) >= maxShown {
			clear(n.shown)
		}
		n.shown[number{v, l.style}] = text
	}
	return text, nil
}

// plain is a number without a format.
func plain(value float64) string {
	value, _ = strconv.ParseFloat(strconv.FormatFloat(value, 'g', 15, 64), 64)
	switch size := math.Abs(value); {
	case size == 0:
		return "0"
	case size < 1e-9, size >= 1e21:
		return strconv.FormatFloat(value, 'E', -1, 64)
	default:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
}

// look is what the style with that number looks like.
func (n *numbers) look(style string) (l look, err error) {
	if n.cell == nil {
		return look{plain: true}, nil
	}
	if l, ok := n.looks[style]; ok {
		return l, nil
	}
	defer caught(&err)
	if style != "" {
		if l.style, err = strconv.Atoi(style); err != nil {
			return l, err
		}
	}
	format, err := n.cell.GetStyle(l.style)
	if err != nil {
		return l, err
	}
	l.plain = format.NumFmt == 0
	if code := format.CustomNumFmt; code != nil {
		l.plain = strings.EqualFold(*code, "General") || mistaken(*code)
		// The short days of the week are Japanese here, and not everywhere.
		if strings.Contains(*code, "aaa") && !strings.Contains(*code, "[$") {
			japanese := "[$-411]" + *code
			if l.style, err = n.cell.NewStyle(&excelize.Style{CustomNumFmt: &japanese}); err != nil {
				return l, err
			}
		}
	}
	n.looks[style] = l
	return l, nil
}

// mistaken tells whether excelize passes over what the format code says: a
// comma after the digits, which divides by a thousand, or a condition.
func mistaken(code string) bool {
	code = regexp.MustCompile(`"[^"]*"|\\.`).ReplaceAllString(code, "'")
	return regexp.MustCompile(`[0#?],+($|[^0#?,])|\[[<>=]`).MatchString(code)
}

// show is what a person sees of a number or time in that style.
func (n *numbers) show(value any, style int) (text string, err error) {
	defer caught(&err)
	if style != n.style {
		if err := n.cell.SetCellStyle(onlySheet, onlyCell, onlyCell, style); err != nil {
			return "", err
		}
		n.style = style
	}
	if digits, ok := value.(string); ok {
		err = n.cell.SetCellDefault(onlySheet, onlyCell, digits)
	} else {
		err = n.cell.SetCellValue(onlySheet, onlyCell, value)
	}
	if err != nil {
		return "", err
	}
	text, err = n.cell.GetCellValue(onlySheet, onlyCell)
	return strings.Trim(text, " "), err
}

// date is the text of a day or time in ISO 8601, as strict workbooks have it.
func (n *numbers) date(v, style string) (string, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05Z", "2006-01-02"} {
		at, err := time.Parse(layout, v)
		if err != nil {
			continue
		}
		l, err := n.look(style)
		if err != nil || l.plain {
			return v, err
		}
		return n.show(at, l.style)
	}
	return "", errors.New("no date in ISO 8601: " + strconv.Quote(v))
}
