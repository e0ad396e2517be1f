package a1

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseCells(t *testing.T) {
	for text, want := range map[string]Area{
		"":            Whole(),
		"A1":          {0, 1, 0, 1},
		"$b$2":        {1, 2, 1, 2},
		"A1:B2":       {0, 2, 0, 2},
		"B2:A1":       {0, 2, 0, 2},
		"A2:B1":       {0, 2, 0, 2},
		"A:B":         {0, Open, 0, 2},
		"C:A":         {0, Open, 0, 3},
		"2:5":         {1, 5, 0, Open},
		"A5:A":        {4, Open, 0, 1},
		"A:A5":        {4, Open, 0, 1},
		"B2:4":        {1, 4, 1, Open},
		"AA1:ZZZ10":   {0, 10, 26, MaxColumns},
		"A10000000":   {MaxRows - 1, MaxRows, 0, 1},
		"$A:$C":       {0, Open, 0, 3},
		"A$1:$C9":     {0, 9, 0, 3},
		"a1:b1000000": {0, 1000000, 0, 2},
	} {
		if got, err := ParseCells(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"A", "1", "A0", "A1:", ":A1", "A1:B2:C3", "R1C1", "R1C1:R2C2", "A-1", "A1 ", " A1", "AAAA1", "A10000001", "A1,B2", "Ａ１",
		"A:5", "5:A", "$", "$$A1", "A1:B0", strings.Repeat("A", 1000), "A" + strings.Repeat("9", 1000), "A1\n", "A1\x00", "=A1",
	} {
		if got, err := ParseCells(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][3]string{
		"Sheet1!A1":       {"Sheet1", "A1", "tab"},
		"A1:B2":           {"", "A1:B2", ""},
		"Tracker":         {"Tracker", "", "tab"},
		"トラッカー!A1":        {"トラッカー", "A1", "tab"},
		"顧客 表!A:B":        {"顧客 表", "A:B", "tab"},
		"'顧客 表'!A1":       {"顧客 表", "A1", "tab"},
		"'It''s'!A1":      {"It's", "A1", "tab"},
		"'a!b'!A1":        {"a!b", "A1", "tab"},
		"a!b!A1":          {"a!b", "A1", "tab"},
		"'A1'":            {"A1", "", "tab"},
		"''''!A1":         {"'", "A1", "tab"},
		"Sheet1!R1C1":     {"Sheet1", "R1C1", "tab"},
		"":                {"", "", ""},
		"../../etc!A1:A2": {"../../etc", "A1:A2", "tab"},
	} {
		tab, cells, found, err := Split(text)
		if err != nil || tab != want[0] || cells != want[1] || found != (want[2] != "") {
			t.Errorf("%q: %q %q %v %v", text, tab, cells, found, err)
		}
	}
	for _, text := range []string{"'open", "'x'A1", "!A1", "Sheet1!", "'", "'a'b'!A1", "'x'!"} {
		if tab, cells, _, err := Split(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %q %q %v", text, tab, cells, err)
		}
	}
}

func TestName_IsReadBackAsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := rapid.OneOf(rapid.StringN(1, 20, -1), rapid.SampledFrom([]string{"A1", "R1C1", "RC", "It's", "a!b", "'", "顧客 表", "Sheet1"})).Draw(t, "tab")
		end := func(start, limit int, name string) int {
			return rapid.OneOf(rapid.Just(Open), rapid.IntRange(start+1, limit)).Draw(t, name)
		}
		a := Area{StartRow: rapid.IntRange(0, MaxRows-1).Draw(t, "row"), StartColumn: rapid.IntRange(0, MaxColumns-1).Draw(t, "column")}
		a.EndRow, a.EndColumn = end(a.StartRow, MaxRows, "end row"), end(a.StartColumn, MaxColumns, "end column")
		name := Name(tab, a)
		gotTab, cells, found, err := Split(name)
		if err != nil || !found || gotTab != tab {
			t.Fatalf("%s: %q %v %v", name, gotTab, found, err)
		}
		got, err := ParseCells(cells)
		if err != nil || clip(got) != clip(a) {
			t.Fatalf("%s: %v, %v, want %v", name, got, err, a)
		}
	})
}

// clip makes areas comparable that differ in how they say "to the end".
func clip(a Area) Area {
	if a.EndRow == Open {
		a.EndRow = MaxRows
	}
	if a.EndColumn == Open {
		a.EndColumn = MaxColumns
	}
	return a
}

func TestName_QuotesWhatWouldBeReadOtherwise(t *testing.T) {
	for want, tab := range map[string]string{"Sheet1!A1": "Sheet1", "'A1'!A1": "A1", "'R1C1'!A1": "R1C1", "'顧客'!A1": "顧客", "'It''s'!A1": "It's"} {
		if got := Name(tab, Cell(0, 0)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := Name("Sheet1", Whole()); got != "Sheet1" {
		t.Error(got)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"'a''b'!A1:B2", "A:A", "!", "'", "トラッカー!A5:A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, cells, _, err := Split(s); err == nil {
			_, _ = ParseCells(cells)
		}
	})
}
