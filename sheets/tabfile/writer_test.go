package tabfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"uratori/sheets/tabfile"
)

func TestWriter_TheFileAppearsWithClose_AndNotBefore(t *testing.T) {
	for _, name := range []string{"a.csv", "a.tsv", "a.xlsx"} {
		path := filepath.Join(t.TempDir(), name)
		w, err := tabfile.Create(path, tabfile.WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write([]string{"a"}); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: before Close: %v", name, err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		w.Discard()
		onlyFiles(t, path, name)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
		if err := w.Write([]string{"b"}); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: Write after Close: %v", name, err)
		}
		if err := w.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: Close after Close: %v", name, err)
		}
	}
}

func TestWriter_Discard_LeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	w, err := tabfile.Create(path, tabfile.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w.Discard()
	w.Discard()
	if err := w.Close(); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	onlyFiles(t, path)
}

func TestWriter_AnExistingFile_IsKept_UnlessItIsToBeOverwritten(t *testing.T) {
	path := file(t, "a.csv", "old")
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	err := write(path, tabfile.WriteOptions{}, nil)
	wantFault(t, err, "tabfile.exists", "file", path)
	if err := write(path, tabfile.WriteOptions{Overwrite: true, Encoding: "utf-8"}, [][]string{{"new"}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	info, _ := os.Stat(path)
	if err != nil || string(got) != "new\n" || info.Mode().Perm() != 0o400 {
		t.Errorf("%q, %v, %v", got, info.Mode(), err)
	}
	onlyFiles(t, path, "a.csv")
}

func TestWriter_AFileThatAppearsMeanwhile_IsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	w, err := tabfile.Create(path, tabfile.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Close(), "tabfile.exists")
	if got, err := os.ReadFile(path); err != nil || string(got) != "theirs" {
		t.Errorf("%q, %v", got, err)
	}
	onlyFiles(t, path, "a.csv")
}

func TestWriter_ALinkIsFollowed_AndStays(t *testing.T) {
	path := file(t, "real.csv", "old")
	link := filepath.Join(t.TempDir(), "link.csv")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	wantFault(t, write(link, tabfile.WriteOptions{}, nil), "tabfile.exists")
	if err := write(link, tabfile.WriteOptions{Overwrite: true, Encoding: "utf-8"}, [][]string{{"new"}}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new\n" {
		t.Errorf("%q, %v", got, err)
	}
	if to, err := os.Readlink(link); err != nil || to != path {
		t.Errorf("%q, %v", to, err)
	}
}

func TestCreate_WhatCannotBeMade_IsToldPrecisely(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		path string
		opts tabfile.WriteOptions
		key  string
	}{
		{filepath.Join(folder, "none", "a.csv"), tabfile.WriteOptions{}, "tabfile.unwritable"},
		{folder, tabfile.WriteOptions{Format: tabfile.CSV, Overwrite: true}, "tabfile.not_a_file"},
		{"/dev/null", tabfile.WriteOptions{Format: tabfile.CSV, Overwrite: true}, "tabfile.not_a_file"},
		{filepath.Join(folder, "a.xls"), tabfile.WriteOptions{}, "tabfile.old_excel"},
		{filepath.Join(folder, "a.csv"), tabfile.WriteOptions{Encoding: "latin1"}, "tabfile.unknown_encoding"},
		{filepath.Join(folder, "a.csv"), tabfile.WriteOptions{Sheet: "x"}, "tabfile.no_tabs_here"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Encoding: "utf-8"}, "tabfile.no_encoding_here"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: "a/b"}, "tabfile.tab_name"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: "'a"}, "tabfile.tab_name"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: "history"}, "tabfile.tab_name"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: "a\x00"}, "tabfile.tab_name"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: "\xFF"}, "tabfile.tab_name"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: strings.Repeat("表", 32)}, "tabfile.tab_name"},
		{filepath.Join(folder, "a.xlsx"), tabfile.WriteOptions{Sheet: strings.Repeat("😀", 16)}, "tabfile.tab_name"},
	} {
		_, err := tabfile.Create(c.path, c.opts)
		wantFault(t, err, c.key)
	}
	onlyFiles(t, filepath.Join(folder, "x"))
}

// A cell that does not fit ends the file with its first row: Close cannot
// make half a table of it.
func TestWriter_WhatDoesNotFit_IsRefusedWithItsPlace_AndNothingAppears(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		row   []string
		key   string
		pairs []string
	}{
		"Excel's cell":        {"a.xlsx", []string{"", strings.Repeat("a", 32_768)}, "tabfile.cell_too_long", []string{"column", "B", "length", "32768", "limit", "32767"}},
		"Excel's cell, pairs": {"a.xlsx", []string{strings.Repeat("😀", 16_384)}, "tabfile.cell_too_long", []string{"column", "A", "length", "32768"}},
		"Excel's columns":     {"a.xlsx", append(make([]string, 16_384), "x"), "tabfile.too_wide", []string{"columns", "16385", "limit", "16384"}},
		"a cell":              {"a.csv", []string{strings.Repeat("表", 50_001)}, "tabfile.cell_too_long", []string{"length", "50001"}},
		"columns":             {"a.csv", append(make([]string, 18_278), "x"), "tabfile.too_wide", []string{"columns", "18279"}},
		"a row":               {"a.tsv", longRow(), "tabfile.row_too_big", []string{"mib", "8"}},
		"NUL":                 {"a.csv", []string{"a", "b\x00"}, "tabfile.nul", []string{"column", "B"}},
		"no UTF-8":            {"a.xlsx", []string{"a", "", "b\xFF"}, "tabfile.not_text", []string{"column", "C"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			w, err := tabfile.Create(path, tabfile.WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write([]string{"fits"}); err != nil {
				t.Fatal(err)
			}
			wantFault(t, w.Write(c.row), c.key, append(c.pairs, "row", "2", "file", path)...)
			onlyFiles(t, path)
			wantFault(t, w.Write([]string{"fits"}), c.key)
			wantFault(t, w.Close(), c.key)
			onlyFiles(t, path)
		})
	}
}

func longRow() []string {
	row := make([]string, 200)
	for i := range row {
		row[i] = strings.Repeat("a", 45_000)
	}
	return row
}

func TestWriter_WhatJustFitsExcel_IsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	want := append(make([]string, 16_383), strings.Repeat("😀", 16_383)+"x")
	if err := write(path, tabfile.WriteOptions{Sheet: strings.Repeat("表", 31)}, [][]string{want}); err != nil {
		t.Fatal(err)
	}
	got, err := all(path, tabfile.ReadOptions{})
	if err != nil || len(got[0]) != 16_384 || got[0][16_383] != want[16_383] {
		t.Error(err)
	}
}

func TestWriter_OneRowMoreThanExcelHas_IsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	w, err := tabfile.Create(path, tabfile.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	for range 1_048_575 {
		if err := w.Write(nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write([]string{"last"}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Write([]string{"x"}), "tabfile.excel_rows", "limit", "1048576")
	onlyFiles(t, path)
}

func TestWriter_AFolderThatIsGone_IsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone", "a.csv")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	w, err := tabfile.Create(path, tabfile.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Close(), "tabfile.unwritable")
}
