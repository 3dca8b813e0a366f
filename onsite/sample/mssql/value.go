package mssql

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf16"

	"omt/migration"
	"omt/onsite/sample/tds"
)

// How SQL values lie in SQLite. The order of what is stored is the order of SQL
// Server, so that ranges of a key mean there what they mean here:
//
//	bit, integers           integer
//	real, float             real
//	money, smallmoney       integer, units of 1/10,000
//	decimal, numeric        integer in units of the scale; above 18 digits 17 bytes
//	date                    integer, days from 0001-01-01
//	time                    integer, units of 100 ns
//	datetime2               integer, units of 100 ns from 0001-01-01
//	datetime, smalldatetime integer, 1/300 s and minutes from 1900-01-01
//	datetimeoffset          10 bytes: UTC as datetime2, then the offset
//	text, xml               text
//	binary, timestamp       bytes
//	uniqueidentifier        16 bytes in the order in which SQL Server compares
//
// Bytes of length zero are stored as empty text, since the SQLite driver makes
// NULL of them.

const clockPerDay = 86400 * 10_000_000

// toLite converts a value as go-mssqldb delivers it to what SQLite keeps.
func toLite(t tds.Type, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	switch t.Name {
	case "bit":
		return bitToLite(v)
	case "tinyint", "smallint", "int", "bigint":
		if n, ok := v.(int64); ok && inRange(t.Name, n) {
			return n, nil
		}
	case "real", "float":
		if x, ok := v.(float64); ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
			if t.Name == "real" {
				x = float64(float32(x))
			}
			return x, nil
		}
	case "money", "smallmoney", "decimal", "numeric":
		return exactToLite(t, v)
	case "date", "time", "datetime2", "datetime", "smalldatetime", "datetimeoffset":
		if x, ok := v.(time.Time); ok {
			return timeToLite(t, x), nil
		}
	case "uniqueidentifier":
		if b, ok := v.([]byte); ok && len(b) == 16 {
			return guidToLite(b), nil
		}
	case "binary", "varbinary", "image", "timestamp":
		if b, ok := v.([]byte); ok {
			return bytesToLite(t, b)
		}
	default:
		return textToLite(t, v)
	}
	return nil, fmt.Errorf("value %v of type %T does not fit %s", v, v, t.Name)
}

func bitToLite(v any) (any, error) {
	switch x := v.(type) {
	case bool:
		if x {
			return int64(1), nil
		}
		return int64(0), nil
	case int64:
		if x == 0 || x == 1 {
			return x, nil
		}
	}
	return nil, fmt.Errorf("value %v of type %T does not fit bit", v, v)
}

func inRange(typ string, n int64) bool {
	switch typ {
	case "tinyint":
		return n >= 0 && n <= 255
	case "smallint":
		return n == int64(int16(n))
	case "int":
		return n == int64(int32(n))
	}
	return true
}

// exactScale is the scale of an exact numeric type.
func exactScale(t tds.Type) uint8 {
	if t.Name == "money" || t.Name == "smallmoney" {
		return 4
	}
	return t.Scale
}

func exactToLite(t tds.Type, v any) (any, error) {
	var text string
	switch x := v.(type) {
	case []byte:
		text = string(x)
	case string:
		text = x
	case tds.Decimal:
		text = string(x)
	case int64:
		text = strconv.FormatInt(x, 10)
	default:
		return nil, fmt.Errorf("value of type %T does not fit %s", v, t.Name)
	}
	n, err := tds.ParseScaled(text, exactScale(t))
	if err != nil {
		return nil, err
	}
	fits := n.IsInt64()
	switch t.Name {
	case "smallmoney":
		fits = fits && n.Int64() == int64(int32(n.Int64()))
	case "decimal", "numeric":
		fits = n.CmpAbs(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Precision)), nil)) < 0
	}
	if !fits {
		return nil, fmt.Errorf("value %s does not fit %s(%d,%d)", text, t.Name, t.Precision, t.Scale)
	}
	return storeExact(t, n), nil
}

func isWide(t tds.Type) bool {
	return (t.Name == "decimal" || t.Name == "numeric") && t.Precision > 18
}

// decimalBias makes negative numbers sort before positive ones as bytes.
var decimalBias = new(big.Int).Lsh(big.NewInt(1), 135)

func storeExact(t tds.Type, n *big.Int) any {
	if !isWide(t) {
		return n.Int64()
	}
	out := make([]byte, 17)
	new(big.Int).Add(n, decimalBias).FillBytes(out)
	return out
}

func timeToLite(t tds.Type, x time.Time) any {
	switch t.Name {
	case "date":
		return tds.Days(x)
	case "time":
		return trim(tds.Clock(x), t.Scale)
	case "datetime2":
		return tds.Days(x)*clockPerDay + trim(tds.Clock(x), t.Scale)
	case "smalldatetime":
		return tds.Minutes(x)
	case "datetime":
		return tds.DateTimeTicks(x)
	}
	_, secs := x.Zone()
	u := x.UTC()
	out := make([]byte, 10)
	putBig(out, uint64(tds.Days(u)*clockPerDay+trim(tds.Clock(u), t.Scale)))
	offset := uint16(secs/60 + 1<<15)
	out[8], out[9] = byte(offset>>8), byte(offset)
	return out
}

func putBig(b []byte, v uint64) {
	for i := range 8 {
		b[i] = byte(v >> (56 - 8*i))
	}
}

// trim cuts what the scale does not hold.
func trim(clock int64, scale uint8) int64 {
	u := int64(1)
	for i := scale; i < 7; i++ {
		u *= 10
	}
	return clock / u * u
}

// guidOrder is the order in which SQL Server compares the bytes of a
// uniqueidentifier: the last group first (System.Data.SqlTypes.SqlGuid).
var guidOrder = [16]int{10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3}

func guidToLite(b []byte) []byte {
	out := make([]byte, 16)
	for i, at := range guidOrder {
		out[i] = b[at]
	}
	return out
}

func bytesToLite(t tds.Type, b []byte) (any, error) {
	if t.Length >= 0 && t.Name != "image" && len(b) > t.Length {
		return nil, fmt.Errorf("value of %d bytes does not fit %s(%d)", len(b), t.Name, t.Length)
	}
	if len(b) == 0 {
		return "", nil
	}
	return b, nil
}

func textToLite(t tds.Type, v any) (any, error) {
	var s string
	switch x := v.(type) {
	case string:
		s = x
	case []byte:
		s = string(x)
	default:
		return nil, fmt.Errorf("value of type %T does not fit %s", v, t.Name)
	}
	switch t.Name {
	case "nchar", "nvarchar":
		if t.Length >= 0 && 2*utf16Len(s) > t.Length {
			return nil, fmt.Errorf("text of %d characters does not fit %s(%d)", utf16Len(s), t.Name, t.Length/2)
		}
	case "char", "varchar":
		if n := len([]rune(s)); t.Length >= 0 && n > t.Length {
			return nil, fmt.Errorf("text of %d characters does not fit %s(%d)", n, t.Name, t.Length)
		}
	}
	return s, nil
}

// utf16Len counts UTF-16 units, of half a pair one.
func utf16Len(s string) int {
	if n, ok := migration.UTF16Length(s); ok {
		return int(n / 2)
	}
	return len(utf16.Encode([]rune(s)))
}
