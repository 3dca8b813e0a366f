package tds

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"time"
)

// nullShort and nullLong are lengths that mean NULL; plpUnknown a total length
// that is not told in advance.
const (
	nullShort  = 0xffff
	nullLong   = 0xffffffff
	nullPLP    = 0xffffffffffffffff
	plpUnknown = 0xfffffffffffffffe
)

// param reads one parameter, [MS-TDS] 2.2.6.6.
func (c *cursor) param() Param {
	p := Param{Name: c.bvar()}
	c.byte() // by reference, default: no procedure of ours gives values back
	id := c.byte()
	switch id {
	case idNull:
		p.Type = Type{Name: "nvarchar", Length: 2}
	case idTinyInt, idBit, idSmallInt, idInt, idBigInt, idReal, idFloat, idMoney, idSmallMoney, idDateTime, idSmallDateTime:
		c.fixedParam(&p, id)
	case idIntN, idBitN, idFloatN, idMoneyN, idDateTimeN, idGUID, idDecimalN, idNumericN:
		c.sizedParam(&p, id)
	case idDateN, idTimeN, idDateTime2N, idDateTimeOffN:
		c.clockParam(&p, id)
	case idBigVarBinary, idBigVarChar, idBigBinary, idBigChar, idNVarChar, idNChar:
		c.shortParam(&p, id)
	case idText, idNText, idImage:
		c.longParam(&p, id)
	case idXML:
		if c.byte() != 0 {
			c.fail("xml parameter with a schema")
		}
		p.Type = Type{Name: "xml", Length: -1}
		if raw, ok := c.chunks(); ok {
			p.Value = decodeUTF16(bytes.TrimPrefix(raw, []byte{0xff, 0xfe}))
		}
	default:
		c.fail("parameter of type %#x", id)
	}
	return p
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = malformed(format, args...)
	}
}

func (c *cursor) fixedParam(p *Param, id byte) {
	for name, f := range fixed {
		if f.id == id {
			p.Type = Type{Name: name, Length: f.size}
			p.Value = fixedValue(name, c.take(f.size))
		}
	}
}

// sizedParam reads the types whose values have a length byte.
func (c *cursor) sizedParam(p *Param, id byte) {
	size := int(c.byte())
	switch id {
	case idGUID:
		p.Type = Type{Name: "uniqueidentifier", Length: 16}
	case idDecimalN, idNumericN:
		p.Type = Type{Name: "decimal", Length: size, Precision: c.byte(), Scale: c.byte()}
		if id == idNumericN {
			p.Type.Name = "numeric"
		}
	default:
		for name, f := range fixed {
			if f.idN == id && f.size == size {
				p.Type = Type{Name: name, Length: size}
			}
		}
	}
	if p.Type.Name == "" || p.Type.Precision > 38 || p.Type.Scale > p.Type.Precision {
		c.fail("parameter type %#x of %d bytes", id, size)
	}
	n := int(c.byte())
	raw := c.take(n)
	if c.err != nil || n == 0 {
		return
	}
	decimal := id == idDecimalN || id == idNumericN
	switch {
	case decimal && (n == 5 || n == 9 || n == 13 || n == 17):
		p.Value = decimalValue(raw, p.Type.Scale)
	case decimal || n != p.Type.Length:
		c.fail("parameter value of %d bytes for %s", n, p.Type.Name)
	case id == idGUID:
		p.Value = bytes.Clone(raw)
	default:
		p.Value = fixedValue(p.Type.Name, raw)
	}
}

// fixedValue decodes a value of one of the types in fixed; nil for no bytes.
func fixedValue(name string, raw []byte) any {
	if raw == nil {
		return nil
	}
	switch name {
	case "bit":
		return raw[0] != 0
	case "tinyint":
		return int64(raw[0])
	case "smallint":
		return int64(int16(binary.LittleEndian.Uint16(raw)))
	case "int":
		return int64(int32(binary.LittleEndian.Uint32(raw)))
	case "bigint":
		return int64(binary.LittleEndian.Uint64(raw))
	case "real":
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	case "float":
		return math.Float64frombits(binary.LittleEndian.Uint64(raw))
	case "smallmoney":
		return Decimal(FormatScaledInt(int64(int32(binary.LittleEndian.Uint32(raw))), 4))
	case "money":
		hi, lo := binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint32(raw[4:])
		return Decimal(FormatScaledInt(int64(hi)<<32|int64(lo), 4))
	case "smalldatetime":
		days, minutes := int64(binary.LittleEndian.Uint16(raw)), int64(binary.LittleEndian.Uint16(raw[2:]))
		return FromMinutes(days*minutesADay + minutes)
	}
	days, ticks := int64(int32(binary.LittleEndian.Uint32(raw))), int64(binary.LittleEndian.Uint32(raw[4:]))
	return FromDateTimeTicks(days*ticksPerDay + ticks)
}

