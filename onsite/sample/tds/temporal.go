package tds

import (
	"math"
	"time"
)

const (
	daysTo1900  = 693595 // from 0001-01-01
	daysTo1970  = 719162
	ticksPerDay = 86400 * 300        // of datetime: 1/300 s
	clockPerDay = 86400 * 10_000_000 // of the newer types: 100 ns
	minutesADay = 24 * 60
)

// Days counts the days from 0001-01-01 to the date that t shows in its own
// location.
func Days(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + daysTo1970
}

// Clock is the time of day that t shows, in units of 100 ns.
func Clock(t time.Time) int64 {
	return int64(t.Hour()*3600+t.Minute()*60+t.Second())*10_000_000 + int64(t.Nanosecond()/100)
}

// FromClock is the inverse of Days and Clock, in UTC.
func FromClock(days, clock int64) time.Time {
	return time.Unix((days-daysTo1970)*86400+clock/10_000_000, clock%10_000_000*100).UTC()
}

// DateTimeTicks is t as datetime: units of 1/300 s since 1900-01-01, rounded
// as SQL Server rounds.
func DateTimeTicks(t time.Time) int64 {
	secs := int64(t.Hour()*3600 + t.Minute()*60 + t.Second())
	frac := int64(math.Round(float64(t.Nanosecond()) * 3 / 1e7))
	return (Days(t)-daysTo1900)*ticksPerDay + secs*300 + frac
}

// FromDateTimeTicks is the inverse of DateTimeTicks. The result is rounded to
// milliseconds, as clients of SQL Server show it: .000, .003, .007.
func FromDateTimeTicks(ticks int64) time.Time {
	days, rest := floorDiv(ticks, ticksPerDay)
	ms := (rest%300*10 + 1) / 3
	return time.Unix((days+daysTo1900-daysTo1970)*86400+rest/300, ms*1e6).UTC()
}

// Minutes is t as smalldatetime: minutes since 1900-01-01. Seconds from 29.999
// on round up.
func Minutes(t time.Time) int64 {
	m := (Days(t)-daysTo1900)*minutesADay + int64(t.Hour()*60+t.Minute())
	if time.Duration(t.Second())*time.Second+time.Duration(t.Nanosecond()) > 29998*time.Millisecond {
		m++
	}
	return m
}

// FromMinutes is the inverse of Minutes.
func FromMinutes(m int64) time.Time {
	return time.Unix((daysTo1900-daysTo1970)*86400+m*60, 0).UTC()
}

// floorDiv is a/b rounded down, with the remainder that is never negative.
func floorDiv(a, b int64) (q, r int64) {
	q, r = a/b, a%b
	if r < 0 {
		q--
		r += b
	}
	return q, r
}

// unit is the number of 100 ns in the smallest step of a fractional scale.
func unit(scale uint8) int64 {
	u := int64(1)
	for i := scale; i < 7; i++ {
		u *= 10
	}
	return u
}

// timeSize is the number of bytes of a time value, [MS-TDS] 2.2.5.4.2.
func timeSize(scale uint8) int {
	switch {
	case scale <= 2:
		return 3
	case scale <= 4:
		return 4
	}
	return 5
}
