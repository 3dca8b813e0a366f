package mssql

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"omt/onsite/sample/tds"
)

// classes of types that are kept alike.
const (
	classInt = iota
	classFloat
	classExact
	classTime
	classText
	classBytes
	classGUID
)

func class(name string) int {
	switch name {
	case "bit", "tinyint", "smallint", "int", "bigint":
		return classInt
	case "real", "float":
		return classFloat
	case "money", "smallmoney", "decimal", "numeric":
		return classExact
	case "date", "time", "datetime", "smalldatetime", "datetime2", "datetimeoffset":
		return classTime
	case "binary", "varbinary", "timestamp", "image":
		return classBytes
	case "uniqueidentifier":
		return classGUID
	}
	return classText
}

// sameClass tells whether two columns are kept alike, so that SQLite compares
// them as SQL Server would.
func sameClass(a, b tds.Type) bool {
	switch class(a.Name) {
	case classExact:
		return class(b.Name) == classExact && exactScale(a) == exactScale(b) && isWide(a) == isWide(b)
	case classTime:
		return a.Name == b.Name
	}
	return class(a.Name) == class(b.Name)
}

// meet converts a literal or parameter to what is kept of the column that it is
// compared with by op, where the column stands on the left. Where the value lies
// between two possible values of the column it is rounded so that the comparison
// keeps its result. That is how SQL Server behaves, which converts the column.
func (b *binder) meet(t tds.Type, e *expr, op string) (any, error) {
	p := tds.Param{Type: tds.Type{Name: "nvarchar"}, Value: e.name}
	switch e.kind {
	case nullExpr:
		return nil, nil
	case intExpr:
		p.Type.Name, p.Value = "numeric", tds.Decimal(e.name)
	case paramExpr:
		var err error
		if p, err = b.param(e.name); err != nil || p.Value == nil {
			return nil, err
		}
	case castExpr:
		var err error
		if p, err = b.typed(e); err != nil || p.Value == nil {
			return nil, err
		}
	}
	switch class(t.Name) {
	case classInt, classExact:
		return meetNumber(t, p, op)
	case classFloat:
		return meetFloat(t, p)
	case classTime:
		return meetTime(t, p, op)
	case classText:
		if s, ok := p.Value.(string); ok {
			return s, nil
		}
	case classBytes:
		if v, ok := p.Value.([]byte); ok {
			return bytesToLite(tds.Type{Name: "varbinary", Length: -1}, v)
		}
	case classGUID:
		return meetGUID(p)
	}
	return nil, errClash(p.Type.Name, t.Name)
}

// up tells whether a value between two possible ones is rounded up.
func up(op string) bool { return op == ">=" || op == "<" }

// number reads any numeric value exactly.
func number(p tds.Param) (*big.Rat, bool) {
	switch v := p.Value.(type) {
	case int64:
		return new(big.Rat).SetInt64(v), true
	case bool:
		if v {
			return big.NewRat(1, 1), true
		}
		return new(big.Rat), true
	case float64:
		r := new(big.Rat).SetFloat64(v)
		return r, r != nil
	case tds.Decimal:
		return decimalRat(string(v))
	case string:
		return decimalRat(strings.TrimSpace(v))
	}
	return nil, false
}

// decimalRat reads plain decimal text; other forms that Rat knows are refused,
// one of which takes unbounded memory.
func decimalRat(s string) (*big.Rat, bool) {
	if len(s) > 64 || strings.Trim(s, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func meetNumber(t tds.Type, p tds.Param, op string) (any, error) {
	r, ok := number(p)
	if !ok {
		if _, text := p.Value.(string); text {
			return nil, errConversion(p.Value, t.Name)
		}
		return nil, errClash(p.Type.Name, t.Name)
	}
	scale := new(big.Int)
	if class(t.Name) == classExact {
		scale.Exp(big.NewInt(10), big.NewInt(int64(exactScale(t))), nil)
	} else {
		scale.SetInt64(1)
	}
	r = new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	n := new(big.Int).Div(r.Num(), r.Denom()) // rounds down: the denominator is positive
	if !r.IsInt() {
		if op == "=" {
			return nil, nil // equal to no value of the column
		}
		if up(op) {
			n.Add(n, big.NewInt(1))
		}
	}
	if isWide(t) {
		limit := new(big.Int).Sub(decimalBias, big.NewInt(1))
		if n.CmpAbs(limit) > 0 {
			n.Mul(limit, big.NewInt(int64(n.Sign())))
		}
		return storeExact(t, n), nil
	}
	switch {
	case n.IsInt64():
		return n.Int64(), nil
	case n.Sign() < 0:
		return int64(math.MinInt64), nil
	}
	return int64(math.MaxInt64), nil
}

func meetFloat(t tds.Type, p tds.Param) (any, error) {
	if s, ok := p.Value.(string); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil, errConversion(s, t.Name)
		}
		return f, nil
	}
	r, ok := number(p)
	if !ok {
		return nil, errClash(p.Type.Name, t.Name)
	}
	f, _ := r.Float64()
	return f, nil
}

