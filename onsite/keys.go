package onsite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"

	"omt/migration"
)

// keyColumn is a column of the clustered index by which a table is cut.
type keyColumn struct {
	*migration.Column
	desc bool
}

// keyTypes are the types whose values can be sent back in exactly their own
// type: another one may make the server convert the column, which loses the
// index and, for text, the order. Missing are those that the driver sends as
// others (decimal, money, float, smalldatetime) or that hold equal what differs
// (datetimeoffset).
var keyTypes = map[string]bool{
	"tinyint": true, "smallint": true, "int": true, "bigint": true, "char": true, "varchar": true, "nchar": true, "nvarchar": true,
	"date": true, "datetime": true, "datetime2": true, "uniqueidentifier": true, "binary": true, "varbinary": true,
}

// keyColumns are the leading columns of the clustered index by which a table
// can be cut; none for a heap, or where already the first has another type.
func keyColumns(t *migration.Table) []keyColumn {
	ix := t.Clustered()
	if ix == nil {
		return nil
	}
	var out []keyColumn
	for _, ic := range ix.Columns {
		at := slices.IndexFunc(t.Columns, func(c migration.Column) bool { return c.Name == ic.Name })
		if ic.Included || at < 0 || t.Columns[at].Computed || !keyTypes[t.Columns[at].Type] {
			break
		}
		out = append(out, keyColumn{&t.Columns[at], ic.Descending})
	}
	return out
}

// byInteger tells whether the bounds are plain numbers: a key of one ascending
// integer column.
func byInteger(key []keyColumn) bool {
	if len(key) != 1 || key[0].desc {
		return false
	}
	return strings.HasSuffix(key[0].Type, "int")
}

// unusable is how many rows are tried for a bound when the value of one cannot
// be sent back as it is.
const unusable = 100

// cut finds the key that ends each next rows rows. Rows behind the last bound
// are in the last range, which is open and takes rows that arrive meanwhile.
func (in *Installation) cut(ctx context.Context, t *migration.Table, key []keyColumn, rows int64) ([]migration.Range, error) {
	out := []migration.Range{{}}
	for {
		last := &out[len(out)-1]
		bound, err := in.place(ctx, t, key, last.From, rows)
		if err != nil {
			return nil, in.sqlError("cut table", t.FullName(), err)
		}
		if bound == nil || sameKey(bound, last.From) {
			return out, nil
		}
		last.To = bound
		out = append(out, migration.Range{From: bound})
	}
}

// place is the key of the row that stands rows rows behind after, or of one of
// the next if its value cannot be sent back. nil if there are fewer rows.
func (in *Installation) place(ctx context.Context, t *migration.Table, key []keyColumn, after migration.Key, rows int64) (migration.Key, error) {
	for try := range int64(unusable) {
		w := newWhere(key)
		statement := "SELECT " + names(key) + " FROM " + quoteTable(t) + w.text(after, nil) + " ORDER BY " + order(key) +
			" OFFSET " + w.arg(rows-1+try) + " ROWS FETCH NEXT 1 ROWS ONLY"
		if w.err != nil {
			return nil, w.err
		}
		values, to := make([]any, len(key)), make([]any, len(key))
		for i := range values {
			to[i] = &values[i]
		}
		err := in.db.QueryRowContext(ctx, statement, w.args...).Scan(to...)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if k, ok := keyOf(key, values); ok {
			return k, nil
		}
	}
	return nil, nil
}

func names(key []keyColumn) string {
	list := make([]string, len(key))
	for i, c := range key {
		list[i] = quote(c.Name)
	}
	return strings.Join(list, ", ")
}

func order(key []keyColumn) string {
	list := make([]string, len(key))
	for i, c := range key {
		list[i] = quote(c.Name)
		if c.desc {
			list[i] += " DESC"
		}
	}
	return strings.Join(list, ", ")
}

func sameKey(a, b migration.Key) bool {
	return slices.EqualFunc(a, b, func(x, y *string) bool {
		return x == y || x != nil && y != nil && *x == *y
	})
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
		case int64:
			s = strconv.FormatInt(x, 10)
		case string:
			code := key[i].Type == "char" || key[i].Type == "varchar"
			if strings.ContainsFunc(x, func(r rune) bool { return r == utf8.RuneError || code && r > 0x7e }) {
				return nil, false
			}
			s = x
		case time.Time:
			s = x.Format(time.RFC3339Nano)
		case []byte:
			s = hex.EncodeToString(x)
		default:
			return nil, false
		}
		out[i] = &s
	}
	return out, true
}

// keyArg is a value of a key in the type of its column.
func keyArg(c keyColumn, s string) (any, error) {
	switch c.Type {
	case "tinyint", "smallint", "int", "bigint":
		n, err := strconv.ParseInt(s, 10, 64)
		return keyValue(c.Column, n), err
	case "char", "varchar":
		return mssql.VarChar(s), nil
	case "nchar", "nvarchar":
		return s, nil
	case "date", "datetime", "datetime2":
		t, err := time.Parse(time.RFC3339Nano, s)
		switch c.Type {
		case "date":
			return civil.DateOf(t), err
		case "datetime":
			return mssql.DateTime1(t), err
		}
		return civil.DateTimeOf(t), err
	}
	b, err := hex.DecodeString(s)
	if c.Type == "uniqueidentifier" && err == nil {
		var id mssql.UniqueIdentifier
		err = id.Scan(b)
		return id, err
	}
	return b, err
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

var errKey = fmt.Errorf("bound is not of the table's key: %w", migration.ErrCatalogChanged)
