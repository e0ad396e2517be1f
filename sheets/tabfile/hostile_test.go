package tabfile_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"uratori/sheets/tabfile"
)

func TestXLSX_WhatIsNoWorkbook_IsToldApart(t *testing.T) {
	whole := workbook(`<row><c><v>1</v></c></row>`, nil).pack(t)
	locked := filepath.Join(t.TempDir(), "locked.xlsx")
	must(t, excelize.NewFile().SaveAs(locked, excelize.Options{Password: "secret"}))
	_, err := all(locked, tabfile.ReadOptions{})
	wantFault(t, err, "tabfile.encrypted", "file", locked)

	// The name of the stream lies over the edge of a block of the search.
	const ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	for shift := range 34 {
		padded := ole + strings.Repeat("x", 64<<10-len(ole)-shift) + utf16le("EncryptedPackage") + "x"
		_, err := all(file(t, "a.xlsx", padded), tabfile.ReadOptions{})
		wantFault(t, err, "tabfile.encrypted")
	}

	for name, c := range map[string]struct{ content, key string }{
		"nothing":           {"", "tabfile.not_xlsx"},
		"text":              {"a,b\n", "tabfile.not_xlsx"},
		"the old kind":      {ole + strings.Repeat("\x00", 200_000), "tabfile.old_excel"},
		"cut in the middle": {whole[:len(whole)/2], "tabfile.cut_short"},
		"cut at the end":    {whole[:len(whole)-1], "tabfile.cut_short"},
		"cut at the head":   {"PK\x03\x04", "tabfile.cut_short"},
		"another ZIP":       {parts{"a.txt": "a"}.pack(t), "tabfile.no_workbook"},
		"a binary workbook": {workbook("", parts{"_rels/.rels": `<a><Relationship Type="x/officeDocument" Target="xl/workbook.bin"/></a>`, "xl/workbook.bin": "x"}).pack(t), "tabfile.no_workbook"},
		"no tabs":           {workbook("", parts{"xl/workbook.xml": "<workbook/>"}).pack(t), "tabfile.no_visible_tab"},
		"no part for a tab": {workbook("", parts{"xl/worksheets/one.xml": ""}).pack(t), "tabfile.damaged"},
		"no relations":      {workbook("", parts{"xl/_rels/workbook.xml.rels": ""}).pack(t), "tabfile.no_visible_tab"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := all(file(t, "a.xlsx", c.content), tabfile.ReadOptions{})
			wantFault(t, err, c.key)
		})
	}
}

