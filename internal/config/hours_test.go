package config

import (
	"testing"
	"time"
	_ "time/tzdata" // a bare machine has no time zones

	"pgregory.net/rapid"
)

func TestParseHours(t *testing.T) {
	for text, want := range map[string]Hours{
		"": {}, "22:00-07:00": {1320, 420}, "00:00-23:59": {0, 1439}, "09:30-09:31": {570, 571},
	} {
		if h, err := ParseHours(text); err != nil || h != want || h.String() != text {
			t.Errorf("%q: %+v, %v", text, h, err)
		}
	}
	for _, text := range []string{"22:00", "22:00-", "22:00-7:00", "24:00-07:00", "22:60-07:00", "22:00–07:00", "22:00 07:00", " 22:00-07:00", "22:00-22:00", "-1:00-07:00", "22:00-07:0x"} {
		if h, err := ParseHours(text); err == nil {
			t.Errorf("%q: %+v", text, h)
		}
	}
}

func TestHours_Until(t *testing.T) {
	tokyo := zone(t, "Asia/Tokyo")
	at := func(clock string) time.Time {
		parsed, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-11-21 "+clock, tokyo)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	night, noon := Hours{22 * 60, 7 * 60}, Hours{12 * 60, 13 * 60}
	for _, tc := range []struct {
		hours  Hours
		clock  string
		within bool
		end    time.Time
	}{
		{night, "21:59:59", false, time.Time{}},
		{night, "22:00:00", true, at("07:00:00").AddDate(0, 0, 1)},
		{night, "23:59:59", true, at("07:00:00").AddDate(0, 0, 1)},
		{night, "00:00:00", true, at("07:00:00")},
		{night, "06:59:59", true, at("07:00:00")},
		{night, "07:00:00", false, time.Time{}},
		{noon, "11:59:59", false, time.Time{}},
		{noon, "12:30:15", true, at("13:00:00")},
		{noon, "13:00:00", false, time.Time{}},
		{Hours{}, "00:00:00", false, time.Time{}},
	} {
		if end, within := tc.hours.Until(at(tc.clock)); within != tc.within || !end.Equal(tc.end) {
			t.Errorf("%s at %s: %v %v", tc.hours, tc.clock, end, within)
		}
	}
}

// On days when the clock is put forward or back too: the end comes after now,
// within a day and the hour by which the clock was put, and by then it is over.
func TestHours_Until_EndsAlways(t *testing.T) {
	zones := []*time.Location{zone(t, "America/New_York"), zone(t, "Australia/Lord_Howe"), zone(t, "Asia/Tokyo"), zone(t, "Pacific/Apia"), time.UTC}
	rapid.Check(t, func(t *rapid.T) {
		h := Hours{rapid.IntRange(0, dayMinutes-1).Draw(t, "from"), rapid.IntRange(0, dayMinutes-1).Draw(t, "to")}
		day := rapid.SampledFrom([]time.Time{
			time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 12, 0, 0, 0, time.UTC),
			time.Date(2026, 10, 3, 12, 0, 0, 0, time.UTC), time.Date(2011, 12, 30, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		}).Draw(t, "day")
		now := day.Add(time.Duration(rapid.Int64Range(0, int64(36*time.Hour)).Draw(t, "later"))).In(rapid.SampledFrom(zones).Draw(t, "zone"))
		end, within := h.Until(now)
		if h.From == h.To {
			if within {
				t.Fatalf("%+v at %v", h, now)
			}
			return
		}
		clock := now.Hour()*60 + now.Minute()
		if want := h.From < h.To && clock >= h.From && clock < h.To || h.From > h.To && (clock >= h.From || clock < h.To); within != want {
			t.Fatalf("%s at %v: %v", h, now, within)
		}
		if within && (!end.After(now) || end.Sub(now) > 25*time.Hour+24*time.Hour) {
			t.Fatalf("%s at %v: until %v", h, now, end)
		}
	})
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
