package tabfile_test

import (
	"archive/zip"
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"uratori/sheets/tabfile"
)

// parts are the parts of a workbook by name.
type parts map[string]string

// workbook is a workbook with one tab that has these rows, and other parts
// instead of the usual ones, or without those that are "".
func workbook(rows string, other parts) parts {
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	p := parts{
		"_rels/.rels":     `<Relationships><Relationship Id="a" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns:r="` + rel + `"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="` + rel + `/worksheet" Target="worksheets/one.xml"/>` +
			`<Relationship Id="r2" Type="` + rel + `/styles" Target="/xl/styles.xml"/><Relationship Id="r3" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="r4" Type="` + rel + `/worksheet" Target="worksheets/two.xml"/></Relationships>`,
		"xl/worksheets/one.xml": `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}
	maps.Copy(p, other)
	maps.DeleteFunc(p, func(_, text string) bool { return text == "" })
	return p
}

func (p parts) pack(t testing.TB) string {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (p parts) file(t testing.TB) string { return file(t, "a.xlsx", p.pack(t)) }

func TestXLSX_RowsAndCellsComeToTheirPlace(t *testing.T) {
	shared := parts{"xl/sharedStrings.xml": `<sst>
		<si><t xml:space="preserve"> a </t></si>
		<si> <r><rPr><b/></rPr><t>東</t></r> <r><t>京_x000D_
</t></r><rPh sb="0" eb="1"><t>トウ</t></rPh><phoneticPr fontId="1"/></si>
		<si/><si><t>_x005F_x0041_ _x0041_ _xD83D__xDE00_ _xD83D_</t></si></sst>`}
	for name, c := range map[string]struct {
		rows  string
		other parts
		want  [][]string
	}{
		"no rows":               {``, nil, nil},
		"empty rows and styles": {`<row r="1"><c r="A1" s="0"/></row><row r="9"/>`, nil, nil},
		"gaps":                  {`<row r="2"><c r="C2"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c><c r="AA4" t="b"><v>1</v></c><c r="AB4"/></row>`, nil, [][]string{{}, {"", "", "1"}, {}, append(append([]string{"2"}, make([]string, 25)...), "TRUE")}},
		"no names":              {`<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c t="b"><v>0</v></c></row>`, nil, [][]string{{"1", "2"}, {"", "FALSE"}}},
		"shared texts":          {`<row><c t="s"><v>0</v></c><c t="s"><v> 1 </v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row>`, shared, [][]string{{" a ", "東京\n", "", "_x0041_ A 😀 _xD83D_"}}},
		"inline rich text":      {`<row><c t="inlineStr"><is><r><t>=1</t></r><r><t>+1</t></r><rPh><t>x</t></rPh></is></c></row>`, nil, [][]string{{"=1+1"}}},
		"values of formulas":    {`<row><c t="str"><f>"a"</f><v>a_x000D_</v></c><c t="str"><f>""</f><v></v></c><c><f>1+1</f><v>2</v></c><c t="e"><f>NA()</f><v>#N/A</v></c></row>`, nil, [][]string{{"a\r", "", "2", "#N/A"}}},
		"another name space":    {`<x:row xmlns:x="y"><x:c><x:v>1</x:v></x:c></x:row>`, nil, [][]string{{"1"}}},
		"what follows the rows": {`<row><c><v>1</v></c></row></sheetData><mergeCells/><sheetData>`, nil, [][]string{{"1"}}},
		"a strict date":         {`<row><c t="d"><v>2026-07-05</v></c><c t="d"><v>2026-07-05T01:02:03Z</v></c></row>`, nil, [][]string{{"2026-07-05", "2026-07-05T01:02:03Z"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := all(workbook(c.rows, c.other).file(t), tabfile.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The last row that Excel has, with all others empty, is no reason to run
// out of anything.
func TestXLSX_TheLastRow_HasAMillionEmptyOnesBeforeIt(t *testing.T) {
	rows, err := all(workbook(`<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`, nil).file(t), tabfile.ReadOptions{})
	if err != nil || len(rows) != 1_048_576 || len(rows[0]) != 0 || rows[1_048_575][16_383] != "1" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestXLSX_FormulasAreCounted(t *testing.T) {
	r, err := tabfile.Open(workbook(`<row><c><f t="shared" ref="A1:B1" si="0">1</f><v>1</v></c><c><f t="shared" si="0"/><v>2</v></c><c><v>3</v></c></row>`, nil).file(t), tabfile.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, r.Close()) }()
	if rows, err := drain(r); err != nil || r.Formulas() != 2 || r.Encoding() != "" {
		t.Errorf("%q, %d formulas, %v", rows, r.Formulas(), err)
	}
}

func TestXLSX_TabsAreFoundByName_AndHiddenOnesOnlyByName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	f := excelize.NewFile()
	for _, name := range []string{"Secret", "表", "Last"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		must(t, f.SetCellValue(name, "A1", "of "+name))
	}
	f.SetActiveSheet(3)
	must(t, f.SetSheetVisible("Sheet1", false))
	must(t, f.SetSheetVisible("Secret", false, true))
	must(t, f.SaveAs(path))
	for asked, want := range map[string]string{"": "of 表", "表": "of 表", "secret": "of Secret", "LAST": "of Last"} {
		rows, err := all(path, tabfile.ReadOptions{Sheet: asked})
		if err != nil || len(rows) != 1 || rows[0][0] != want {
			t.Errorf("%q: %q, %v", asked, rows, err)
		}
	}
	_, err := all(path, tabfile.ReadOptions{Sheet: "None"})
	wantFault(t, err, "tabfile.no_such_tab", "tab", "None", "tabs", "Sheet1, Secret, 表, Last")

	hidden := workbook("", parts{"xl/workbook.xml": `<workbook><sheets><sheet name="One" id="r1" state="hidden"/></sheets></workbook>`})
	_, err = all(hidden.file(t), tabfile.ReadOptions{})
	wantFault(t, err, "tabfile.no_visible_tab")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What Excel in Japan shows for these values in these formats.
func TestXLSX_NumbersAndDatesComeAsAPersonSeesThem(t *testing.T) {
	day := time.Date(2026, 7, 5, 13, 4, 5, 0, time.UTC)
	custom := func(code string) excelize.Style { return excelize.Style{CustomNumFmt: &code} }
	path := filepath.Join(t.TempDir(), "a.xlsx")
	f := excelize.NewFile()
	var got, want []string
	for i, c := range []struct {
		value any
		style excelize.Style
		want  string
	}{
		{42, excelize.Style{}, "42"},
		{0.1 + 0.2, excelize.Style{}, "0.3"},
		{-1.5, excelize.Style{Font: &excelize.Font{Bold: true}}, "-1.5"},
		{0.1 + 0.2, excelize.Style{Font: &excelize.Font{Bold: true}}, "0.3"},
		{123456789012345, excelize.Style{}, "123456789012345"},
		{1e21, excelize.Style{}, "1E+21"},
		{0.0001, excelize.Style{}, "0.0001"},
		{1e-12, excelize.Style{}, "1E-12"},
		{1234.5, excelize.Style{NumFmt: 1}, "1235"},
		{1234.5, excelize.Style{NumFmt: 4}, "1,234.50"},
		{0.256, excelize.Style{NumFmt: 9}, "26%"},
		{0.2567, excelize.Style{NumFmt: 10}, "25.67%"},
		{7, custom("000"), "007"},
		{1200, custom(`"¥"#,##0`), "¥1,200"},
		{-3, custom("0;▲0"), "▲3"},
		{day, excelize.Style{NumFmt: 14}, "2026/7/5"},
		{day, excelize.Style{NumFmt: 22}, "2026/7/5 13:04"},
		{day, custom("yyyy-mm-dd hh:mm:ss"), "2026-07-05 13:04:05"},
		{day, custom(`yyyy"年"m"月"d"日"`), "2026年7月5日"},
		{day, excelize.Style{NumFmt: 20}, "13:04"},
		{day, custom("yyyy/m/d(aaa)"), "2026/7/5(日)"},
		{day, custom(`[$-411]ggge"年"m"月"d"日"`), "令和8年7月5日"},
		{36.5 / 24, custom("[h]:mm"), "36:30"},
		{1200, custom(`_-"¥"* #,##0_-;_-"¥"* -#,##0_-`), "¥1,200"},
		{45000, custom(`#,##0,"千円"`), "45000"},
		{5, custom(`[>=10]"big";"small"`), "5"},
		{true, excelize.Style{}, "TRUE"},
		{false, excelize.Style{NumFmt: 4}, "FALSE"},
		{"0123", excelize.Style{NumFmt: 4}, "0123"},
		{"45000", excelize.Style{NumFmt: 14}, "45000"},
		{12, excelize.Style{NumFmt: 49}, "12"},
	} {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		must(t, err)
		must(t, f.SetCellValue("Sheet1", cell, c.value))
		style, err := f.NewStyle(&c.style)
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", cell, cell, style))
		want = append(want, c.want)
	}
	must(t, f.SaveAs(path))
	rows, err := all(path, tabfile.ReadOptions{})
	must(t, err)
	for _, row := range rows {
		got = append(got, row[0])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestXLSX_AWorkbookOf1904_HasItsOwnDays(t *testing.T) {
	rows := `<row><c s="1"><v>45000</v></c></row>`
	other := parts{
		"xl/styles.xml":   `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/workbook.xml": `<workbook><workbookPr date1904="1"/><sheets><sheet name="One" id="r1"/></sheets></workbook>`,
	}
	got, err := all(workbook(rows, other).file(t), tabfile.ReadOptions{})
	if err != nil || got[0][0] != "2027/3/16" {
		t.Errorf("%q, %v", got, err)
	}
}

// excelize is the other opinion about what our file says: any text that it
// can read back at all, it reads as we wrote it, and as text.
func TestXLSX_AnotherReader_SeesTheSameTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	plain := rapid.OneOf(
		rapid.SampledFrom([]string{"=1+1", "+1", "-1", "@a", "'x", "007", " a ", "a\nb", "\"<&>'", "表😀", "_x0041_", "_x005F_x0041_", "\x01", "a\rb", "_x0041\x01"}),
		rapid.StringMatching(`[ -~ぁ-ん]{0,9}`))
	rapid.Check(t, func(t *rapid.T) {
		rows := normal(tables(plain).Draw(t, "rows"))
		if err := write(path, tabfile.WriteOptions{Overwrite: true, Sheet: "表"}, rows); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		for i, row := range rows {
			for j, want := range row {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				got, err := f.GetCellValue("表", cell)
				formula, _ := f.GetCellFormula("表", cell)
				if err != nil || got != want || formula != "" {
					t.Fatalf("%s is %q (formula %q), %v; want %q", cell, got, formula, err, want)
				}
			}
		}
	})
}

func TestXLSX_AnotherWriter_IsUnderstood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	f := excelize.NewFile()
	defer func() { must(t, f.Close()) }()
	var want []string
	for _, s := range nasty {
		// excelize writes neither control characters nor what looks like their escapes.
		if !strings.ContainsAny(s, "\x01\x1f\uFFFE\uFFFF") && !strings.Contains(s, "_x") {
			want = append(want, s)
		}
	}
	for i, s := range want {
		cell, err := excelize.CoordinatesToCellName(i+1, 1)
		must(t, err)
		must(t, f.SetCellStr("Sheet1", cell, s))
	}
	must(t, f.SaveAs(path))
	got, err := all(path, tabfile.ReadOptions{})
	must(t, err)
	if diff := cmp.Diff(normal([][]string{want}), got); diff != "" {
		t.Error(diff)
	}
}

func TestXLSX_OpeningLeavesNoFilesBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	path := workbook(`<row><c><v>1</v></c></row>`, nil).file(t)
	if _, err := all(path, tabfile.ReadOptions{}); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(temp); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
