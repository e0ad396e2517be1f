package tabfile

import (
	"archive/zip"
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"

	"uratori/internal/fault"
)

// What Excel takes in at most.
const (
	maxExcelRows    = 1_048_576
	maxExcelColumns = 16_384
	maxExcelUnits   = 32_767 // UTF-16 units in a cell
	maxExcelTab     = 31     // UTF-16 units in the name of a tab
)

// The fixed parts of a workbook with one tab. The one style that cells have
// is the number format "@", text: a cell that says 007 or =1 says so still
// after somebody edited it.
const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	ooxml   = `http://schemas.openxmlformats.org/`
	main    = ` xmlns="` + ooxml + `spreadsheetml/2006/main"`
	rels    = ` xmlns="` + ooxml + `package/2006/relationships"`
	relType = ooxml + `officeDocument/2006/relationships`
	media   = `application/vnd.openxmlformats-`

	contentTypes = xmlHead + `<Types xmlns="` + ooxml + `package/2006/content-types">` +
		`<Default Extension="rels" ContentType="` + media + `package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + media + `officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + media + `officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + media + `officedocument.spreadsheetml.worksheet+xml"/></Types>`
	packageRels = xmlHead + `<Relationships` + rels + `><Relationship Id="rId1" Type="` + relType + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels    = xmlHead + `<Relationships` + rels + `>` +
		`<Relationship Id="rId1" Type="` + relType + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + relType + `/styles" Target="styles.xml"/></Relationships>`
	bookHead = xmlHead + `<workbook` + main + ` xmlns:r="` + relType + `"><workbookPr date1904="`
	bookTail = `" sheetId="1" r:id="rId1"/></sheets></workbook>`
	styles   = xmlHead + `<styleSheet` + main + `>` +
		`<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
	sheetHead = xmlHead + `<worksheet` + main + `><sheetData>`
	sheetTail = `</sheetData></worksheet>`
)

// writeParts writes what stands round styles.xml and sheet1.xml.
func writeParts(archive *zip.Writer, tab string, date1904 bool) error {
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"xl/_rels/workbook.xml.rels", bookRels},
		{"xl/workbook.xml", bookHead + strconv.FormatBool(date1904) + `"/><sheets><sheet name="` +
			strings.ReplaceAll(string(escaped(nil, tab)), `"`, "&quot;") + bookTail},
	} {
		if err := writePart(archive, part.name, part.text); err != nil {
			return err
		}
	}
	return nil
}

func writePart(archive *zip.Writer, name, text string) error {
	w, err := archive.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// bookSink writes a workbook straight into its ZIP, so that it never stands
// in memory. The cells have their texts with them, as strings.
type bookSink struct {
	file    string
	archive *zip.Writer
	out     *bufio.Writer
	size    int64
	xml     []byte
}

func createBook(to io.Writer, file, tab string) (*bookSink, error) {
	if tab == "" {
		tab = "Sheet1"
	}
	if unitsOf(tab, 0) > maxExcelTab || strings.ContainsAny(tab, `:\/?*[]`) || strings.Trim(tab, "'") != tab || strings.EqualFold(tab, "History") || hasControl(tab) {
		return nil, fault.New(fault.Invalid, "tabfile.tab_name", "tab", tab, "limit", maxExcelTab)
	}
	b := &bookSink{file: file, archive: zip.NewWriter(to)}
	if err := writeParts(b.archive, tab, false); err != nil {
		return nil, err
	}
	if err := writePart(b.archive, "xl/styles.xml", styles); err != nil {
		return nil, err
	}
	w, err := b.archive.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	b.out = bufio.NewWriterSize(w, 64<<10)
	_, err = b.out.WriteString(sheetHead)
	return b, err
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '\uFFFD' || r == '\uFFFE' || r == '\uFFFF' })
}

func (b *bookSink) write(row int, cells []string) error {
	switch {
	case len(cells) == 0:
		return nil
	case row > maxExcelRows:
		return fault.New(fault.Invalid, "tabfile.excel_rows", "file", b.file, "limit", maxExcelRows)
	case len(cells) > maxExcelColumns:
		return fault.New(fault.Invalid, "tabfile.too_wide", "file", b.file, "row", row, "columns", len(cells), "limit", maxExcelColumns)
	}
	b.xml = append(b.xml[:0], `<row r="`...)
	b.xml = strconv.AppendInt(b.xml, int64(row), 10)
	b.xml = append(b.xml, `">`...)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if units := unitsOf(cell, maxExcelUnits); units > maxExcelUnits {
			return fault.New(fault.Invalid, "tabfile.cell_too_long",
				"file", b.file, "row", row, "column", columnName(i+1), "length", units, "limit", maxExcelUnits)
		}
		b.xml = append(b.xml, `<c r="`...)
		b.xml = append(b.xml, columnName(i+1)...)
		b.xml = strconv.AppendInt(b.xml, int64(row), 10)
		b.xml = append(b.xml, `" s="1" t="inlineStr"><is><t xml:space="preserve">`...)
		b.xml = escaped(b.xml, cell)
		b.xml = append(b.xml, `</t></is></c>`...)
	}
	b.xml = append(b.xml, `</row>`...)
	// Excel takes a part of more than 4 GiB for damage.
	if b.size += int64(len(b.xml)); b.size > math.MaxUint32-1<<10 {
		return fault.New(fault.Invalid, "tabfile.excel_size", "file", b.file, "row", row)
	}
	_, err := b.out.Write(b.xml)
	return err
}

func (b *bookSink) finish() error {
	if _, err := b.out.WriteString(sheetTail); err != nil {
		return err
	}
	if err := b.out.Flush(); err != nil {
		return err
	}
	return b.archive.Close()
}
