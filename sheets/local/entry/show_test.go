package entry

import (
	"math"
	"strings"
	"testing"
)

func TestShow_Automatic(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "0"},
		{1, "1"},
		{-1, "-1"},
		{100, "100"},
		{0.1 + 0.2, "0.3"},
		{1.5, "1.5"},
		{1.0 / 3, "0.3333333333"},
		{10.0 / 3, "3.333333333"},
		{2.0 / 3, "0.6666666667"},
		{99999.999999, "100000"},
		{123456789.123, "123456789.1"},
		{1234567890.5, "1234567891"},
		{12345678901.5, "12345678902"},
		{1234567890123, "1234567890123"},
		{999999999999999, "999999999999999"},
		{1e15, "1E+15"},
		{1234567890123456, "1.23457E+15"},
		{-1.5e20, "-1.5E+20"},
		{999999999999999.9, "1E+15"},
		{0.0001, "0.0001"},
		{0.00005, "5E-05"},
		{1.2345649999999e-5, "1.23456E-05"},
		{math.MaxFloat64, "1.79769E+308"},
		{math.SmallestNonzeroFloat64, "5E-324"},
		{math.Inf(1), "#NUM!"},
		{math.NaN(), "#NUM!"},
	} {
		if got := Show(number64(c.x), Format{}, Japanese); got != c.want {
			t.Errorf("%v is shown as %q, want %q", c.x, got, c.want)
		}
	}
}

func TestShow_NumberPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		x       float64
		want    string
	}{
		{"0", 1.5, "2"},
		{"0", 2.5, "3"},
		{"0", -2.5, "-3"},
		{"0", 0, "0"},
		{"0.00", 1.005, "1.01"},
		{"0.00", 2.675, "2.68"},
		{"0.00", 999.999, "1000.00"},
		{"0.0", 0.04, "0.0"},
		{"0.0", 0.05, "0.1"},
		{"000", 7, "007"},
		{"#", 0, ""},
		{"#.##", 0.5, ".5"},
		{"0.##", 5, "5."},
		{"0.0#", 5, "5.0"},
		{"#,##0", 1234567, "1,234,567"},
		{"#,##0", 999, "999"},
		{"#,##0", 0, "0"},
		{"#,##0.00", -1234.5, "-1,234.50"},
		{"0,000", 5, "0,005"},
		{"0%", 0.5, "50%"},
		{"0.00%", 0.1234, "12.34%"},
		{"0.0%", 0.0005, "0.1%"},
		{"0%", 0, "0%"},
		{"¥#,##0", 1234, "¥1,234"},
		{"[$¥-411]#,##0", -1234, "-¥1,234"},
		{"[$€]0.00", 1.5, "€1.50"},
		{`"$"#,##0.00`, 5, "$5.00"},
		{"$0", 5, "$5"},
		{`0"件"`, 12, "12件"},
		{`0\x`, 12, "12x"},
		{`#,##0" 円"`, 1234, "1,234 円"},
		{"(0)", 5, "(5)"},
		{`0.0,,"M"`, 1230000, "1.2M"},
		{"#,##0,", 1234567, "1,235"},
		{"0.00E+00", 12345, "1.23E+04"},
		{"0.00E+00", 0.00012345, "1.23E-04"},
		{"0.00e-0", 12345, "1.23e4"},
		{"0E+0", 9.9, "1E+1"},
		{"0.00E+00", 0, "0.00E+00"},
		{"0.00E+00", -9.999e99, "-1.00E+100"},
		{"000.0000", 12.34, "012.3400"},
		{"#.0#", 12, "12.0"},
		{"####.#", 12345.125, "12345.1"},
		{"#,###", 12000, "12,000"},
		{"0.00e+00", 1234567890, "1.23e+09"},
		{"0;(0)", 5, "5"},
		{"0;(0)", -5, "(5)"},
		{"0;(0)", 0, "0"},
		{`0;-0;"none"`, 0, "none"},
		{"0;;", -5, ""},
		{"0;;", 0, ""},
		{"[Red]0;[Color12]-0", -5, "-5"},
		{`0;-0;0;"<"@">"`, 5, "5"},
		{"0;@", -5, "-5"},
		{"@", 0.5, "0.5"},
		{"General", 1.5, "1.5"},
		{`General"円"`, -5, "-5円"},
		{"0", 1e300, "1" + strings.Repeat("0", 300)},
		{"0.0", 1e-300, "0.0"},
		{"0", math.Inf(1), "#NUM!"},
	} {
		f := Format{"NUMBER", c.pattern}
		if err := Supported(f); err != nil {
			t.Error(err)
		}
		if got := Show(number64(c.x), f, Japanese); got != c.want {
			t.Errorf("%v in %q is shown as %q, want %q", c.x, c.pattern, got, c.want)
		}
	}
}