func TestXLSX_DamageIsToldAndNeverAShorterTable(t *testing.T) {
	const styles = "xl/styles.xml"
	for name, c := range map[string]struct {
		rows  string
		other parts
		part  string
	}{
		"rows cut off":             {"", parts{"xl/worksheets/one.xml": `<worksheet><sheetData><row><c><v>1</v></c></row>`}, ""},
		"rows cut off at the end":  {"", parts{"xl/worksheets/one.xml": `<worksheet><sheetData></sheetData>`}, ""},
		"an empty part":            {"", parts{"xl/worksheets/one.xml": " "}, ""},
		"tags that do not match":   {`<row><c><v>1</c></v></row>`, nil, ""},
		"an unknown entity":        {`<row><c><v>&x;</v></c></row>`, nil, ""},
		"bytes that are no UTF-8":  {"<row><c t=\"str\"><v>\xFF</v></c></row>", nil, ""},
		"control characters":       {"<row><c t=\"str\"><v>\x01</v></c></row>", nil, ""},
		"a row twice":              {`<row r="2"/><row r="2"/>`, nil, ""},
		"a row too far":            {`<row r="1048577"/>`, nil, ""},
		"a row below 1":            {`<row r="-1"/>`, nil, ""},
		"a row that is no number":  {`<row r="x"/>`, nil, ""},
		"a cell twice":             {`<row r="1"><c r="B1"/><c r="B1"/></row>`, nil, ""},
		"a cell before":            {`<row r="1"><c r="B1"/><c r="A1"/></row>`, nil, ""},
		"a cell of another row":    {`<row r="1"><c r="A2"/></row>`, nil, ""},
		"a cell too far":           {`<row r="1"><c r="XFE1"/></row>`, nil, ""},
		"a cell very far":          {`<row r="1"><c r="` + strings.Repeat("Z", 99) + `1"/></row>`, nil, ""},
		"a cell without letters":   {`<row r="1"><c r="1"/></row>`, nil, ""},
		"a cell without a number":  {`<row r="1"><c r="A"/></row>`, nil, ""},
		"a text that is not there": {`<row><c t="s"><v>0</v></c></row>`, nil, ""},
		"a text below 0":           {`<row><c t="s"><v>-1</v></c></row>`, parts{"xl/sharedStrings.xml": "<sst><si/></sst>"}, ""},
		"a text without a number":  {`<row><c t="s"><v>x</v></c></row>`, nil, ""},
		"no number":                {`<row><c><v>0x10</v></c></row>`, nil, ""},
		"infinity":                 {`<row><c><v>Inf</v></c></row>`, nil, ""},
		"out of range":             {`<row><c><v>1e999</v></c></row>`, nil, ""},
		"no date":                  {`<row><c t="d"><v>yesterday</v></c></row>`, nil, ""},
		"an unknown kind":          {`<row><c t="z"><v>1</v></c></row>`, nil, ""},
		"no such style":            {`<row><c s="7"><v>1</v></c></row>`, parts{styles: `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf/></cellXfs></styleSheet>`}, ""},
		"a style below 0":          {`<row><c s="-1"><v>1</v></c></row>`, parts{styles: `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf/></cellXfs></styleSheet>`}, ""},
		"styles cut off":           {``, parts{styles: `<styleSheet><cellXfs>`}, styles},
		"texts cut off":            {``, parts{"xl/sharedStrings.xml": `<sst><si><t>a`}, "xl/sharedstrings.xml"},
		"tags without end":         {strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), nil, ""},
		"an endless tag":           {`<row a="` + strings.Repeat("a", 2<<20) + `"/>`, nil, ""},
		"an endless text":          {`<row><c t="str"><v>` + strings.Repeat("a", 2<<20) + `</v></c></row>`, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.part == "" {
				c.part = "xl/worksheets/one.xml"
			}
			path := workbook(c.rows, c.other).file(t)
			_, err := all(path, tabfile.ReadOptions{})
			wantFault(t, err, "tabfile.damaged", "file", path, "part", c.part)
		})
	}
}

func TestXLSX_CellsThatNoTableCanHold_AreRefusedWithTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ rows, key string }{
		"a formula that was never calculated": {`<row/><row><c/><c><f>1+1</f></c></row>`, "tabfile.not_calculated"},
		"NUL":                                 {`<row/><row><c/><c t="str"><v>_x0000_</v></c></row>`, "tabfile.nul"},
		"too long":                            {`<row/><row><c/><c t="inlineStr"><is>` + strings.Repeat("<r><t>"+strings.Repeat("a", 1000)+"</t></r>", 900) + `</is></c></row>`, "tabfile.cell_too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := all(workbook(c.rows, nil).file(t), tabfile.ReadOptions{})
			wantFault(t, err, c.key, "row", "2", "column", "B")
		})
	}
}

// A part whose bytes are not those that its checksum was made of.
func TestXLSX_AFlippedBit_IsTold(t *testing.T) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, text := range workbook(`<row><c><v>1111</v></c></row>`, nil) {
		w, err := archive.CreateRaw(&zip.FileHeader{
			Name: name, CRC32: crc32.ChecksumIEEE([]byte(text)), CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text)),
		})
		must(t, err)
		_, err = io.WriteString(w, strings.Replace(text, "1111", "1112", 1))
		must(t, err)
	}
	must(t, archive.Close())
	_, err := all(file(t, "a.xlsx", out.String()), tabfile.ReadOptions{})
	wantFault(t, err, "tabfile.damaged")
}

