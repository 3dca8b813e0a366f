package migration

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimetableAt(t *testing.T) {
	table, err := ParseTimetable("Mon-Fri 07:00 500k, Mon-Fri 18:00 off; sat 09:30 nothing\nSun 00:00 2M")
	if err != nil {
		t.Fatal(err)
	}
	// The 5th of January 2026 is a Monday.
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 1, day, hour, minute, 30, 0, time.UTC) }
	on := func(day, hour, minute int) time.Time { return time.Date(2026, 1, day, hour, minute, 0, 0, time.UTC) }
	for _, c := range []struct {
		now   time.Time
		limit int64
		next  time.Time
	}{
		{at(5, 6, 59), 2e6, on(5, 7, 0)},
		{on(5, 7, 0), 500e3, on(5, 18, 0)},
		{at(5, 12, 0), 500e3, on(5, 18, 0)},
		{at(5, 18, 0), 0, on(6, 7, 0)},
		{at(9, 23, 0), 0, on(10, 9, 30)},
		{at(10, 9, 30), LimitNothing, on(11, 0, 0)},
		{at(11, 0, 0), 2e6, on(12, 7, 0)},
		{at(10, 9, 29), 0, on(10, 9, 30)},
	} {
		if limit, next := table.At(c.now); limit != c.limit || !next.Equal(c.next) {
			t.Errorf("at %v: %d until %v, want %d until %v", c.now, limit, next, c.limit, c.next)
		}
	}
	one := Timetable{{Day: time.Monday, Minute: 60, Limit: 7}}
	if limit, next := one.At(on(5, 1, 0)); limit != 7 || !next.Equal(on(12, 1, 0)) {
		t.Errorf("a single change: %d until %v", limit, next)
	}
	if limit, next := (Timetable)(nil).At(on(5, 1, 0)); limit != 0 || !next.IsZero() {
		t.Errorf("no timetable: %d until %v", limit, next)
	}
}

func TestTimetableRefuses(t *testing.T) {
	for _, s := range []string{
		"Mon", "Mon 07:00", "Mon 24:00 off", "Mon 07:60 off", "Mon 7 off", "Mon 07:0 off", "Mon 07:00 9k", "Mon 07:00 -5", "Mon 07:00 1T",
		"Moo 07:00 off", "Mon- 07:00 off", "Mon-Fri 07:00 off, Tue 07:00 2M", "Mon 07:00 off extra", "Mon 07:00 99999999999G", "Mon 07:00 k",
	} {
		if table, err := ParseTimetable(s); !errors.Is(err, ErrTimetable) || HintOf(err).IsZero() {
			t.Errorf("%q: %v, %v with hint %q", s, table, err, HintOf(err).ID)
		}
	}
}

func TestTimetableWritesWhatItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table Timetable
		for _, m := range rapid.SliceOfNDistinct(rapid.IntRange(0, weekMinutes-1), 0, 20, rapid.ID[int]).Draw(t, "minutes") {
			limit := rapid.OneOf(rapid.Just(int64(0)), rapid.Just(LimitNothing), rapid.Int64Range(smallestLimit, 1e12)).Draw(t, "limit")
			table = append(table, LimitChange{Day: time.Weekday(m / dayMinutes), Minute: m % dayMinutes, Limit: limit})
		}
		slices.SortFunc(table, func(a, b LimitChange) int { return a.minute() - b.minute() })
		got, err := ParseTimetable(table.String())
		if err != nil || !slices.Equal(got, table) {
			t.Fatalf("%q: %v, %v", table, got, err)
		}
		// The next change is ahead, at most a week and the hour of summer time.
		now := time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "now"), 0).UTC()
		if _, next := table.At(now); len(table) > 0 && (!next.After(now) || next.Sub(now) > 169*time.Hour) {
			t.Fatalf("%q at %v changes next at %v", table, now, next)
		}
	})
}

func FuzzParseTimetable(f *testing.F) {
	f.Add("Mon-Fri 07:00 500k, Mon-Fri 18:00 off")
	f.Add("* 00:00 nothing;Sun 23:59 1G")
	f.Fuzz(func(t *testing.T, s string) {
		table, err := ParseTimetable(s)
		if err != nil {
			return
		}
		if again, err := ParseTimetable(table.String()); err != nil || !slices.Equal(again, table) {
			t.Fatalf("%q gives %v, which gives %v, %v", s, table, again, err)
		}
	})
}