func decimalValue(raw []byte, scale uint8) Decimal {
	mag := make([]byte, len(raw)-1)
	for i := range mag {
		mag[i] = raw[len(raw)-1-i]
	}
	v := new(big.Int).SetBytes(mag)
	if raw[0] == 0 {
		v.Neg(v)
	}
	return Decimal(FormatScaled(v, scale))
}

// clockParam reads date, time, datetime2 and datetimeoffset.
func (c *cursor) clockParam(p *Param, id byte) {
	p.Type.Name = map[byte]string{idDateN: "date", idTimeN: "time", idDateTime2N: "datetime2", idDateTimeOffN: "datetimeoffset"}[id]
	want := 0
	if id != idDateN {
		if p.Type.Scale = c.byte(); p.Type.Scale > 7 {
			c.fail("scale %d of %s", p.Type.Scale, p.Type.Name)
		}
		want = timeSize(p.Type.Scale)
	}
	if id != idTimeN {
		want += 3
	}
	if id == idDateTimeOffN {
		want += 2
	}
	n := int(c.byte())
	raw := c.take(n)
	if c.err != nil || n == 0 {
		return
	}
	if n != want {
		c.fail("%s value of %d bytes", p.Type.Name, n)
		return
	}
	var clock, days int64
	if id != idDateN {
		size := timeSize(p.Type.Scale)
		clock, raw = little(raw[:size])*unit(p.Type.Scale), raw[size:]
	}
	if id != idTimeN {
		days, raw = little(raw[:3]), raw[3:]
	}
	if clock >= clockPerDay || days > maxDays {
		c.fail("%s value out of range", p.Type.Name)
		return
	}
	t := FromClock(days, clock)
	if id == idDateTimeOffN {
		t = t.In(time.FixedZone("", 60*int(int16(binary.LittleEndian.Uint16(raw)))))
	}
	p.Value = t
}

// maxDays is 9999-12-31.
const maxDays = 3652058

func little(raw []byte) int64 {
	var v int64
	for i := len(raw) - 1; i >= 0; i-- {
		v = v<<8 | int64(raw[i])
	}
	return v
}

// shortParam reads text and binary, in one piece or, with length max, in chunks.
func (c *cursor) shortParam(p *Param, id byte) {
	size := c.uint16()
	p.Type = Type{Name: shortNames[id], Length: int(size)}
	if short[p.Type.Name].text {
		c.take(5)
	}
	if size == lengthMax {
		p.Type.Length = -1
		if raw, ok := c.chunks(); ok {
			p.Value = decodeShort(id, raw)
		}
		return
	}
	if size > shortLengthLimit {
		c.fail("parameter of length %d", size)
	}
	n := c.uint16()
	if c.err != nil || n == nullShort {
		return
	}
	if n > size {
		c.fail("value of %d bytes in a parameter of %d", n, size)
	}
	if raw := c.take(int(n)); c.err == nil {
		p.Value = decodeShort(id, raw)
	}
}

var shortNames = map[byte]string{
	idBigVarBinary: "varbinary", idBigBinary: "binary",
	idBigVarChar: "varchar", idBigChar: "char", idNVarChar: "nvarchar", idNChar: "nchar",
}

func decodeShort(id byte, raw []byte) any {
	switch id {
	case idNVarChar, idNChar, idNText:
		return decodeUTF16(raw)
	case idBigVarChar, idBigChar, idText:
		return decodeANSI(raw)
	}
	return append([]byte{}, raw...)
}

// longParam reads text, ntext and image.
func (c *cursor) longParam(p *Param, id byte) {
	p.Type.Name = map[byte]string{idText: "text", idNText: "ntext", idImage: "image"}[id]
	c.uint32()
	if id != idImage {
		c.take(5)
	}
	n := c.uint32()
	if c.err != nil || n == nullLong {
		return
	}
	if n > maxRequest {
		c.fail("parameter of %d bytes", n)
	}
	if raw := c.take(int(n)); c.err == nil {
		p.Value = decodeShort(id, raw)
	}
}

// chunks reads a value that travels in chunks; false if it is NULL. The total
// that the client announces is not believed.
func (c *cursor) chunks() ([]byte, bool) {
	total := c.uint64()
	if c.err != nil || total == nullPLP {
		return nil, false
	}
	out := []byte{}
	for {
		n := c.uint32()
		if c.err != nil {
			return nil, false
		}
		if n == 0 {
			break
		}
		if n > maxRequest {
			c.fail("chunk of %d bytes", n)
		}
		out = append(out, c.take(int(n))...)
	}
	if total != plpUnknown && total != uint64(len(out)) {
		c.fail("value of %d bytes announced as %d", len(out), total)
	}
	return out, c.err == nil
}
