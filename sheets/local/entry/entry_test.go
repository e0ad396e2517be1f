package entry

import (
	"strings"
	"testing"
	"time"
)

const thisYear = 2026

func number64(n float64) Value { return Value{Kind: Number, Number: n} }
func words(s string) Value     { return Value{Kind: Text, Text: s} }

// at is the serial of a moment, by another way than the package's.
func at(t testing.TB, moment string) Value {
	t.Helper()
	m, err := time.Parse("2006-01-02 15:04:05.999", moment)
	if err != nil {
		t.Fatal(err)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	return number64(float64(m.UnixMilli()-epoch.UnixMilli()) / 86_400_000)
}

func TestEnter_MakesOfATextWhatSheetsMakesOfIt(t *testing.T) {
	day := func(s string) Value { return at(t, s+" 00:00:00") }
	clock := func(s string) Value { return at(t, "1899-12-30 "+s) }
	for _, c := range []struct {
		text  string
		want  Value
		kind  string // of the format, then its pattern
		shown string
	}{
		{"088", number64(88), "", "88"},
		{"0", number64(0), "", "0"},
		{"-0", number64(0), "", "0"},
		{"5", number64(5), "", "5"},
		{"  5 ", number64(5), "", "5"},
		{"+1", number64(1), "", "1"},
		{"-5", number64(-5), "", "-5"},
		{".5", number64(0.5), "", "0.5"},
		{"5.", number64(5), "", "5"},
		{"1.50", number64(1.5), "", "1.5"},
		{"1,234", number64(1234), "NUMBER #,##0", "1,234"},
		{"-1,234.5", number64(-1234.5), "NUMBER #,##0.00", "-1,234.50"},
		{"1e3", number64(1000), "SCIENTIFIC 0.00E+00", "1.00E+03"},
		{"-1.5E-7", number64(-1.5e-7), "SCIENTIFIC 0.00E+00", "-1.50E-07"},
		{"50%", number64(0.5), "PERCENT 0%", "50%"},
		{"12.3%", number64(0.123), "PERCENT 0.00%", "12.30%"},
		{"¥1,000", number64(1000), "CURRENCY [$¥-411]#,##0", "¥1,000"},
		{"￥1000", number64(1000), "CURRENCY [$¥-411]#,##0", "¥1,000"},
		{"-¥5", number64(-5), "CURRENCY [$¥-411]#,##0", "-¥5"},
		{"¥-5", number64(-5), "CURRENCY [$¥-411]#,##0", "-¥5"},
		{"1234567890123456", number64(1234567890123456), "", "1.23457E+15"},
		{"123456789012345", number64(123456789012345), "", "123456789012345"},

		{"true", Value{Kind: Bool, Number: 1}, "", "TRUE"},
		{" False ", Value{Kind: Bool}, "", "FALSE"},

		{"2026-11-21", day("2026-11-21"), "DATE yyyy-mm-dd", "2026-11-21"},
		{"2026/11/21", day("2026-11-21"), "DATE yyyy/mm/dd", "2026/11/21"},
		{"2026/1/5", day("2026-01-05"), "DATE yyyy/m/d", "2026/1/5"},
		{"2026/01/05", day("2026-01-05"), "DATE yyyy/mm/dd", "2026/01/05"},
		{"2026-11", day("2026-11-01"), "DATE yyyy-mm", "2026-11"},
		{"11/21", day("2026-11-21"), "DATE m/d", "11/21"},
		{"1-2", day("2026-01-02"), "DATE m-d", "1-2"},
		{"2026年11月21日", day("2026-11-21"), `DATE yyyy"年"m"月"d"日"`, "2026年11月21日"},
		{"2026年11月", day("2026-11-01"), `DATE yyyy"年"m"月"`, "2026年11月"},
		{"11月21日", day("2026-11-21"), `DATE m"月"d"日"`, "11月21日"},
		{"2024-02-29", day("2024-02-29"), "DATE yyyy-mm-dd", "2024-02-29"},
		{"10:12", clock("10:12:00"), "TIME h:mm", "10:12"},
		{"09:05", clock("09:05:00"), "TIME hh:mm", "09:05"},
		{"16:9", clock("16:09:00"), "TIME h:mm", "16:09"},
		{"10:12:03", clock("10:12:03"), "TIME h:mm:ss", "10:12:03"},
		{"1:02:03.5", clock("01:02:03.5"), "TIME h:mm:ss.000", "1:02:03.500"},
		{"25:30", number64(25.5 / 24), "TIME [h]:mm:ss", "25:30:00"},
		{"2026-11-21 10:12", at(t, "2026-11-21 10:12:00"), "DATE_TIME yyyy-mm-dd h:mm", "2026-11-21 10:12"},
		{"2026/11/21 10:12:03", at(t, "2026-11-21 10:12:03"), "DATE_TIME yyyy/mm/dd h:mm:ss", "2026/11/21 10:12:03"},

		{"'088", words("088"), "", "088"},
		{"'=1+1", words("=1+1"), "", "=1+1"},
		{"'", words(""), "", ""},
		{"''x", words("'x"), "", "'x"},
		{"=", words("="), "", "="},
		{"=  ", words("=  "), "", "=  "},
		{"=1+1", Value{Kind: Formula, Text: "=1+1"}, "", "=1+1"},
		{"=HYPERLINK(\"x\")", Value{Kind: Formula, Text: "=HYPERLINK(\"x\")"}, "", "=HYPERLINK(\"x\")"},
		{"+", words("+"), "", "+"},
		{"+A1", Value{Kind: Formula, Text: "=+A1"}, "", "=+A1"},
		{"+81-3-1234-5678", Value{Kind: Formula, Text: "=+81-3-1234-5678"}, "", "=+81-3-1234-5678"},
		{" =1", words(" =1"), "", " =1"},
		{"-", words("-"), "", "-"},
		{"-abc", words("-abc"), "", "-abc"},
		{"- item", words("- item"), "", "- item"},
		{"", Value{}, "", ""},
		{"   ", words("   "), "", "   "},
		{" done ", words(" done "), "", " done "},
		{"完了", words("完了"), "", "完了"},
	} {
		t.Run(c.text, func(t *testing.T) {
			v, f := Enter(c.text, Japanese, thisYear, Format{})
			if v != c.want {
				t.Errorf("value %+v, want %+v", v, c.want)
			}
			if got := strings.TrimSpace(f.Type + " " + f.Pattern); got != c.kind {
				t.Errorf("format %q, want %q", got, c.kind)
			}
			if got := Show(v, f, Japanese); got != c.shown {
				t.Errorf("shown %q, want %q", got, c.shown)
			}
		})
	}
}

func TestEnter_LeavesAsTextWhatIsNoNumberAndNoDay(t *testing.T) {
	for _, text := range []string{
		"Inf", "-inf", "NaN", "infinity", "0x10", "1_000", "1e", "e3", "1e1.5", "1e999", "-1e999", ".", "-.", "1..2", "1.2.3",
		"1,23", "1234,567", ",123", "1,,234", "1,234,", "1.5,000", "--5", "-+5", "¥", "¥-", "¥--5", "¥5%", "%", "5%%", "1e3%", "¥1e3", "$5",
		"１２３", "1 000", "1000円", "2026/02/30", "2026-13-01", "2026/00/10", "2026/1/0", "1899/12/29", "10000/1/1", "26/11/21",
		"2026-11/21", "2026-11-21-1", "2026年11", "年11月", "年月日", "13/45", "11/21/", "/11", "1/2/3/4", "20261/1/1", strings.Repeat("9", 30) + "/1", "1年1月1日", "1日", "2026/111/1",
		"11/21/2026", "2026-11-21T10:12:03", "2026-11-21T10:12:03Z", "2026-11-21 25:00", "2026-11-21 10", "2026-11-21 x",
		"10:60", "10:12:60", "10:", ":10", "10:12:", "10:12.5", "10:12:03.", "10:12:03.1234", "1:2:3:4", "1234567:00", "0:30 PM", "13:00 PM",
		"-10:12", strings.Repeat("9", 400), strings.Repeat("1-", 30), "TRUES", "\x005", "\xff\xfe", "5\n", "\u30005",
	} {
		if v, f := Enter(text, Japanese, thisYear, Format{}); v != words(text) || f != (Format{}) {
			t.Errorf("%q became %+v with %+v", text, v, f)
		}
	}
}

func TestEnter_InEnglish_ReadsDollarsAndTheMonthFirst(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  Value
		kind  string
		shown string
	}{
		{"$5", number64(5), `CURRENCY "$"#,##0`, "$5"},
		{"-$1,234.5", number64(-1234.5), `CURRENCY "$"#,##0.00`, "-$1,234.50"},
		{"11/21/2026", at(t, "2026-11-21 00:00:00"), "DATE m/d/yyyy", "11/21/2026"},
		{"1/5/2026", at(t, "2026-01-05 00:00:00"), "DATE m/d/yyyy", "1/5/2026"},
		{"01/05/2026", at(t, "2026-01-05 00:00:00"), "DATE mm/dd/yyyy", "01/05/2026"},
		{"1/5/29", at(t, "2029-01-05 00:00:00"), "DATE m/d/yy", "1/5/29"},
		{"1/5/30", at(t, "1930-01-05 00:00:00"), "DATE m/d/yy", "1/5/30"},
		{"2026-11-21", at(t, "2026-11-21 00:00:00"), "DATE yyyy-mm-dd", "2026-11-21"},
		{"1/2", at(t, "2026-01-02 00:00:00"), "DATE m/d", "1/2"},
		{"10:12 PM", at(t, "1899-12-30 22:12:00"), "TIME h:mm am/pm", "10:12 PM"},
		{"12:00am", number64(0), "TIME h:mm am/pm", "12:00 AM"},
		{"11/21/2026 1:02:03 pm", at(t, "2026-11-21 13:02:03"), "DATE_TIME m/d/yyyy h:mm:ss am/pm", "11/21/2026 1:02:03 PM"},
		{"21/11/2026", words("21/11/2026"), "", "21/11/2026"},
		{"2026年11月21日", words("2026年11月21日"), "", "2026年11月21日"},
		{"¥5", words("¥5"), "", "¥5"},
	} {
		v, f := Enter(c.text, English, thisYear, Format{})
		if got := strings.TrimSpace(f.Type + " " + f.Pattern); v != c.want || got != c.kind {
			t.Errorf("%q: %+v with %q, want %+v with %q", c.text, v, got, c.want, c.kind)
		}
		if got := Show(v, f, English); got != c.shown {
			t.Errorf("%q is shown as %q, want %q", c.text, got, c.shown)
		}
	}
}