// The moment of Google's guide to formats is among them, with its results.
func TestShow_DatePatterns(t *testing.T) {
	guide := at(t, "2016-04-05 16:08:53.528").Number
	duration := at(t, "1899-12-30 03:13:41.255").Number
	early := at(t, "2026-01-03 00:05:09").Number
	for _, c := range []struct {
		pattern string
		x       float64
		ja, en  string
	}{
		{"h:mm:ss.00 a/p", guide, "4:08:53.53 p", "4:08:53.53 p"},
		{`hh:mm A/P".M."`, guide, "04:08 P.M.", "04:08 P.M."},
		{"yyyy-mm-dd", guide, "2016-04-05", "2016-04-05"},
		{`mmmm d \[dddd\]`, guide, "4月 5 [火曜日]", "April 5 [Tuesday]"},
		{"[hh]:[mm]:[ss].000", duration, "03:13:41.255", "03:13:41.255"},
		{"[mmmm]:[ss].000", duration, "0193:41.255", "0193:41.255"},

		{"yy/m/d(ddd)", early, "26/1/3(土)", "26/1/3(Sat)"},
		{"mmm d, yyyy", early, "1月 3, 2026", "Jan 3, 2026"},
		{`yyyy"年"m"月"d"日" dddd`, early, "2026年1月3日 土曜日", "2026年1月3日 Saturday"},
		{"yyyy年MM月dd日", early, "2026年01月03日", "2026年01月03日"},
		{"h:m:s", early, "0:5:9", "0:5:9"},
		{"hh:mm:ss", early, "00:05:09", "00:05:09"},
		{"H:mm", early, "0:05", "0:05"},
		{"h:mm am/pm", early, "12:05 午前", "12:05 AM"},
		{"AM/PM h", guide, "午後 4", "PM 4"},
		{"mm:ss", early, "05:09", "05:09"},
		{"mm/dd hh:mm", early, "01/03 00:05", "01/03 00:05"},
		{"MM:ss", early, "01:09", "01:09"},
		{"d.m.yyyy", early, "3.1.2026", "3.1.2026"},
		{"h:mm:ss", guide, "16:08:54", "16:08:54"},
		{"h:mm", guide, "16:08", "16:08"},
		{"[h]:mm", 1.5, "36:00", "36:00"},
		{"[h]:mm:ss", -0.5, "-12:00:00", "-12:00:00"},
		{"[m]", 1, "1440", "1440"},
		{"[s]", 1, "86400", "86400"},
		{"[ss].0", 0.00001, "00.9", "00.9"},
		{"yyyy-mm-dd h:mm:ss", 0.9999999, "1899-12-31 0:00:00", "1899-12-31 0:00:00"},
		{"yyyy-mm-dd h:mm", -0.25, "1899-12-29 18:00", "1899-12-29 18:00"},
		{"yyyy-mm-dd", lastDay, "9999-12-31", "9999-12-31"},
		{"yyyy-mm-dd", lastDay + 1, "2958466", "2958466"},
		{"yyyy-mm-dd", firstShown, "0001-01-01", "0001-01-01"},
		{"yyyy-mm-dd", -1e300, "-1E+300", "-1E+300"},
		{"[h]", 1e300, "1E+300", "1E+300"},
		{"h:mm:ss", lastDay + 0.99999999, "2958466", "2958466"},
	} {
		f := Format{"DATE_TIME", c.pattern}
		if err := Supported(f); err != nil {
			t.Error(err)
		}
		if ja, en := Show(number64(c.x), f, Japanese), Show(number64(c.x), f, English); ja != c.ja || en != c.en {
			t.Errorf("%v in %q is shown as %q and %q, want %q and %q", c.x, c.pattern, ja, en, c.ja, c.en)
		}
	}
}

