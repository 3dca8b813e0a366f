package onsite

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

// keyTypes are the types whose values can be sent back in exactly their own
// type: another one may make the server convert the column, which loses the
// index and, for text, the order. Where the driver sends another type the
// statement makes it the column's (exactly). Missing are those that cannot be a
// key, and rowversion, which the server gives anew with every change of a row.
var keyTypes = map[string]bool{
	"bit": true, "tinyint": true, "smallint": true, "int": true, "bigint": true, "real": true, "float": true,
	"decimal": true, "numeric": true, "money": true, "smallmoney": true,
	"char": true, "varchar": true, "nchar": true, "nvarchar": true,
	"date": true, "time": true, "smalldatetime": true, "datetime": true, "datetime2": true, "datetimeoffset": true,
	"uniqueidentifier": true, "binary": true, "varbinary": true,
}

// sentScale is the scale in which the driver sends times.
const sentScale = 7

// exactly is the parameter of a key's value in the type of its column. The
// driver has no decimal, money and smalldatetime of its own, and one scale for
// all times.
func (c keyColumn) exactly(mark string) string {
	switch c.Type {
	case "decimal", "numeric":
		return fmt.Sprintf("CAST(%s AS %s(%d, %d))", mark, c.Type, c.Precision, c.Scale)
	case "money", "smallmoney", "smalldatetime":
		return "CAST(" + mark + " AS " + c.Type + ")"
	case "time", "datetime2", "datetimeoffset":
		if c.Scale < sentScale {
			return fmt.Sprintf("CAST(%s AS %s(%d))", mark, c.Type, c.Scale)
		}
	}
	return mark
}

// exact tells the types that the driver delivers as the text of a number.
func exact(kind string) bool {
	return kind == "decimal" || kind == "numeric" || kind == "money" || kind == "smallmoney"
}

// keyOf writes the values of a key down; false if one of them would be sent
// back as another: text that is not ASCII in a column of a code page, which the
// driver does not know, and half of a surrogate pair, which it replaces.
func keyOf(key []keyColumn, values []any) (migration.Key, bool) {
	out := make(migration.Key, len(values))
	for i, v := range values {
		var s string
		switch x := v.(type) {
		case nil:
			continue
		case bool:
			s = strconv.FormatBool(x)
		case int64:
			s = strconv.FormatInt(x, 10)
		case float64:
			s = strconv.FormatFloat(x, 'g', -1, 64)
		case string:
			code := key[i].Type == "char" || key[i].Type == "varchar"
			if strings.ContainsFunc(x, func(r rune) bool { return r == utf8.RuneError || code && r > 0x7e }) {
				return nil, false
			}
			s = x
		case time.Time:
			s = x.Format(time.RFC3339Nano)
		case []byte:
			if s = hex.EncodeToString(x); exact(key[i].Type) {
				s = string(x)
			}
		default:
			return nil, false
		}
		out[i] = &s
	}
	return out, true
}

// keyArg is a value of a key for the driver, in the type of its column or in
// the one that exactly makes that of.
func keyArg(c keyColumn, s string) (any, error) {
	switch c.Type {
	case "bit":
		return strconv.ParseBool(s)
	case "tinyint", "smallint", "int", "bigint":
		n, err := strconv.ParseInt(s, 10, 64)
		return keyValue(c.Column, n), err
	case "real":
		f, err := strconv.ParseFloat(s, 32)
		return float32(f), err
	case "float":
		return strconv.ParseFloat(s, 64)
	case "decimal", "numeric", "money", "smallmoney":
		return s, wellFormed(s)
	case "char", "varchar":
		return mssql.VarChar(s), nil
	case "nchar", "nvarchar":
		return s, nil
	case "date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset":
		return momentArg(c.Type, s)
	}
	b, err := hex.DecodeString(s)
	if c.Type == "uniqueidentifier" && err == nil {
		var id mssql.UniqueIdentifier
		err = id.Scan(b)
		return id, err
	}
	return b, err
}

// momentArg is a time for the driver, which sends a time.Time as
// datetimeoffset whatever the column is.
func momentArg(kind, s string) (any, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	switch kind {
	case "date":
		return civil.DateOf(t), err
	case "time":
		return civil.TimeOf(t), err
	case "datetime", "smalldatetime":
		return mssql.DateTime1(t), err
	case "datetimeoffset":
		return mssql.DateTimeOffset(t), err
	}
	return civil.DateTimeOf(t), err
}

// wellFormed refuses what is not the text of a number, so that the server is
// never asked to make one of it.
func wellFormed(s string) error {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if !digits(whole) || point && !digits(fraction) {
		return errKey
	}
	return nil
}

// keyValue is a bound in the type of its column: a bigint against an int column
// may make the server convert the column and lose the index.
func keyValue(c *migration.Column, v int64) any {
	switch {
	case c.Type == "tinyint" && v >= 0 && v <= math.MaxUint8:
		return uint8(v)
	case c.Type == "smallint":
		return int16(v)
	case c.Type == "int":
		return int32(v)
	}
	return v
}