// A few kilobytes that claim, or hold, gigabytes.
func TestXLSX_AZipBomb_IsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		part string
		size uint64
		key  string
	}{
		"honest about rows":   {"xl/worksheets/one.xml", 2 << 30, "tabfile.unpacks_too_big"},
		"honest about texts":  {"xl/sharedStrings.xml", 2 << 30, "tabfile.unpacks_too_big"},
		"honest about styles": {"xl/styles.xml", 1 << 30, "tabfile.unpacks_too_big"},
		"lying about rows":    {"xl/worksheets/one.xml", 10, "tabfile.damaged"},
		"lying about styles":  {"xl/styles.xml", 10, "tabfile.damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			var packed bytes.Buffer
			deflate, err := flate.NewWriter(&packed, flate.BestSpeed)
			must(t, err)
			_, err = io.WriteString(deflate, "<worksheet>"+strings.Repeat("<a></a>", 3<<20))
			must(t, err)
			must(t, deflate.Close())

			var out bytes.Buffer
			archive := zip.NewWriter(&out)
			book := workbook("", parts{c.part: ""})
			for name, text := range book {
				w, err := archive.Create(name)
				must(t, err)
				_, err = io.WriteString(w, text)
				must(t, err)
			}
			w, err := archive.CreateRaw(&zip.FileHeader{Name: c.part, Method: zip.Deflate, CompressedSize64: uint64(len(packed.Bytes())), UncompressedSize64: c.size})
			must(t, err)
			_, err = w.Write(packed.Bytes())
			must(t, err)
			must(t, archive.Close())
			_, err = all(file(t, "a.xlsx", out.String()), tabfile.ReadOptions{})
			wantFault(t, err, c.key)
		})
	}
}

func TestXLSX_TextsBeyondWhatIsHeld_AreRefused(t *testing.T) {
	book := workbook("", parts{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("a", 1<<18)+"</t></si>", 8) + "</sst>"}).pack(t)
	must(t, tabfile.HoldTexts(bytes.NewReader([]byte(book)), 2<<20))
	wantFault(t, tabfile.HoldTexts(bytes.NewReader([]byte(book)), 2<<20-1), "tabfile.unpacks_too_big", "part", "xl/sharedstrings.xml")
}

func FuzzXLSX(f *testing.F) {
	f.Add([]byte(workbook(`<row><c><v>1</v></c></row>`, nil).pack(f)))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := tabfile.ReadBytes("a.xlsx", bytes.NewReader(content), tabfile.ReadOptions{})
		if err != nil {
			wantAnyFault(t, err)
		} else if diff := cmp.Diff(normal(rows), rows); diff != "" {
			t.Fatal(diff)
		}
	})
}

// The bytes of a ZIP hide the XML from a fuzzer, so this one gets it bare.
func FuzzXLSX_Parts(f *testing.F) {
	const styles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="164" formatCode="[$-411]ggge&quot;年&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	for _, code := range []string{"0.00", "# ?/?", "[h]:mm", "[Red]-0;;@", "yyyy/m/d;@", "0E+0", "[<1]0;General", "\\x", "_-* #,##0"} {
		f.Add(`<row r="1"><c r="A1" s="1"><v>-45000.5</v></c><c t="s"><v>0</v></c></row>`, `<si><t>a</t></si>`, strings.Replace(styles, "[$-411]ggge&quot;年&quot;", code, 1), "one")
	}
	f.Add(`<row><c t="d" s="2"><v>2026-01-02</v></c><c t="b"><v>1</v></c><c><f>1</f><v/></c></row>`, `<si><r><t>_x0041_</t></r></si>`, styles, "")
	f.Fuzz(func(t *testing.T, rows, texts, styles, tab string) {
		book := workbook(rows, parts{"xl/sharedStrings.xml": "<sst>" + texts + "</sst>", "xl/styles.xml": styles})
		got, err := tabfile.ReadBytes("a.xlsx", bytes.NewReader([]byte(book.pack(t))), tabfile.ReadOptions{Sheet: tab})
		if err != nil {
			wantAnyFault(t, err)
		} else if diff := cmp.Diff(normal(got), got); diff != "" {
			t.Fatal(diff)
		}
	})
}
