package mssql

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"omt/onsite/sample/tds"
)

// fromLite converts what SQLite keeps to what the protocol takes; the inverse
// of toLite.
func fromLite(t tds.Type, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch t.Name {
	case "real", "float":
		switch x := v.(type) {
		case float64:
			return x, nil
		case int64:
			return float64(x), nil
		}
	case "decimal", "numeric", "money", "smallmoney":
		return exactFromLite(t, v)
	case "datetimeoffset":
		if b, ok := v.([]byte); ok && len(b) == 10 {
			clock := int64(binary.BigEndian.Uint64(b))
			minutes := int(binary.BigEndian.Uint16(b[8:])) - 1<<15
			return tds.FromClock(clock/clockPerDay, clock%clockPerDay).In(time.FixedZone("", 60*minutes)), nil
		}
	case "uniqueidentifier":
		if b, ok := v.([]byte); ok && len(b) == 16 {
			out := make([]byte, 16)
			for i, at := range guidOrder {
				out[at] = b[i]
			}
			return out, nil
		}
	case "binary", "varbinary", "image", "timestamp":
		switch x := v.(type) {
		case []byte:
			return x, nil
		case string:
			return []byte(x), nil
		}
	case "char", "varchar", "nchar", "nvarchar", "text", "ntext", "xml":
		switch x := v.(type) {
		case string:
			return x, nil
		case []byte:
			return string(x), nil
		}
	default:
		if n, ok := v.(int64); ok {
			return intFromLite(t, n), nil
		}
	}
	return nil, fmt.Errorf("stored value of type %T is no %s", v, t.Name)
}

// intFromLite converts the types that are kept as integers.
func intFromLite(t tds.Type, n int64) any {
	switch t.Name {
	case "bit":
		return n != 0
	case "date":
		return tds.FromClock(n, 0)
	case "time":
		return tds.FromClock(0, n)
	case "datetime2":
		return tds.FromClock(n/clockPerDay, n%clockPerDay)
	case "datetime":
		return tds.FromDateTimeTicks(n)
	case "smalldatetime":
		return tds.FromMinutes(n)
	}
	return n
}

func exactFromLite(t tds.Type, v any) (any, error) {
	scale := exactScale(t)
	switch x := v.(type) {
	case int64:
		return []byte(tds.FormatScaledInt(x, scale)), nil
	case []byte:
		if isWide(t) && len(x) == 17 {
			n := new(big.Int).SetBytes(x)
			return []byte(tds.FormatScaled(n.Sub(n, decimalBias), scale)), nil
		}
	}
	return nil, fmt.Errorf("stored value of type %T is no %s", v, t.Name)
}
