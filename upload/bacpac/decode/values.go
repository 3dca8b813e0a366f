package decode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// shape is how the values of a column lie in a part.
type shape struct {
	prefix int // bytes of the length prefix, 0 for none
	size   int // bytes of every value, -1 if they differ
	max    int // most bytes of a value, 0 without limit
	decode func(c *Column, b []byte) (any, error)
}

// shapeOf gives the shape by the rules of bcp -N. Types of fixed size have a
// prefix of one byte if the column takes NULL; bit, uniqueidentifier and
// decimal always; texts and binaries one of two bytes, or eight for the max
// types and xml, or four for the old large types. Every text is UTF-16. The
// types with a scale are always stored with seven digits.
func shapeOf(c Column) (shape, error) {
	optional := 0
	if c.Nullable {
		optional = 1
	}
	fixed := func(size int, decode func(*Column, []byte) (any, error)) (shape, error) {
		return shape{prefix: optional, size: size, decode: decode}, nil
	}
	switch c.Type {
	case "tinyint":
		return fixed(1, func(_ *Column, b []byte) (any, error) { return int64(b[0]), nil })
	case "smallint":
		return fixed(2, func(_ *Column, b []byte) (any, error) { return int64(int16(binary.LittleEndian.Uint16(b))), nil })
	case "int":
		return fixed(4, func(_ *Column, b []byte) (any, error) { return int64(int32(binary.LittleEndian.Uint32(b))), nil })
	case "bigint":
		return fixed(8, func(_ *Column, b []byte) (any, error) { return int64(binary.LittleEndian.Uint64(b)), nil })
	case "real":
		return fixed(4, decodeReal)
	case "float":
		return fixed(8, decodeFloat)
	case "money":
		return fixed(8, decodeMoney)
	case "smallmoney":
		return fixed(4, decodeSmallMoney)
	case "datetime":
		return fixed(8, decodeDateTime)
	case "smalldatetime":
		return fixed(4, decodeSmallDateTime)
	case "date":
		return fixed(3, decodeDate)
	case "time":
		return fixed(5, decodeTime)
	case "datetime2":
		return fixed(8, decodeDateTime2)
	case "datetimeoffset":
		return fixed(10, decodeDateTimeOffset)
	case "bit":
		return shape{prefix: 1, size: 1, decode: decodeBit}, nil
	case "uniqueidentifier":
		return shape{prefix: 1, size: 16, decode: decodeGUID}, nil
	case "decimal", "numeric":
		return shape{prefix: 1, size: 19, decode: decodeDecimal}, nil
	}
	return variableShape(c)
}

func variableShape(c Column) (shape, error) {
	s := shape{prefix: 2, size: -1, decode: decodeText}
	switch c.Type {
	case "char", "varchar", "nchar", "nvarchar":
		s.max = 2 * c.Length
	case "binary", "varbinary":
		s.max, s.decode = c.Length, decodeBytes
	case "xml":
		s.prefix = 8
	case "text", "ntext":
		s.prefix = 4
	case "image":
		s.prefix, s.decode = 4, decodeBytes
	default:
		return s, fmt.Errorf("type %s is not known", c.Type)
	}
	if c.Length == -1 {
		s.prefix, s.max = 8, 0
	}
	return s, nil
}

func decodeReal(_ *Column, b []byte) (any, error) {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), nil
}

