package tabfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/sheets/tabfile"
)

// all reads the table at path to its end.
func all(path string, opts tabfile.ReadOptions) ([][]string, error) {
	r, err := tabfile.Open(path, opts)
	if err != nil {
		return nil, err
	}
	rows, err := drain(r)
	return rows, errors.Join(err, r.Close())
}

func drain(r *tabfile.Reader) ([][]string, error) {
	var rows [][]string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func write(path string, opts tabfile.WriteOptions, rows [][]string) error {
	w, err := tabfile.Create(path, opts)
	if err != nil {
		return err
	}
	defer w.Discard()
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return w.Close()
}

// file makes a file of that name with these bytes.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantFault checks the key of a fault and some of its values.
func wantFault(t *testing.T, err error, key string, pairs ...string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Key != key {
		t.Fatalf("error is %#v, want the fault %s", err, key)
	}
	for i := 0; i < len(pairs); i += 2 {
		if got := f.Values[pairs[i]]; got != pairs[i+1] {
			t.Errorf("%s: {%s} is %q, want %q", key, pairs[i], got, pairs[i+1])
		}
	}
}

// onlyFiles checks what stands in the folder of path.
func onlyFiles(t *testing.T, path string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

// normal is a table as it comes back: LF, and no empty ends.
func normal(rows [][]string) [][]string {
	breaks := regexp.MustCompile(`\r+\n`)
	var out [][]string
	for _, row := range rows {
		kept := []string{}
		for _, cell := range row {
			kept = append(kept, breaks.ReplaceAllString(cell, "\n"))
		}
		for len(kept) > 0 && kept[len(kept)-1] == "" {
			kept = kept[:len(kept)-1]
		}
		out = append(out, kept)
	}
	for len(out) > 0 && len(out[len(out)-1]) == 0 {
		out = out[:len(out)-1]
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// nasty are texts that some reader or writer of tables is known to change.
var nasty = []string{
	"", " ", "=1+1", "+81-3", "-1", "@a", "'007", "007", "TRUE", "1e5", "\"", `a""b`, "a,b", "a\tb", "a\nb", "a\r\nb", "a\rb", "\r", "\n", "\r\n", "\r\r\n",
	" both ", "\tx\t", "\uFEFF", "\uFEFFa", "_x0041_", "_x005F_", "_x005F_x0041_", "_xD83D_", "_xD83D__xDE00_", "_x0041", "_x0041_x0042_", "_", "_x", "\x01", "_x0041\x01", "\x1f\x7f",
	"\uFFFD", "\uFFFE", "\uFFFF", "①～髙﨑", "絵文字😀👨‍👩‍👧", "が\u3099", "<a>&amp;]]>", "NULL", "ID", "sep=,", "#N/A", "\u0085\u2028", "\U0010FFFF",
}

// tables draws tables of texts that alphabet allows.
func tables(cell *rapid.Generator[string]) *rapid.Generator[[][]string] {
	return rapid.SliceOfN(rapid.SliceOfN(cell, 0, 6), 0, 8)
}

func texts() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(nasty), rapid.Map(rapid.String(), func(s string) string {
		return strings.ReplaceAll(s, "\x00", "")
	}))
}

func TestRoundTrip_AnyTable_InEveryFormatAndUnicodeEncoding_ComesBackToTheLetter(t *testing.T) {
	for _, c := range []struct {
		name string
		opts tabfile.WriteOptions
	}{
		{"a.csv", tabfile.WriteOptions{}},
		{"b.csv", tabfile.WriteOptions{Encoding: "utf-8", CRLF: true}},
		{"c.tsv", tabfile.WriteOptions{Encoding: "utf-8"}},
		{"d.csv", tabfile.WriteOptions{Encoding: "utf-16le"}},
		{"e.tsv", tabfile.WriteOptions{Encoding: "utf-16be", CRLF: true}},
		{"f.xlsx", tabfile.WriteOptions{Sheet: "表 1 & <2>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.name)
			c.opts.Overwrite = true
			rapid.Check(t, func(t *rapid.T) {
				rows := tables(texts()).Draw(t, "rows")
				if err := write(path, c.opts, rows); err != nil {
					t.Fatal(err)
				}
				got, err := all(path, tabfile.ReadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(normal(rows), got); diff != "" {
					t.Fatal(diff)
				}
			})
			onlyFiles(t, path, c.name)
		})
	}
}

func TestRoundTrip_ShiftJIS_ComesBackOrIsRefusedByName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	opts := tabfile.WriteOptions{Encoding: "cp932", Overwrite: true}
	some := rapid.OneOf(texts(), rapid.StringOfN(rapid.RuneFrom([]rune("表ソ能①～髙﨑ﾃｽﾄ漢字,\"\n\\~|a")), 0, 8, -1))
	rapid.Check(t, func(t *rapid.T) {
		rows := tables(some).Draw(t, "rows")
		err := write(path, opts, rows)
		if f, ok := errors.AsType[*fault.Error](err); ok && f.Key == "tabfile.no_code" {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := all(path, tabfile.ReadOptions{Encoding: tabfile.ShiftJIS})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(normal(rows), got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestRoundTrip_EveryNastyText_InEveryFormat(t *testing.T) {
	for _, name := range []string{"a.csv", "a.tsv", "a.xlsx"} {
		path := filepath.Join(t.TempDir(), name)
		var rows [][]string
		for _, s := range nasty {
			rows = append(rows, []string{s, "", s, "end"}, nil)
		}
		if err := write(path, tabfile.WriteOptions{}, rows); err != nil {
			t.Fatal(err)
		}
		got, err := all(path, tabfile.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(normal(rows), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFormatOf_GoesByTheEnding_InAnyCase(t *testing.T) {
	for path, want := range map[string]tabfile.Format{"a.csv": tabfile.CSV, "b/A.CSV": tabfile.CSV, "x.tsv": tabfile.TSV, "表.Xlsx": tabfile.XLSX} {
		if got, err := tabfile.FormatOf(path); err != nil || got != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	for path, key := range map[string]string{
		"a.xls": "tabfile.old_excel", "a": "tabfile.unknown_format", "a.csv.gz": "tabfile.unknown_format", "": "tabfile.unknown_format", "a.ods": "tabfile.unknown_format",
	} {
		_, err := tabfile.FormatOf(path)
		wantFault(t, err, key, "file", path)
	}
}

func TestOpen_WhatCannotBeOpened_IsToldPrecisely(t *testing.T) {
	folder := t.TempDir()
	csv, torn := file(t, "a.csv", "a"), file(t, "a.xlsx", "a")
	sub, device := filepath.Join(folder, "folder.csv"), filepath.Join(folder, "device.csv")
	must(t, errors.Join(os.Mkdir(sub, 0o700), os.Symlink("/dev/null", device)))
	for _, c := range []struct {
		path string
		opts tabfile.ReadOptions
		key  string
	}{
		{filepath.Join(folder, "none.csv"), tabfile.ReadOptions{}, "tabfile.no_file"},
		{sub, tabfile.ReadOptions{}, "tabfile.not_a_file"},
		{device, tabfile.ReadOptions{}, "tabfile.not_a_file"},
		{filepath.Join(csv, "x.csv"), tabfile.ReadOptions{}, "tabfile.unreadable"},
		{csv, tabfile.ReadOptions{Encoding: "euc-jp"}, "tabfile.unknown_encoding"},
		{csv, tabfile.ReadOptions{Sheet: "x"}, "tabfile.no_tabs_here"},
		{torn, tabfile.ReadOptions{Encoding: "utf-8"}, "tabfile.no_encoding_here"},
		{torn, tabfile.ReadOptions{}, "tabfile.not_xlsx"},
	} {
		_, err := tabfile.Open(c.path, c.opts)
		wantFault(t, err, c.key)
	}
}

func TestNext_AfterTheEnd_StaysAtTheEnd(t *testing.T) {
	r, err := tabfile.Open(file(t, "a.csv", "a\n"), tabfile.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, r.Close()) }()
	if _, err := drain(r); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if row, err := r.Next(); !errors.Is(err, io.EOF) || row != nil {
			t.Errorf("%q, %v", row, err)
		}
	}
}

func wantAnyFault(t *testing.T, err error) {
	t.Helper()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind == fault.Failed {
		t.Fatalf("%v is not a fault about the file", err)
	}
}
