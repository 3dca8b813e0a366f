package migration

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LimitNothing as the limit of a LimitChange: nothing is sent.
const LimitNothing int64 = -1

// LimitChange sets the limit from a moment of the week on.
type LimitChange struct {
	Day    time.Weekday
	Minute int   // of the day by the local clock, 0 to 1439
	Limit  int64 // bytes a second; 0 for no limit, LimitNothing
}

// Timetable is a week of changes in their order; each holds until the next one,
// the last one until the first of the next week. Times are those of the clock on
// the wall: on the night when it is set back an hour counts twice.
type Timetable []LimitChange

// ErrTimetable: the text is no timetable.
var ErrTimetable = errors.New("not a timetable")

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
	// smallestLimit is what a limit is at least: with less, one file of 8 MiB
	// would take longer than a ticket holds a lease on patience.
	smallestLimit = 10_000
)

func (c LimitChange) minute() int { return int(c.Day)*dayMinutes + c.Minute }

// At tells the limit at a moment and when it changes next.
func (t Timetable) At(now time.Time) (limit int64, next time.Time) {
	if len(t) == 0 {
		return 0, time.Time{}
	}
	at := int(now.Weekday())*dayMinutes + now.Hour()*60 + now.Minute()
	i := 0
	for i < len(t) && t[i].minute() <= at {
		i++
	}
	// i is the next change; the one before it holds, the last one at the
	// beginning of the week.
	holds, until := t[(i+len(t)-1)%len(t)], t[i%len(t)]
	days := (int(until.Day) - int(now.Weekday()) + 7) % 7
	if i == len(t) && days == 0 {
		days = 7
	}
	y, m, d := now.Date()
	return holds.Limit, time.Date(y, m, d+days, until.Minute/60, until.Minute%60, 0, 0, now.Location())
}

var dayNames = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// ParseTimetable reads "Mon-Fri 07:00 500k, Mon-Fri 18:00 off, Sat 00:00 off":
// days (one, a span, or * for all), time, and the limit as ParseLimit reads it.
func ParseTimetable(s string) (Timetable, error) {
	var t Timetable
	for _, entry := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		changes, err := parseChanges(strings.TrimSpace(entry))
		if err != nil {
			return nil, Fail("read timetable", entry, errors.Join(ErrTimetable, err), Msg("hint.timetable", "Entry", strings.TrimSpace(entry)))
		}
		t = append(t, changes...)
	}
	slices.SortStableFunc(t, func(a, b LimitChange) int { return a.minute() - b.minute() })
	for i := 1; i < len(t); i++ {
		if t[i].minute() == t[i-1].minute() {
			return nil, Fail("read timetable", t[i].moment(), ErrTimetable, Msg("hint.timetable.twice", "When", t[i].moment()))
		}
	}
	return t, nil
}

func parseChanges(entry string) ([]LimitChange, error) {
	f := strings.Fields(entry)
	if len(f) != 3 {
		return nil, fmt.Errorf("%d words instead of days, time and limit", len(f))
	}
	days, err := parseDays(f[0])
	if err != nil {
		return nil, err
	}
	hours, minutes, ok := strings.Cut(f[1], ":")
	h, herr := strconv.ParseUint(hours, 10, 8)
	m, merr := strconv.ParseUint(minutes, 10, 8)
	if !ok || herr != nil || merr != nil || h > 23 || m > 59 || len(minutes) != 2 {
		return nil, fmt.Errorf("%q is not a time", f[1])
	}
	limit, err := ParseLimit(f[2])
	if err != nil {
		return nil, err
	}
	var out []LimitChange
	for _, d := range days {
		out = append(out, LimitChange{Day: d, Minute: int(h)*60 + int(m), Limit: limit})
	}
	return out, nil
}

// parseDays reads one day, a span that may run over the end of the week, or all.
func parseDays(s string) ([]time.Weekday, error) {
	if s == "*" {
		s = "Mon-Sun"
	}
	from, to, span := strings.Cut(s, "-")
	first, last := dayOf(from), dayOf(to)
	if !span {
		last = first
	}
	if first < 0 || last < 0 {
		return nil, fmt.Errorf("%q is not a day", s)
	}
	days := []time.Weekday{time.Weekday(first)}
	for d := first; d != last; {
		d = (d + 1) % 7
		days = append(days, time.Weekday(d))
	}
	return days, nil
}

func dayOf(s string) int {
	return slices.IndexFunc(dayNames, func(d string) bool { return strings.EqualFold(d, s) })
}

// ParseLimit reads bytes a second, with k, M or G for powers of 1000: "500k",
// "2M"; "off" for no limit, "nothing" for LimitNothing.
func ParseLimit(s string) (int64, error) {
	switch strings.ToLower(s) {
	case "off":
		return 0, nil
	case "nothing":
		return LimitNothing, nil
	}
	number, factor := s, int64(1)
	if n := len(s); n > 0 {
		if i := strings.IndexByte("kmg", s[n-1]|0x20); i >= 0 {
			number, factor = s[:n-1], []int64{1e3, 1e6, 1e9}[i]
		}
	}
	v, err := strconv.ParseInt(number, 10, 64)
	if err != nil || v < 1 || v > 1e12/factor || v*factor < smallestLimit {
		return 0, Fail("read limit", s, ErrTimetable, Msg("hint.limit", "Limit", s, "Least", smallestLimit/1000))
	}
	return v * factor, nil
}

func formatLimit(n int64) string {
	switch {
	case n == 0:
		return "off"
	case n < 0:
		return "nothing"
	case n%1e9 == 0:
		return strconv.FormatInt(n/1e9, 10) + "G"
	case n%1e6 == 0:
		return strconv.FormatInt(n/1e6, 10) + "M"
	case n%1e3 == 0:
		return strconv.FormatInt(n/1e3, 10) + "k"
	}
	return strconv.FormatInt(n, 10)
}

func (c LimitChange) moment() string {
	return fmt.Sprintf("%s %02d:%02d", dayNames[c.Day], c.Minute/60, c.Minute%60)
}

// String is what ParseTimetable reads.
func (t Timetable) String() string {
	out := make([]string, len(t))
	for i, c := range t {
		out[i] = c.moment() + " " + formatLimit(c.Limit)
	}
	return strings.Join(out, ", ")
}
