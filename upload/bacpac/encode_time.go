package bacpac

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Days since 0001-01-01, the first day of the date types.
const (
	dayUnix = 719162  // 1970-01-01
	day1753 = 639905  // 1753-01-01, first of datetime
	day1900 = 693595  // 1900-01-01, zero of datetime and smalldatetime
	dayLast = 3652058 // 9999-12-31

	daySeconds  = 86400
	tickSeconds = 10_000_000 // 100 ns ticks of the types with a scale
)

var errRange = errors.New("date out of range")

// clock splits a moment into days since 0001-01-01, seconds of the day and
// nanoseconds, as its own location shows them: the date types without an
// offset have no zone, and the driver puts them into whichever it is set to.
func clock(v any) (day, sec, ns int64, err error) {
	t, ok := v.(time.Time)
	if !ok {
		return 0, 0, 0, wrongType(v)
	}
	offset := 0
	if t.Location() != time.UTC { // which nearly all are, and looking it up costs
		_, offset = t.Zone()
	}
	return splitSeconds(t.Unix()+int64(offset), int64(t.Nanosecond()))
}

func splitSeconds(unix, nanos int64) (day, sec, ns int64, err error) {
	day, sec = unix/daySeconds, unix%daySeconds
	if sec < 0 {
		day, sec = day-1, sec+daySeconds
	}
	day += dayUnix
	if day < 0 || day > dayLast {
		return 0, 0, 0, errRange
	}
	return day, sec, nanos, nil
}

func putDate(s *sink, c *column, v any) error {
	day, sec, ns, err := clock(v)
	if err != nil {
		return err
	}
	if sec != 0 || ns != 0 {
		return errors.New("time of day in a date column")
	}
	c.short(s, 3)
	s.putDay(day)
	return nil
}

// putDateTime writes days since 1900 and 1/300 s. The driver delivers the
// ticks rounded to milliseconds; rounding back to the nearest tick is exact,
// since ticks are 3.33 ms apart.
func putDateTime(s *sink, c *column, v any) error {
	day, sec, ns, err := clock(v)
	if err != nil {
		return err
	}
	ticks := sec*300 + (ns*3+5_000_000)/10_000_000
	if ticks == daySeconds*300 {
		day, ticks = day+1, 0
	}
	if day < day1753 || day > dayLast {
		return errRange
	}
	c.short(s, 8)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(int32(day-day1900)))
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(ticks))
	return nil
}

// putSmallDateTime writes days since 1900 and minutes, 2 bytes each.
func putSmallDateTime(s *sink, c *column, v any) error {
	day, sec, ns, err := clock(v)
	if err != nil {
		return err
	}
	if day < day1900 || day > day1900+0xffff {
		return errRange
	}
	if sec%60 != 0 || ns != 0 {
		return errors.New("seconds in a smalldatetime column")
	}
	c.short(s, 4)
	s.buf = binary.LittleEndian.AppendUint16(s.buf, uint16(day-day1900))
	s.buf = binary.LittleEndian.AppendUint16(s.buf, uint16(sec/60))
	return nil
}

func putTime(s *sink, c *column, v any) error {
	_, sec, ns, err := clock(v)
	if err != nil {
		return err
	}
	ticks, err := c.ticks(sec, ns)
	if err != nil {
		return err
	}
	c.short(s, 5)
	s.putTicks(ticks)
	return nil
}

func putDateTime2(s *sink, c *column, v any) error {
	day, sec, ns, err := clock(v)
	if err != nil {
		return err
	}
	ticks, err := c.ticks(sec, ns)
	if err != nil {
		return err
	}
	c.short(s, 8)
	s.putTicks(ticks)
	s.putDay(day)
	return nil
}

// putDateTimeOffset writes the moment in UTC and then the offset in minutes.
func putDateTimeOffset(s *sink, c *column, v any) error {
	t, ok := v.(time.Time)
	if !ok {
		return wrongType(v)
	}
	_, offset := t.Zone()
	if offset%60 != 0 || offset < -14*3600 || offset > 14*3600 {
		return fmt.Errorf("offset of %d seconds", offset)
	}
	day, sec, ns, err := splitSeconds(t.Unix(), int64(t.Nanosecond()))
	if err != nil {
		return err
	}
	ticks, err := c.ticks(sec, ns)
	if err != nil {
		return err
	}
	c.short(s, 10)
	s.putTicks(ticks)
	s.putDay(day)
	s.buf = binary.LittleEndian.AppendUint16(s.buf, uint16(int16(offset/60)))
	return nil
}

// ticks gives the time of day in 100 ns. Digits that the column's scale does
// not have are an error: they would show that the column is another one.
func (c *column) ticks(sec, ns int64) (int64, error) {
	step := int64(100)
	for i := c.scale; i < 7; i++ {
		step *= 10
	}
	if ns%step != 0 {
		return 0, fmt.Errorf("more than %d digits of a second", c.scale)
	}
	return sec*tickSeconds + ns/100, nil
}

func (s *sink) putTicks(n int64) {
	s.buf = append(s.buf, byte(n), byte(n>>8), byte(n>>16), byte(n>>24), byte(n>>32))
}

func (s *sink) putDay(n int64) {
	s.buf = append(s.buf, byte(n), byte(n>>8), byte(n>>16))
}
