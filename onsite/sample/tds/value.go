package tds

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"time"
)

// encoder appends one value that is not NULL, with its length where the type
// has one.
type encoder func(b []byte, v any) ([]byte, error)

// cell knows how to write the values of one column.
type cell struct {
	encode encoder
	null   []byte // NULL in a ROW token; nil if the column cannot hold it
}

func newCell(c Column) (cell, error) {
	t := c.Type
	if f, ok := fixed[t.Name]; ok {
		enc := fixedEncoder(t.Name)
		if !c.Nullable {
			return cell{encode: enc}, nil
		}
		return cell{encode: prefixed(byte(f.size), enc), null: []byte{0}}, nil
	}
	if _, ok := short[t.Name]; ok {
		if t.Length < 0 {
			return cell{encode: plpEncoder(payload(t)), null: plpNull}, nil
		}
		return cell{encode: shortEncoder(t), null: []byte{0xff, 0xff}}, nil
	}
	switch t.Name {
	case "decimal", "numeric":
		return cell{encode: decimalEncoder(t), null: []byte{0}}, nil
	case "date", "time", "datetime2", "datetimeoffset":
		return cell{encode: clockEncoder(t), null: []byte{0}}, nil
	case "uniqueidentifier":
		return cell{encode: encodeGUID, null: []byte{0}}, nil
	case "xml":
		return cell{encode: plpEncoder(payload(t)), null: plpNull}, nil
	case "text", "ntext", "image":
		return cell{encode: longEncoder(payload(t)), null: []byte{0}}, nil
	}
	return cell{}, fmt.Errorf("type %q is not known", t.Name)
}

func wrong(v any, name string) error { return fmt.Errorf("value of type %T cannot be %s", v, name) }

func prefixed(n byte, enc encoder) encoder {
	return func(b []byte, v any) ([]byte, error) { return enc(append(b, n), v) }
}

// fixedEncoder writes the types of one size, little endian.
func fixedEncoder(name string) encoder {
	switch name {
	case "bit":
		return func(b []byte, v any) ([]byte, error) {
			x, ok := v.(bool)
			if !ok {
				return b, wrong(v, name)
			}
			if x {
				return append(b, 1), nil
			}
			return append(b, 0), nil
		}
	case "tinyint", "smallint", "int", "bigint":
		return intEncoder(name, fixed[name].size)
	case "real", "float":
		return func(b []byte, v any) ([]byte, error) {
			x, ok := v.(float64)
			if !ok {
				return b, wrong(v, name)
			}
			if name == "real" {
				return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x))), nil
			}
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(x)), nil
		}
	case "money", "smallmoney":
		return moneyEncoder(name)
	}
	return func(b []byte, v any) ([]byte, error) {
		x, ok := v.(time.Time)
		if !ok {
			return b, wrong(v, name)
		}
		if name == "smalldatetime" {
			days, minutes := floorDiv(Minutes(x), minutesADay)
			b = binary.LittleEndian.AppendUint16(b, uint16(days))
			return binary.LittleEndian.AppendUint16(b, uint16(minutes)), nil
		}
		days, ticks := floorDiv(DateTimeTicks(x), ticksPerDay)
		b = binary.LittleEndian.AppendUint32(b, uint32(days))
		return binary.LittleEndian.AppendUint32(b, uint32(ticks)), nil
	}
}

func intEncoder(name string, size int) encoder {
	lo, hi := int64(-1)<<(8*size-1), int64(1)<<(8*size-1)-1
	if size == 1 {
		lo, hi = 0, 255
	}
	return func(b []byte, v any) ([]byte, error) {
		x, ok := v.(int64)
		if !ok {
			return b, wrong(v, name)
		}
		if x < lo || x > hi {
			return b, fmt.Errorf("value %d is outside %s", x, name)
		}
		for i := range size {
			b = append(b, byte(x>>(8*i)))
		}
		return b, nil
	}
}

// asText takes exact numbers as the text they travel in.
func asText(v any) (string, bool) {
	switch x := v.(type) {
	case []byte:
		return string(x), true
	case string:
		return x, true
	case Decimal:
		return string(x), true
	}
	return "", false
}

// moneyEncoder writes money: units of 1/10,000, high half first.
func moneyEncoder(name string) encoder {
	return func(b []byte, v any) ([]byte, error) {
		s, ok := asText(v)
		if !ok {
			return b, wrong(v, name)
		}
		x, err := ParseScaled(s, 4)
		if err != nil || !x.IsInt64() {
			return b, fmt.Errorf("value %q is outside %s", s, name)
		}
		n := x.Int64()
		if name == "smallmoney" {
			if int64(int32(n)) != n {
				return b, fmt.Errorf("value %q is outside %s", s, name)
			}
			return binary.LittleEndian.AppendUint32(b, uint32(n)), nil
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n>>32))
		return binary.LittleEndian.AppendUint32(b, uint32(n)), nil
	}
}

func decimalEncoder(t Type) encoder {
	size := DecimalSize(t.Precision)
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Precision)), nil)
	return func(b []byte, v any) ([]byte, error) {
		s, ok := asText(v)
		if !ok {
			return b, wrong(v, t.Name)
		}
		x, err := ParseScaled(s, t.Scale)
		if err != nil || x.CmpAbs(limit) >= 0 {
			return b, fmt.Errorf("value %q is outside %s(%d,%d)", s, t.Name, t.Precision, t.Scale)
		}
		sign := byte(1)
		if x.Sign() < 0 {
			sign = 0
		}
		b = append(b, byte(1+size), sign)
		var mag [16]byte
		x.FillBytes(mag[:])
		for i := range size {
			b = append(b, mag[15-i])
		}
		return b, nil
	}
}

// clockEncoder writes date, time, datetime2 and datetimeoffset. The last holds
// UTC and the offset in minutes.
func clockEncoder(t Type) encoder {
	return func(b []byte, v any) ([]byte, error) {
		x, ok := v.(time.Time)
		if !ok {
			return b, wrong(v, t.Name)
		}
		at, size, local := len(b), 0, x
		b = append(b, 0)
		if t.Name == "datetimeoffset" {
			x = x.UTC()
		}
		if t.Name != "date" {
			size = timeSize(t.Scale)
			b = appendLittle(b, Clock(x)/unit(t.Scale), size)
		}
		if t.Name != "time" {
			b = appendLittle(b, Days(x), 3)
			size += 3
		}
		if t.Name == "datetimeoffset" {
			_, secs := local.Zone()
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(secs/60)))
			size += 2
		}
		b[at] = byte(size)
		return b, nil
	}
}

func appendLittle(b []byte, v int64, size int) []byte {
	for i := range size {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

func encodeGUID(b []byte, v any) ([]byte, error) {
	x, ok := v.([]byte)
	if !ok || len(x) != 16 {
		return b, wrong(v, "uniqueidentifier")
	}
	return append(append(b, 16), x...), nil
}