func TestShow_ATypeWithoutPattern_HasThatOfTheLocale(t *testing.T) {
	x := at(t, "2026-01-05 15:59:00")
	for _, c := range []struct{ kind, ja, en string }{
		{"NUMBER", "46,027.67", "46,027.67"},
		{"PERCENT", "4602766.60%", "4602766.60%"},
		{"CURRENCY", "¥46,027.67", "$46,027.67"},
		{"DATE", "2026/01/05", "1/5/2026"},
		{"TIME", "15:59:00", "3:59:00 PM"},
		{"DATE_TIME", "2026/01/05 15:59:00", "1/5/2026 15:59:00"},
		{"SCIENTIFIC", "4.60E+04", "4.60E+04"},
		{"TEXT", "46027.66597", "46027.66597"},
	} {
		f := Format{Type: c.kind}
		if ja, en := Show(x, f, Japanese), Show(x, f, English); ja != c.ja || en != c.en || Supported(f) != nil {
			t.Errorf("%s: %q and %q, want %q and %q", c.kind, ja, en, c.ja, c.en)
		}
	}
}

func TestShow_TextsFollowOnlyASectionOfTheirOwn(t *testing.T) {
	for pattern, want := range map[string]string{
		"0.00": "done", "yyyy": "done", "@": "done", `"<"@">"`: "<done>", `0;-0;0;@"!"`: "done!", "0;0;0;": "", "0;0;0": "done", "General": "done",
	} {
		if got := Show(words("done"), Format{"NUMBER", pattern}, Japanese); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func TestSupported_RefusesByName(t *testing.T) {
	for pattern, part := range map[string]string{
		"0.0.0": "second decimal point", "# ?/?": "'?'", "0_)": "'_'", "*-0": "'*'", "[<100]0": "[<100]", "[$-411]yyyy": "[$-411]", "[DBNum1]0": "[DBNum1]",
		"ggge": "'g'", "0 kg": "'k'", "mmmmm": "mmmmm", "000-0000": "between its digits", "0;0;0;0": "fourth section", "0;0;0;@;0": "four sections",
		"@;0": "before its last", `"open`: "quote", "[open": "bracket", `0\`: "backslash", "0%yyyy": "mixes", "yyyy0": "mixes", "ss.0000": "three places",
		"0@": "among digits", "0;@@": "more than once", "%": "without digits", ".": "no digits", "0.0E+": "no digits", "00.0E+0": "exponent", "0.0,E+0": "exponent", ",0": "comma", "\xff": "UTF-8", "e": "'e'",
		strings.Repeat("0", 1001): "1001 bytes", "[]0": "[]", "[Color123]0": "[Color123]", "[hm]": "[hm]",
	} {
		err := Supported(Format{"NUMBER", pattern})
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %v, want a word of %q", pattern, err, part)
		}
		if got := Show(number64(1234.5), Format{"NUMBER", pattern}, Japanese); got != "1234.5" {
			t.Errorf("%q shows %q", pattern, got)
		}
	}
	for _, f := range []Format{{"MONEY", ""}, {"", "0"}, {"number", "0"}} {
		if Supported(f) == nil {
			t.Errorf("%+v is supported", f)
		}
	}
	if err := Supported(Format{}); err != nil {
		t.Error(err)
	}
}