func decodeFloat(_ *Column, b []byte) (any, error) {
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

func decodeBit(_ *Column, b []byte) (any, error) {
	if b[0] > 1 {
		return nil, fmt.Errorf("bit of %d", b[0])
	}
	return b[0] == 1, nil
}

func decodeBytes(_ *Column, b []byte) (any, error) { return b, nil }

// decodeGUID copies, as values of fixed size lie in a buffer of the reader.
func decodeGUID(_ *Column, b []byte) (any, error) { return bytes.Clone(b), nil }

func decodeMoney(_ *Column, b []byte) (any, error) {
	n := int64(uint64(binary.LittleEndian.Uint32(b))<<32 | uint64(binary.LittleEndian.Uint32(b[4:])))
	return scaled(big.NewInt(n), 4), nil
}

func decodeSmallMoney(_ *Column, b []byte) (any, error) {
	return scaled(big.NewInt(int64(int32(binary.LittleEndian.Uint32(b)))), 4), nil
}

func decodeDecimal(c *Column, b []byte) (any, error) {
	if int(b[0]) != c.Precision || int(b[1]) != c.Scale {
		return nil, fmt.Errorf("decimal(%d,%d) in a column of decimal(%d,%d)", b[0], b[1], c.Precision, c.Scale)
	}
	if b[2] > 1 {
		return nil, fmt.Errorf("sign of %d", b[2])
	}
	var big16 [16]byte
	for i := range big16 {
		big16[i] = b[18-i]
	}
	n := new(big.Int).SetBytes(big16[:])
	if len(n.String()) > c.Precision && n.Sign() != 0 {
		return nil, fmt.Errorf("%s has more than %d digits", n, c.Precision)
	}
	if b[2] == 0 {
		n.Neg(n)
	}
	return scaled(n, c.Scale), nil
}

// scaled writes n with a point before the last scale digits.
func scaled(n *big.Int, scale int) []byte {
	digits := new(big.Int).Abs(n).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	if scale > 0 {
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if n.Sign() < 0 {
		digits = "-" + digits
	}
	return []byte(digits)
}

func decodeText(_ *Column, b []byte) (any, error) {
	if len(b)%2 != 0 {
		return nil, fmt.Errorf("text of %d bytes", len(b))
	}
	var s strings.Builder
	s.Grow(len(b) / 2)
	for i := 0; i < len(b); i += 2 {
		r := rune(binary.LittleEndian.Uint16(b[i:]))
		if r < 0xd800 || r > 0xdfff {
			s.WriteRune(r)
			continue
		}
		if r < 0xdc00 && i+3 < len(b) {
			if low := rune(binary.LittleEndian.Uint16(b[i+2:])); low >= 0xdc00 && low <= 0xdfff {
				s.WriteRune(0x10000 + (r-0xd800)<<10 + (low - 0xdc00))
				i += 2
				continue
			}
		}
		// Half of a pair is no character, but a column can hold it: WTF-8, as
		// the driver's text has it.
		s.Write([]byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0x3f, 0x80 | byte(r)&0x3f})
	}
	return s.String(), nil
}

var (
	first1900 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	first1753 = time.Date(1753, 1, 1, 0, 0, 0, 0, time.UTC)
	first1    = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	first1e4  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// decodeDateTime gives milliseconds, as the driver does with ticks of 1/300 s.
func decodeDateTime(_ *Column, b []byte) (any, error) {
	days, ticks := int32(binary.LittleEndian.Uint32(b)), binary.LittleEndian.Uint32(b[4:])
	if ticks >= 24*60*60*300 {
		return nil, fmt.Errorf("time of %d ticks", ticks)
	}
	millis := time.Duration(math.Round(float64(ticks%300)/0.3)) * time.Millisecond
	t := first1900.AddDate(0, 0, int(days)).Add(time.Duration(ticks/300)*time.Second + millis)
	if t.Before(first1753) || !t.Before(first1e4) {
		return nil, fmt.Errorf("date of %d days", days)
	}
	return t, nil
}

func decodeSmallDateTime(_ *Column, b []byte) (any, error) {
	days, minutes := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
	if minutes >= 24*60 {
		return nil, fmt.Errorf("time of %d minutes", minutes)
	}
	return first1900.AddDate(0, 0, int(days)).Add(time.Duration(minutes) * time.Minute), nil
}

func decodeDate(_ *Column, b []byte) (any, error) {
	days := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	t := first1.AddDate(0, 0, days)
	if !t.Before(first1e4) {
		return nil, fmt.Errorf("date of %d days", days)
	}
	return t, nil
}

func decodeTime(_ *Column, b []byte) (any, error) {
	var n uint64
	for i := 4; i >= 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	if n >= 24*60*60*10_000_000 {
		return nil, fmt.Errorf("time of %d ticks", n)
	}
	return first1.Add(time.Duration(n) * 100), nil
}

func decodeDateTime2(c *Column, b []byte) (any, error) {
	clock, err := decodeTime(c, b)
	if err != nil {
		return nil, err
	}
	day, err := decodeDate(c, b[5:])
	if err != nil {
		return nil, err
	}
	return day.(time.Time).Add(clock.(time.Time).Sub(first1)), nil
}

// decodeDateTimeOffset reads a moment in UTC and the offset in minutes.
func decodeDateTimeOffset(c *Column, b []byte) (any, error) {
	t, err := decodeDateTime2(c, b)
	if err != nil {
		return nil, err
	}
	minutes := int(int16(binary.LittleEndian.Uint16(b[8:])))
	if minutes < -14*60 || minutes > 14*60 {
		return nil, fmt.Errorf("offset of %d minutes", minutes)
	}
	return t.(time.Time).In(time.FixedZone("", minutes*60)), nil
}
