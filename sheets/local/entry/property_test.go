package entry

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func locales() *rapid.Generator[Locale] { return rapid.SampledFrom([]Locale{Japanese, English}) }

// canonical are texts that show themselves once entered.
func canonical() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		digits := rapid.IntRange(-999_999_999, 999_999_999).Draw(t, "digits")
		second := rapid.IntRange(0, 86399).Draw(t, "second")
		day := civil(rapid.IntRange(0, lastDay).Draw(t, "day")).Add(time.Duration(second) * time.Second)
		return rapid.SampledFrom([]string{
			fmt.Sprint(digits),
			Show(number64(float64(digits)/1000), Format{}, Japanese),
			Show(number64(float64(digits)), Format{"NUMBER", "#,##0"}, Japanese),
			fmt.Sprintf("%d%%", digits),
			fmt.Sprintf("%d.%02dE+%02d", 1+max(digits, -digits)%9, second%100, second%300),
			day.Format("2006-01-02"), day.Format("2006/01/02"), day.Format("2006/1/2"), day.Format("15:04"), day.Format("15:04:05"), day.Format("15:04:05.000"),
			day.Format("2006-01-02 15:04"), day.Format("2006-01-02 15:04:05"), day.Format("2006/1/2 15:04:05"),
		}).Draw(t, "shape")
	})
}

func TestEnter_ThenShow_GivesACanonicalTextBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, locale := canonical().Draw(t, "text"), locales().Draw(t, "locale")
		v, f := Enter(text, locale, thisYear, Format{})
		if got := Show(v, f, locale); v.Kind != Number || got != text {
			t.Fatalf("%q is shown as %q: %+v with %+v", text, got, v, f)
		}
		if err := Supported(f); err != nil {
			t.Fatal(err)
		}
		again, _ := Enter(Show(v, f, locale), locale, thisYear, f)
		if again != v {
			t.Fatalf("%q entered twice is %+v and %+v", text, v, again)
		}
	})
}

func TestEnter_BehindAnApostropheNothingIsInterpreted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), canonical(), rapid.SampledFrom([]string{"=1", "+1", "+A1", "TRUE", "'", "=", " "})).Draw(t, "text")
		v, f := Enter("'"+text, locales().Draw(t, "locale"), thisYear, Format{})
		if v != words(text) || f != (Format{}) {
			t.Fatalf("%+v with %+v", v, f)
		}
	})
}

func TestSerial_EveryDayIsThereAndBack(t *testing.T) {
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	for n := range lastDay + 1 {
		got, ok := serial(day.Year(), int(day.Month()), day.Day())
		if back := civil(n); !ok || got != n || !back.Equal(day) {
			t.Fatalf("%v is %d, %t, want %d, which is %v", day, got, ok, n, back)
		}
		day = day.AddDate(0, 0, 1)
	}
	if day.Year() != 10000 {
		t.Errorf("the last day was followed by %v", day)
	}
}

// A hostile megabyte costs what its length costs: squared it would take hours.
func TestEnterAndShow_TakeTimeInStepWithTheirInput(t *testing.T) {
	const size = 1 << 20
	begin := time.Now()
	for _, atom := range []string{"1", "1,", ",111", "9.", "-", "=", " ", "1 ", "1:", "1/", "年", "e", "%", "+", "'", "0", "#", "#,", ",", ".", "m ", "[m]", "[h]", "[s]s", "y", "\"", "\\", "[", "]", ";", "@", "General", "am/pm", "E+", "h:", "s.000"} {
		text := strings.Repeat(atom, size/len(atom))
		for _, locale := range []Locale{Japanese, English} {
			v, f := Enter(text, locale, thisYear, Format{})
			Show(v, f, locale)
		}
		Show(number64(-1234.5), Format{"NUMBER", text}, Japanese)
		Show(number64(-1234.5), Format{"NUMBER", text[:longestPattern]}, Japanese)
		Show(words(text), Format{"TEXT", strings.Repeat("@", longestPattern)}, Japanese)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

func FuzzEnter(f *testing.F) {
	for _, seed := range []string{"", "088", "'=1", "=1", "+81", "-1,234.5%", "¥1e3", "2026/02/30 10:12:03.5", "11/21/26", "2026年1月2日", "25:00", "\xff"} {
		f.Add(seed, false, "")
		f.Add(seed, true, "TEXT")
	}
	f.Fuzz(func(t *testing.T, text string, english bool, kind string) {
		locale := Japanese
		if english {
			locale = English
		}
		v, format := Enter(text, locale, thisYear, Format{Type: kind})
		if strings.HasPrefix(text, "'") && v.Kind != Text {
			t.Errorf("%q became %+v", text, v)
		}
		if kind != "" && format != (Format{Type: kind}) {
			t.Errorf("the format %q became %+v", kind, format)
		}
		if v.Kind == Number && kind == "" {
			if err := Supported(format); err != nil {
				t.Error(err)
			}
			// What is shown can be typed again; only digits may be lost.
			shown := Show(v, format, locale)
			again, same := Enter(shown, English, thisYear, format)
			if locale == English && (again.Kind != Number || same != format && format != (Format{})) {
				t.Errorf("%q is shown as %q, which is %+v", text, shown, again)
			}
		}
		if v.Kind == Text && !strings.HasSuffix(text, v.Text) {
			t.Errorf("%q became the text %q", text, v.Text)
		}
	})
}

func FuzzShow(f *testing.F) {
	for _, seed := range []string{"0", "#,##0.00", "0.0,,%", "0.00E+00", "yyyy-mm-dd hh:mm:ss.000", "[h]:mm", "mmmm d ddd am/pm", `0"年"`, "a;b;c;@", "[Red][$¥-411]0;General"} {
		f.Add(seed, 1234.5, true)
		f.Add(seed, -0.0001, false)
	}
	f.Fuzz(func(t *testing.T, pattern string, x float64, english bool) {
		locale := Japanese
		if english {
			locale = English
		}
		format := Format{"NUMBER", pattern}
		shown := Show(number64(x), format, locale)
		if !utf8.ValidString(shown) {
			t.Errorf("%v in %q is shown as %q", x, pattern, shown)
		}
		if Supported(format) != nil && shown != Show(number64(x), Format{}, locale) {
			t.Errorf("%v in %q, which is refused, is shown as %q", x, pattern, shown)
		}
		if got := Show(words("x"), format, locale); !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
	})
}
