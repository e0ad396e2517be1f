package entry

import (
	"strconv"
	"strings"
)

// number reads 5, -5, .5, 1,234.5, 1e3, 50% and the locale's currency.
// Full-width digits are no number: Sheets, other than Excel, leaves them as
// typed. Nor are the words that strconv would take: Inf, NaN, 0x1, 1_000.
func number(s string, locale Locale) (float64, Format, bool) {
	minus, s := sign(s)
	s, currency := cutCurrency(s, locale)
	if currency && minus == "" {
		minus, s = sign(s)
	}
	s, percent := strings.CutSuffix(s, "%")
	if currency && percent {
		return 0, Format{}, false
	}

	mantissa, exponent, scientific := s, "", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, scientific = s[:i], s[i+1:], true
		_, power := sign(exponent)
		if !isDigits(power) || currency || percent {
			return 0, Format{}, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	plain, grouped, ok := ungroup(whole)
	if !ok || whole+fraction == "" || fraction != "" && !isDigits(fraction) {
		return 0, Format{}, false
	}
	if percent {
		exponent = "-2" // shifted as text: 12.3/100 is not the float nearest to 0.123
	}
	if exponent != "" {
		exponent = "e" + exponent
	}
	n, err := strconv.ParseFloat(strings.TrimPrefix(minus, "+")+plain+"."+fraction+exponent, 64)
	if err != nil { // beyond what a float holds
		return 0, Format{}, false
	}

	places := ""
	if fraction != "" {
		places = ".00"
	}
	var f Format
	switch {
	case scientific:
		f = Format{"SCIENTIFIC", "0.00E+00"}
	case percent:
		f = Format{"PERCENT", "0" + places + "%"}
	case currency:
		f = Format{"CURRENCY", locale.currency() + "#,##0" + places}
	case grouped:
		f = Format{"NUMBER", "#,##0" + places}
	}
	return n + 0, f, true // + 0 makes -0 the 0 that Sheets has
}

func sign(s string) (sign, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[:1], s[1:]
	}
	return "", s
}

func cutCurrency(s string, locale Locale) (string, bool) {
	signs := []string{"¥", "￥"}
	if locale == English {
		signs = []string{"$"}
	}
	for _, sign := range signs {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			return rest, true
		}
	}
	return s, false
}

// ungroup takes the commas out of 1,234,567. Commas elsewhere are no number.
func ungroup(s string) (plain string, grouped, ok bool) {
	if s == "" {
		return "", false, true
	}
	first, rest, grouped := strings.Cut(s, ",")
	if !isDigits(first) || grouped && len(first) > 3 {
		return "", false, false
	}
	if !grouped {
		return first, false, true
	}
	groups := strings.Split(rest, ",")
	for _, group := range groups {
		if len(group) != 3 || !isDigits(group) {
			return "", false, false
		}
	}
	return first + strings.Join(groups, ""), true, true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