// steps tells for a time type that is kept as an integer how many units a day
// has, and the ratio of that to the 100 ns of a day in lowest terms.
var steps = map[string]struct{ day, num, den int64 }{
	"date":          {1, 1, clockPerDay},
	"smalldatetime": {24 * 60, 1, 600_000_000},
	"datetime":      {86400 * 300, 3, 100_000},
	"datetime2":     {clockPerDay, 1, 1},
	"time":          {clockPerDay, 1, 1},
}

// daysTo1900 is the first day of datetime and smalldatetime.
const daysTo1900 = 693595

func meetTime(t tds.Type, p tds.Param, op string) (any, error) {
	x, ok := p.Value.(time.Time)
	if s, text := p.Value.(string); text {
		var err error
		if x, err = parseTime(s); err != nil {
			return nil, &tds.Error{Number: 241, Class: 16, State: 1, Message: "Conversion failed when converting date and/or time from character string."}
		}
		ok = true
		p.Type.Name = t.Name
	}
	if !ok || (t.Name == "time") != (p.Type.Name == "time") {
		return nil, errClash(p.Type.Name, t.Name)
	}
	if t.Name == p.Type.Name && t.Name == "datetime" {
		return tds.DateTimeTicks(x), nil
	}
	if p.Type.Name == "datetimeoffset" {
		x = x.UTC() // the column is taken to be UTC
	}
	days, clock := tds.Days(x), tds.Clock(x)
	if p.Type.Name == "datetime" {
		// 1/300 s has seven digits when it becomes one of the newer types.
		ticks := tds.DateTimeTicks(x) - (days-daysTo1900)*steps["datetime"].day
		clock = (ticks*100_000 + 1) / 3
	}
	if t.Name == "datetimeoffset" {
		return instant(days*clockPerDay + clock), nil
	}
	switch t.Name {
	case "smalldatetime", "datetime":
		days -= daysTo1900
	case "time":
		days = 0
	}
	// The largest step whose own seven digits are not above the value.
	s := steps[t.Name]
	shown := func(n int64) int64 { return (n*s.den + s.num/2) / s.num }
	part := clock * s.num / s.den
	if shown(part+1) <= clock {
		part++
	}
	if shown(part) != clock {
		if op == "=" {
			return nil, nil // equal to no value of the column
		}
		if up(op) {
			part++
		}
	}
	return days*s.day + part, nil
}

// instant is what is compared of a datetimeoffset: when it was, not where.
func instant(clock int64) any {
	out := make([]byte, 8)
	putBig(out, uint64(clock))
	return out
}

// parseTime reads the forms of a date that do not depend on the language.
func parseTime(s string) (time.Time, error) {
	var t time.Time
	var err error
	for _, layout := range []string{"20060102", "2006-01-02T15:04:05.9999999", "20060102 15:04:05.9999999", "15:04:05.9999999", "2006-01-02"} {
		if t, err = time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t, nil
		}
	}
	return t, err
}

func meetGUID(p tds.Param) (any, error) {
	switch v := p.Value.(type) {
	case []byte:
		if len(v) == 16 {
			return guidToLite(v), nil
		}
	case string:
		raw, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(v, "{}"), "-", ""))
		if err != nil || len(raw) != 16 {
			return nil, &tds.Error{Number: 8169, Class: 16, State: 2, Message: "Conversion failed when converting from a character string to uniqueidentifier."}
		}
		// The text shows the first three groups the other way round.
		mixed := []byte{raw[3], raw[2], raw[1], raw[0], raw[5], raw[4], raw[7], raw[6]}
		return guidToLite(append(mixed, raw[8:]...)), nil
	}
	return nil, errClash(p.Type.Name, "uniqueidentifier")
}
