package bacpac

import (
	"errors"
	"fmt"

	"omt/migration"
)

// column encodes the values of one column of one part.
type column struct {
	name string
	// put appends a value that is not NULL.
	put      func(s *sink, c *column, v any) error
	nullable bool
	prefix   int // bytes of the length prefix, 0 for none
	length   int // declared bytes, -1 for max, 0 if the type has none
	prec     uint8
	scale    uint8
}

// carrier is how one SQL type lies in a data part.
type carrier struct {
	prefix int // bytes of the length prefix
	// always tells that the prefix is there for NOT NULL columns too.
	always bool
	put    func(s *sink, c *column, v any) error
}

// carriers are the types that the format holds, by their name in sys.types.
//
// Confirmed by packages that DacFx wrote: the integers, bit, uniqueidentifier,
// decimal, money, date, datetime, datetime2(7), datetimeoffset(7) (its NULL),
// char to nvarchar, the max types, xml, binary and varbinary.
//
// Not confirmed by a package are smallmoney, real, float, smalldatetime, time,
// the date types below scale 7 with a value, text, ntext and image. They follow
// the published tables:
//   - prefix lengths: "Specify Prefix Length in Data Files by Using bcp", table
//     "Prefix Lengths for Bulk Export", columns native NOT NULL and NULL. Where
//     that table and packages differ (bit NOT NULL), the packages win.
//   - time, datetime2, datetimeoffset: "Bulk Copy Changes for Enhanced Date and
//     Time Types": native files hold the TDS form with a scale of 7 whatever
//     the column declares, because the file does not store the scale.
//   - smallmoney, real, float, smalldatetime, text, ntext, image: the storage
//     formats of [MS-BCP] 2.3, which are those of TDS.
var carriers = map[string]*carrier{
	"tinyint":          {prefix: 1, put: putTinyInt},
	"smallint":         {prefix: 1, put: putSmallInt},
	"int":              {prefix: 1, put: putInt},
	"bigint":           {prefix: 1, put: putBigInt},
	"real":             {prefix: 1, put: putReal},
	"float":            {prefix: 1, put: putFloat},
	"money":            {prefix: 1, put: putMoney},
	"smallmoney":       {prefix: 1, put: putSmallMoney},
	"datetime":         {prefix: 1, put: putDateTime},
	"smalldatetime":    {prefix: 1, put: putSmallDateTime},
	"date":             {prefix: 1, put: putDate},
	"time":             {prefix: 1, put: putTime},
	"datetime2":        {prefix: 1, put: putDateTime2},
	"datetimeoffset":   {prefix: 1, put: putDateTimeOffset},
	"bit":              {prefix: 1, always: true, put: putBit},
	"uniqueidentifier": {prefix: 1, always: true, put: putGUID},
	"decimal":          {prefix: 1, always: true, put: putDecimal},
	"numeric":          {prefix: 1, always: true, put: putDecimal},
	"char":             {prefix: 2, always: true, put: putText},
	"varchar":          {prefix: 2, always: true, put: putText},
	"nchar":            {prefix: 2, always: true, put: putText},
	"nvarchar":         {prefix: 2, always: true, put: putText},
	"binary":           {prefix: 2, always: true, put: putBytes},
	"varbinary":        {prefix: 2, always: true, put: putBytes},
	"xml":              {prefix: 8, always: true, put: putText},
	"text":             {prefix: 4, always: true, put: putText},
	"ntext":            {prefix: 4, always: true, put: putText},
	"image":            {prefix: 4, always: true, put: putBytes},
}

// carriedType is the column as it arrives: a rowversion becomes binary(8),
// because the importing server makes its own values for a rowversion and would
// refuse ours, and sysname is nvarchar(128).
func carriedType(c migration.Column) migration.Column {
	switch c.Type {
	case "timestamp", "rowversion":
		c.Type, c.MaxLength = "binary", 8
	case "sysname":
		c.Type = "nvarchar"
	}
	return c
}

func newColumn(c migration.Column) (column, error) {
	c = carriedType(c)
	k, ok := carriers[c.Type]
	if !ok {
		return column{}, fmt.Errorf("type %s: %w", c.Type, migration.ErrUncarriable)
	}
	out := column{name: c.Name, put: k.put, nullable: c.Nullable, prec: c.Precision, scale: c.Scale}
	if k.always || c.Nullable {
		out.prefix = k.prefix
	}
	switch c.Type {
	case "char", "varchar", "nchar", "nvarchar", "binary", "varbinary":
		if err := out.setLength(c); err != nil {
			return column{}, err
		}
	case "xml", "text", "ntext", "image":
		out.length = -1
	case "decimal", "numeric":
		if c.Precision < 1 || c.Precision > 38 || c.Scale > c.Precision {
			return column{}, fmt.Errorf("type %s: precision %d and scale %d do not exist", c.Type, c.Precision, c.Scale)
		}
	case "time", "datetime2", "datetimeoffset":
		if c.Scale > 7 {
			return column{}, fmt.Errorf("type %s: scale %d outside 0 to 7", c.Type, c.Scale)
		}
	}
	return out, nil
}

// setLength takes over the declared length. MaxLength of char and varchar
// counts bytes of the code page; a value of so many characters has twice as
// many bytes in UTF-16.
func (c *column) setLength(from migration.Column) error {
	n := from.MaxLength
	switch {
	case n == -1:
		c.prefix, c.length = 8, -1
		return nil
	case n < 1 || n > 8000:
		return fmt.Errorf("type %s: length %d outside 1 to 8000", from.Type, n)
	case from.Type == "char" || from.Type == "varchar":
		n *= 2
	}
	c.length = n
	return nil
}

var errNull = errors.New("NULL in a column that is NOT NULL")

// null appends the NULL of the column.
func (c *column) null(s *sink) error {
	if !c.nullable {
		return errNull
	}
	for range c.prefix {
		s.buf = append(s.buf, 0xff)
	}
	return nil
}

// short appends the length prefix of a value of fixed size, if it has one.
func (c *column) short(s *sink, size byte) {
	if c.prefix == 1 {
		s.buf = append(s.buf, size)
	}
}

func wrongType(v any) error {
	return fmt.Errorf("value of Go type %T does not belong to the column", v)
}
