package bacpac

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

var errNumber = errors.New("does not fit into the column")

func putTinyInt(s *sink, c *column, v any) error {
	n, ok := v.(int64)
	switch {
	case !ok:
		return wrongType(v)
	case n < 0 || n > math.MaxUint8:
		return fmt.Errorf("%d %w", n, errNumber)
	}
	c.short(s, 1)
	s.buf = append(s.buf, byte(n))
	return nil
}

func putSmallInt(s *sink, c *column, v any) error {
	n, ok := v.(int64)
	switch {
	case !ok:
		return wrongType(v)
	case n != int64(int16(n)):
		return fmt.Errorf("%d %w", n, errNumber)
	}
	c.short(s, 2)
	s.buf = binary.LittleEndian.AppendUint16(s.buf, uint16(n))
	return nil
}

func putInt(s *sink, c *column, v any) error {
	n, ok := v.(int64)
	switch {
	case !ok:
		return wrongType(v)
	case n != int64(int32(n)):
		return fmt.Errorf("%d %w", n, errNumber)
	}
	c.short(s, 4)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(n))
	return nil
}

func putBigInt(s *sink, c *column, v any) error {
	n, ok := v.(int64)
	if !ok {
		return wrongType(v)
	}
	c.short(s, 8)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(n))
	return nil
}

func putBit(s *sink, c *column, v any) error {
	b, ok := v.(bool)
	if !ok {
		return wrongType(v)
	}
	c.short(s, 1)
	if b {
		s.buf = append(s.buf, 1)
	} else {
		s.buf = append(s.buf, 0)
	}
	return nil
}

// putReal takes the float64 into which the driver widens a real; one that was
// never a real is an error, because it would arrive as another number.
func putReal(s *sink, c *column, v any) error {
	f, ok := v.(float64)
	if !ok {
		return wrongType(v)
	}
	if float64(float32(f)) != f || math.IsInf(f, 0) {
		return fmt.Errorf("%v is not a value of real", f)
	}
	c.short(s, 4)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, math.Float32bits(float32(f)))
	return nil
}

func putFloat(s *sink, c *column, v any) error {
	f, ok := v.(float64)
	if !ok {
		return wrongType(v)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%v is not a value of float", f)
	}
	c.short(s, 8)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, math.Float64bits(f))
	return nil
}

// putGUID takes the 16 bytes as on the wire, which is also their order in a
// data part (first three groups little-endian).
func putGUID(s *sink, c *column, v any) error {
	b, ok := v.([]byte)
	if !ok {
		return wrongType(v)
	}
	if len(b) != 16 {
		return fmt.Errorf("uniqueidentifier of %d bytes", len(b))
	}
	c.short(s, 16)
	s.buf = append(s.buf, b...)
	return nil
}

// putDecimal writes precision, scale, sign (1 = positive) and 16 bytes of
// magnitude, whatever the precision: packages say 19 bytes for every decimal,
// although the server itself stores fewer.
func putDecimal(s *sink, c *column, v any) error {
	d, err := parseDecimal(v, c.scale)
	if err != nil {
		return err
	}
	if d.digits() > int(c.prec) {
		return fmt.Errorf("more than %d digits", c.prec)
	}
	sign := byte(1)
	if d.negative {
		sign = 0
	}
	c.short(s, 19)
	s.buf = append(s.buf, c.prec, c.scale, sign)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, d.lo)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, d.hi)
	return nil
}

// putMoney writes 1/10,000 units, the high 32 bits before the low ones.
func putMoney(s *sink, c *column, v any) error {
	n, err := moneyUnits(v, math.MinInt64, math.MaxInt64)
	if err != nil {
		return err
	}
	c.short(s, 8)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(uint64(n)>>32))
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(uint64(n)))
	return nil
}

func putSmallMoney(s *sink, c *column, v any) error {
	n, err := moneyUnits(v, math.MinInt32, math.MaxInt32)
	if err != nil {
		return err
	}
	c.short(s, 4)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(int32(n)))
	return nil
}

func moneyUnits(v any, lo, hi int64) (int64, error) {
	d, err := parseDecimal(v, 4)
	if err != nil {
		return 0, err
	}
	limit := uint64(hi)
	if d.negative {
		limit = uint64(-(lo + 1)) + 1
	}
	if d.hi != 0 || d.lo > limit {
		return 0, fmt.Errorf("amount out of range")
	}
	if d.negative {
		return int64(-d.lo), nil
	}
	return int64(d.lo), nil
}
