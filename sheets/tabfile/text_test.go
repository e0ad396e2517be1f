package tabfile_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"uratori/sheets/tabfile"
)

func sjis(t testing.TB, s string) string {
	t.Helper()
	out, err := japanese.ShiftJIS.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func utf16le(s string) string {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func TestCSV_RowsComeAsTheyStand(t *testing.T) {
	for name, c := range map[string]struct {
		file, content string
		want          [][]string
	}{
		"empty":                     {"a.csv", "", nil},
		"mark alone":                {"a.csv", "\uFEFF", nil},
		"only line breaks":          {"a.csv", "\n\r\n\n", nil},
		"only commas":               {"a.csv", ",,,\n,,\n", nil},
		"no break at the end":       {"a.csv", "a,b\nc", [][]string{{"a", "b"}, {"c"}}},
		"CRLF":                      {"a.csv", "a,b\r\nc,d\r\n", [][]string{{"a", "b"}, {"c", "d"}}},
		"empty rows stay":           {"a.csv", "\na\n\n\n\"x\ny\"\n,\n\nb\n\n", [][]string{{}, {"a"}, {}, {}, {"x\ny"}, {}, {}, {"b"}}},
		"breaks in cells become LF": {"a.csv", "\"a\r\nb\",\"c\nd\"\r\n", [][]string{{"a\nb", "c\nd"}}},
		"empty breaks in a cell":    {"a.csv", "\"\n\n\r\n\",b\nc\n", [][]string{{"\n\n\n", "b"}, {"c"}}},
		"many CR in a cell":         {"a.csv", "\"a\rb" + strings.Repeat("\r", 1<<20) + "\n\"", [][]string{{"a\rb\n"}}},
		"ragged":                    {"a.csv", "a\nb,c,d\n,e\n", [][]string{{"a"}, {"b", "c", "d"}, {"", "e"}}},
		"spaces":                    {"a.csv", " a , \" b\"\n", nil},
		"tabs":                      {"a.tsv", "a,b\tc\n\"x\ty\"\tz\n", [][]string{{"a,b", "c"}, {"x\ty", "z"}}},
		"formulas are text":         {"a.csv", "=1+1,@x,+1,-1\n", [][]string{{"=1+1", "@x", "+1", "-1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := all(file(t, c.file, c.content), tabfile.ReadOptions{})
			if name == "spaces" {
				wantFault(t, err, "tabfile.stray_quote", "line", "1", "byte", "6")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCSV_EncodingIsDetected(t *testing.T) {
	const text = "品名,①～髙\nソ能表,ﾃｽﾄ\n"
	want := [][]string{{"品名", "①～髙"}, {"ソ能表", "ﾃｽﾄ"}}
	ascii := strings.Repeat("0123456789,abcdef\n", 70_000) // more than a megabyte
	for name, c := range map[string]struct {
		content string
		want    tabfile.Encoding
		rows    [][]string
	}{
		"UTF-8":                        {text, tabfile.UTF8, want},
		"UTF-8 with mark":              {"\uFEFF" + text, tabfile.UTF8Mark, want},
		"Shift_JIS":                    {sjis(t, text), tabfile.ShiftJIS, want},
		"UTF-16LE":                     {"\xFF\xFE" + utf16le(text), tabfile.UTF16LE, want},
		"ASCII":                        {"a,b\n", tabfile.UTF8, [][]string{{"a", "b"}}},
		"a megabyte, then Shift_JIS":   {ascii + sjis(t, text), tabfile.ShiftJIS, want},
		"a megabyte, then UTF-8":       {ascii + text, tabfile.UTF8, want},
		"one byte short of a block, S": {strings.Repeat("a\n", 2047) + "a" + sjis(t, "\n"+text), tabfile.ShiftJIS, want},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := tabfile.Open(file(t, "a.csv", c.content), tabfile.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { must(t, r.Close()) }()
			rows, err := drain(r)
			if err != nil || r.Encoding() != c.want {
				t.Fatalf("%s, %v; want %s", r.Encoding(), err, c.want)
			}
			if diff := cmp.Diff(c.rows, rows[len(rows)-len(c.rows):]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Wherever a block of the file ends, inside a character or a break.
func TestCSV_CharactersOverTheEdgeOfABlock_AreWhole(t *testing.T) {
	for shift := range 8 {
		pad := strings.Repeat("x", shift)
		text := pad + strings.Repeat("表,①\r\n", 3000)
		for _, content := range []string{text, sjis(t, text), "\xFF\xFE" + utf16le(text)} {
			rows, err := all(file(t, "a.csv", content), tabfile.ReadOptions{})
			if err != nil || len(rows) != 3000 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			for i, row := range rows[1:] {
				if len(row) != 2 || row[0] != "表" || row[1] != "①" {
					t.Fatalf("row %d is %q", i+2, row)
				}
			}
		}
	}
}

func TestCSV_BytesWithoutACharacter_AreRefusedWithTheirLine(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		asked   tabfile.Encoding
		key     string
		line    string
	}{
		"neither":                         {"a\n表\nb\xFF\n", "", "tabfile.undetected", ""},
		"UTF-8 with mark":                 {"\uFEFFa\nb\xE8\n", "", "tabfile.bad_bytes", "2"},
		"cut inside a character":          {"a\nb\n\xE8\xA1", "utf-8", "tabfile.bad_bytes", "3"},
		"Shift_JIS, no such code":         {"a\n\x85\x40\n", "sjis", "tabfile.bad_bytes", "2"},
		"Shift_JIS, half a code":          {"a\n\x95", "sjis", "tabfile.bad_bytes", "2"},
		"Shift_JIS, 0x80":                 {"a\x80\n", "sjis", "tabfile.bad_bytes", "1"},
		"Shift_JIS, 0xA0":                 {"a\xA0\n", "sjis", "tabfile.bad_bytes", "1"},
		"UTF-8 read as Shift_JIS":         {"😀\n", "sjis", "tabfile.bad_bytes", "1"},
		"Shift_JIS read as UTF-8":         {sjis(t, "a\n表\n"), "utf-8", "tabfile.bad_bytes", "2"},
		"UTF-16, half a pair":             {"\xFF\xFEa\x00\n\x00\x3D\xD8a\x00", "", "tabfile.bad_bytes", "2"},
		"UTF-16, half a unit":             {"\xFF\xFEa\x00\n", "", "tabfile.bad_bytes", "1"},
		"UTF-16BE, second half of a pair": {"\xFE\xFF\xDE\x00\x00a", "", "tabfile.bad_bytes", "1"},
		"another mark":                    {"\xFF\xFEa\x00", "sjis", "tabfile.other_mark", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := all(file(t, "a.csv", c.content), tabfile.ReadOptions{Encoding: c.asked})
			wantFault(t, err, c.key, "line", c.line)
		})
	}
}

func TestCSV_TheNamedEncodingWins(t *testing.T) {
	// Valid in both: two bytes of UTF-8, and two half-width letters.
	content := "\xC3\xBD\n"
	for asked, want := range map[tabfile.Encoding]string{"": "ý", "utf-8": "ý", "Shift_JIS": "ﾃｽ", "CP932": "ﾃｽ"} {
		rows, err := all(file(t, "a.csv", content), tabfile.ReadOptions{Encoding: asked})
		if err != nil || rows[0][0] != want {
			t.Errorf("%q: %q, %v", asked, rows, err)
		}
	}
}

func TestCSV_WhatIsBroken_IsRefusedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		content, key string
		pairs        []string
	}{
		"quote never closed":     {"a\nb,\"c\nd\n", "tabfile.broken_quote", []string{"start", "2"}},
		"quote never closed, 1":  {"a,\"", "tabfile.broken_quote", []string{"start", "1"}},
		"text after the quote":   {"a\n\"b\nc\"d\n", "tabfile.broken_quote", []string{"start", "2", "line", "3"}},
		"quote inside":           {"a\nb,5\" pipe\n", "tabfile.stray_quote", []string{"line", "2", "byte", "4"}},
		"a row without end":      {"a\n\"" + strings.Repeat("b\n", tabfile.MaxRowBytes/2+4096), "tabfile.row_too_long", []string{"line", "2", "mib", "8"}},
		"NUL":                    {"a\n\nb,c\x00\n", "tabfile.nul", []string{"row", "3", "column", "B"}},
		"UTF-16 without mark":    {utf16le("a,b\n"), "tabfile.nul", []string{"row", "1", "column", "A"}},
		"a cell too long":        {"a,b\n,," + strings.Repeat("あ", 50_001) + "\n", "tabfile.cell_too_long", []string{"row", "2", "column", "C", "length", "50001", "limit", "50000"}},
		"a cell too long, pairs": {strings.Repeat("😀", 25_001), "tabfile.cell_too_long", []string{"row", "1", "column", "A", "length", "50002"}},
		"too many columns":       {strings.Repeat(",", tabfile.MaxColumns) + "x\n", "tabfile.too_wide", []string{"row", "1", "columns", "18279"}},
		"too many cells":         {strings.Repeat(strings.Repeat(",", 9999)+"x\n", 1001), "tabfile.too_many_cells", []string{"row", "1001"}},
		"CR alone":               {"a,b\rc,d\r", "tabfile.cr_lines", nil},
		"a workbook":             {"PK\x03\x04abcdefgh", "tabfile.workbook_as_text", nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "a.csv", c.content)
			_, err := all(path, tabfile.ReadOptions{})
			wantFault(t, err, c.key, append(c.pairs, "file", path)...)
		})
	}
}

func TestCSV_CellsAtTheLimit_AreTaken(t *testing.T) {
	for _, cell := range []string{strings.Repeat("a", 50_000), strings.Repeat("表", 50_000), strings.Repeat("😀", 25_000)} {
		rows, err := all(file(t, "a.csv", cell), tabfile.ReadOptions{})
		if err != nil || rows[0][0] != cell {
			t.Errorf("%d bytes: %v", len(cell), err)
		}
	}
	wide := strings.Repeat(",", tabfile.MaxColumns-1) + "x"
	if rows, err := all(file(t, "a.csv", wide), tabfile.ReadOptions{}); err != nil || len(rows[0]) != tabfile.MaxColumns {
		t.Error(err)
	}
}

func TestCSV_IsWrittenAsExcelInJapanOpensItRight(t *testing.T) {
	rows := [][]string{{"表", "a\nb"}, nil, {"=1", ""}}
	for name, c := range map[string]struct {
		opts tabfile.WriteOptions
		want string
	}{
		"the default has a mark":   {tabfile.WriteOptions{}, "\uFEFF表,\"a\nb\"\n\"\"\n=1\n"},
		"CRLF ends rows only":      {tabfile.WriteOptions{CRLF: true, Encoding: "utf-8"}, "表,\"a\nb\"\r\n\"\"\r\n=1\r\n"},
		"Shift_JIS":                {tabfile.WriteOptions{Encoding: "shift_jis"}, "\x95\x5c,\"a\nb\"\n\"\"\n=1\n"},
		"UTF-16 starts with marks": {tabfile.WriteOptions{Encoding: "utf-16le"}, "\xFF\xFE" + utf16le("表,\"a\nb\"\n\"\"\n=1\n")},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/a.csv"
			if err := write(path, c.opts, rows); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != c.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// Every character either has a code and comes back from it, or is refused.
func TestShiftJIS_EveryCharacter_ComesBackOrIsRefused(t *testing.T) {
	var able []string
	encoder := japanese.ShiftJIS.NewEncoder()
	for r := rune(1); r <= 0xFFFF; r++ {
		if _, err := encoder.String(string(r)); err == nil && r != '\r' && (r < 0xD800 || r > 0xDFFF) {
			able = append(able, string(r))
		}
	}
	if len(able) < 7000 {
		t.Fatalf("only %d characters have a code", len(able))
	}
	var rows [][]string
	for i := 0; i < len(able); i += 100 {
		rows = append(rows, able[i:min(i+100, len(able))])
	}
	path := t.TempDir() + "/a.csv"
	if err := write(path, tabfile.WriteOptions{Encoding: tabfile.ShiftJIS}, rows); err != nil {
		t.Fatal(err)
	}
	got, err := all(path, tabfile.ReadOptions{Encoding: tabfile.ShiftJIS})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Error(diff)
	}
}

func TestShiftJIS_ACharacterWithoutACode_IsNamed_AndTheTargetIsUntouched(t *testing.T) {
	path := file(t, "a.csv", "old")
	for _, bad := range []string{"😀", "〜", "¥", "é"} {
		err := write(path, tabfile.WriteOptions{Encoding: "sjis", Overwrite: true}, [][]string{{"表"}, {"a", "b" + bad}})
		wantFault(t, err, "tabfile.no_code", "row", "2", "column", "B", "character", bad, "encoding", "shift_jis", "file", path)
		if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
			t.Errorf("%q, %v", got, err)
		}
	}
	onlyFiles(t, path, "a.csv")
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "a,b\r\n\"c\"\"\n\",d", "\uFEFFx", "\xFF\xFEa\x00\n\x00", "\xFE\xFF\x00a", sjis(f, "表,①\n"), "\"", "a\rb", "\"\r\r\n\"", "\x85\x40", "\n\n\"\n\"\n"} {
		for i := range uint8(5) {
			f.Add([]byte(s), i)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, which uint8) {
		asked := []tabfile.Encoding{"", "utf-8", "shift_jis", "utf-16le", "utf-16be"}[which%5]
		rows, err := tabfile.ReadBytes("a.csv", bytes.NewReader(content), tabfile.ReadOptions{Encoding: asked})
		if err != nil {
			wantAnyFault(t, err)
			return
		}
		if diff := cmp.Diff(normal(rows), rows); diff != "" {
			t.Fatal(diff)
		}
		written, err := tabfile.WriteBytes("a.csv", rows, tabfile.WriteOptions{Encoding: "utf-8"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := tabfile.ReadBytes("a.csv", bytes.NewReader(written), tabfile.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