func TestEnter_IntoATextCell_KeepsEverything(t *testing.T) {
	plain := Format{Type: "TEXT"}
	for _, text := range []string{"088", "=1+1", "+81", "TRUE", "2026-11-21", "'quoted", " 5 ", "50%"} {
		v, f := Enter(text, Japanese, thisYear, plain)
		if v != words(text) || f != plain || Show(v, f, Japanese) != text {
			t.Errorf("%q became %+v with %+v", text, v, f)
		}
	}
	if v, f := Enter("", Japanese, thisYear, plain); v != (Value{}) || f != plain {
		t.Errorf("nothing became %+v with %+v", v, f)
	}
}

func TestEnter_AFormatThatWasSet_Stays(t *testing.T) {
	for _, c := range []struct{ text, kind, pattern, shown string }{
		{"5", "DATE", "yyyy-mm-dd", "1900-01-04"},
		{"2026-11-21", "NUMBER", "0.00", "46347.00"},
		{"2026/1/5", "DATE", "yyyy-mm-dd", "2026-01-05"},
		{"50%", "NUMBER", "0.0", "0.5"},
		{"", "DATE", "yyyy-mm-dd", ""},
		{"未定", "DATE", "yyyy-mm-dd", "未定"},
		{"true", "NUMBER", "0", "TRUE"},
		{"=A1", "NUMBER", "0", "=A1"},
	} {
		has := Format{c.kind, c.pattern}
		v, f := Enter(c.text, Japanese, thisYear, has)
		if got := Show(v, f, Japanese); f != has || got != c.shown {
			t.Errorf("%q in %+v: %q with %+v, want %q", c.text, has, got, f, c.shown)
		}
	}
}
