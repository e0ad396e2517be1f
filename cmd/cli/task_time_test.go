package cli

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/fault"
)

func TestParseSpan_HasUnitsAndDays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour,
		"500ms": 500 * time.Millisecond, "0s": 0, "0": 0, "0d": 0, "0d5s": 5 * time.Second, "3650d": longestSpan, "1d0.5s": day + 500*time.Millisecond,
	} {
		if got, err := parseSpan(text); err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", " ", "d", "90", "1h30", "-5m", "+5m", "1d-5m", "1d+5m", "1d 5m", "2 d", "2days", "1w", "１０m", "5分", "NaNs", "Infd", "1e3s", "3651d", "3650d1ns", "87601h",
		"9999999999999h", "999999d", "9999999d", ".d", "1.d", "5m\n", "5m\x00", "0x5s", "1d1d", "\xff",
	} {
		if got, err := parseSpan(text); err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

func TestParseSpan_WhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(longestSpan)).Draw(t, "d"))
		if got, err := parseSpan(d.String()); err != nil || got != d {
			t.Fatalf("%v: %v %v", d, got, err)
		}
	})
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"90m", "1d12h", "-1s", "999999d", "9223372036854775807ns", "1.000001d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := parseSpan(s); err != nil && fault.KindOf(err) != fault.Invalid || err == nil && (d < 0 || d > longestSpan) {
			t.Errorf("%q: %v %v", s, d, err)
		}
	})
}

func TestParseMoment_IsStillToCome(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	now := time.Date(2026, 11, 21, 21, 30, 15, 0, tokyo)
	for text, want := range map[string]string{
		"21:31":                     "2026-11-21T21:31:00+09:00",
		"21:30":                     "2026-11-22T21:30:00+09:00", // it has begun
		"00:00":                     "2026-11-22T00:00:00+09:00",
		"9:05":                      "2026-11-22T09:05:00+09:00",
		"2026-11-21T12:30:16Z":      "2026-11-21T12:30:16Z",
		"2026-11-21T21:30:15.5Z":    "2026-11-21T21:30:15Z",
		"2026-12-01T00:00:00+09:00": "2026-12-01T00:00:00+09:00",
		"2026-12-01 00:00":          "2026-12-01T00:00:00+09:00",
		"2026-12-01T08:15":          "2026-12-01T08:15:00+09:00",
	} {
		if got, err := parseMoment(text, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "24:00", "12:60", "noon", "12", "12:5", "2026-13-01T00:00:00Z", "2026-11-21T21:30:15+09:00", "2026-11-21T12:30:15Z", "2020-01-01 00:00", "１２:００", "12:00\n", "-1:00", "\xff"} {
		if got, err := parseMoment(text, now); err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"21:30", "2026-11-21T21:30:00+09:00", "2026-12-01 00:00", "9999-12-31T23:59:59Z"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 21, 21, 30, 15, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if at, err := parseMoment(s, now); err == nil && !at.After(now) {
			t.Errorf("%q: %v", s, at)
		}
	})
}
