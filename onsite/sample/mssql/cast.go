package mssql

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"omt/onsite/sample/tds"
)

// typed is a parameter that a cast makes another type, as far as the statements
// of the list do that: text becomes a number, datetime a smalldatetime, and the
// newer times change their scale. All are rounded, as SQL Server does it.
func (b *binder) typed(e *expr) (tds.Param, error) {
	p, err := b.param(e.args[0].name)
	if err != nil {
		return p, err
	}
	from := p.Type.Name
	var ok bool
	if p.Type, ok = sizedType(e.typ); !ok {
		return p, errSyntax(e.typ)
	}
	switch to := p.Type.Name; {
	case class(to) == classExact && (from == "nvarchar" || from == "varchar"):
	case to == "smalldatetime" && from == "datetime", class(to) == classTime && to == from:
	default:
		return p, errSyntax(e.typ)
	}
	switch v := p.Value.(type) {
	case string:
		p.Value, err = castNumber(p.Type, v)
	case time.Time:
		p.Value, err = castTime(p.Type, v)
	}
	return p, err
}

// sizedType reads a type with the numbers that belong to it: both of a decimal,
// the scale of a time.
func sizedType(text string) (tds.Type, bool) {
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	var sizes []uint8
	for _, s := range strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			return tds.Type{}, false
		}
		sizes = append(sizes, uint8(n))
	}
	t := tds.Type{Name: name}
	switch name {
	case "decimal", "numeric":
		if len(sizes) != 2 || sizes[0] < 1 || sizes[0] > 38 || sizes[1] > sizes[0] {
			return t, false
		}
		t.Precision, t.Scale = sizes[0], sizes[1]
		return t, true
	case "time", "datetime2", "datetimeoffset":
		if len(sizes) != 1 || sizes[0] > 7 {
			return t, false
		}
		t.Scale = sizes[0]
		return t, true
	}
	return t, sizes == nil
}

func castNumber(t tds.Type, text string) (any, error) {
	n, err := tds.ParseScaled(text, exactScale(t))
	switch {
	case err != nil && (t.Name == "decimal" || t.Name == "numeric"):
		return nil, &tds.Error{Number: 8114, Class: 16, State: 5, Message: "Error converting data type nvarchar to " + t.Name + "."}
	case err != nil:
		return nil, &tds.Error{Number: 235, Class: 16, State: 0, Message: "Cannot convert a char value to money. The char value has incorrect syntax."}
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Precision)), nil)
	fits := n.CmpAbs(limit) < 0
	switch t.Name {
	case "money":
		fits = n.IsInt64()
	case "smallmoney":
		fits = n.IsInt64() && n.Int64() == int64(int32(n.Int64()))
	}
	if !fits {
		return nil, &tds.Error{Number: 8115, Class: 16, State: 6, Message: fmt.Sprintf("Arithmetic overflow error converting nvarchar to data type %s.", t.Name)}
	}
	return tds.Decimal(tds.FormatScaled(n, exactScale(t))), nil
}

func castTime(t tds.Type, x time.Time) (any, error) {
	if t.Name != "smalldatetime" {
		step := time.Second
		for range t.Scale {
			step /= 10
		}
		return x.Round(step), nil
	}
	minutes := tds.Minutes(x)
	if minutes < 0 || minutes >= (1<<16)*24*60 {
		return nil, &tds.Error{Number: 242, Class: 16, State: 3, Message: "The conversion of a datetime data type to a smalldatetime data type resulted in an out-of-range value."}
	}
	return tds.FromMinutes(minutes), nil
}
