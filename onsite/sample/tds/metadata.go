package tds

import (
	"encoding/binary"
	"fmt"
)

// Type ids of TYPE_INFO, [MS-TDS] 2.2.5.4.
const (
	idNull           = 0x1f
	idImage          = 0x22
	idText           = 0x23
	idGUID           = 0x24
	idIntN           = 0x26
	idDateN          = 0x28
	idTimeN          = 0x29
	idDateTime2N     = 0x2a
	idDateTimeOffN   = 0x2b
	idTinyInt        = 0x30
	idBit            = 0x32
	idSmallInt       = 0x34
	idInt            = 0x38
	idSmallDateTime  = 0x3a
	idReal           = 0x3b
	idMoney          = 0x3c
	idDateTime       = 0x3d
	idFloat          = 0x3e
	idNText          = 0x63
	idBitN           = 0x68
	idDecimalN       = 0x6a
	idNumericN       = 0x6c
	idFloatN         = 0x6d
	idMoneyN         = 0x6e
	idDateTimeN      = 0x6f
	idSmallMoney     = 0x7a
	idBigInt         = 0x7f
	idBigVarBinary   = 0xa5
	idBigVarChar     = 0xa7
	idBigBinary      = 0xad
	idBigChar        = 0xaf
	idNVarChar       = 0xe7
	idNChar          = 0xef
	idXML            = 0xf1
	lengthMax        = 0xffff
	userTimestamp    = 0x50
	userDefault      = 0
	flagNullable     = 0x01
	flagIdentity     = 0x10
	maxTextBytes     = 0x7fffffff
	maxNTextBytes    = 0x7ffffffe
	maxCellBytes     = 0x7fffffff
	collationFlags   = 0x0d << 20 // ignore case, kana type and width
	latin1LCID       = 1033
	shortLengthLimit = 8000
)

// fixed holds the types of one size: the id for NOT NULL columns, the id for
// nullable ones (which has a length byte) and the size.
var fixed = map[string]struct {
	id, idN byte
	size    int
}{
	"bit":           {idBit, idBitN, 1},
	"tinyint":       {idTinyInt, idIntN, 1},
	"smallint":      {idSmallInt, idIntN, 2},
	"int":           {idInt, idIntN, 4},
	"bigint":        {idBigInt, idIntN, 8},
	"real":          {idReal, idFloatN, 4},
	"float":         {idFloat, idFloatN, 8},
	"smallmoney":    {idSmallMoney, idMoneyN, 4},
	"money":         {idMoney, idMoneyN, 8},
	"smalldatetime": {idSmallDateTime, idDateTimeN, 4},
	"datetime":      {idDateTime, idDateTimeN, 8},
}

// short holds the types with a length of two bytes.
var short = map[string]struct {
	id   byte
	text bool
}{
	"char": {idBigChar, true}, "varchar": {idBigVarChar, true},
	"nchar": {idNChar, true}, "nvarchar": {idNVarChar, true}, "sysname": {idNVarChar, true},
	"binary": {idBigBinary, false}, "varbinary": {idBigVarBinary, false},
	"timestamp": {idBigBinary, false},
}

// appendColumns appends a COLMETADATA token, [MS-TDS] 2.2.7.4.
func appendColumns(b []byte, cols []Column) ([]byte, error) {
	b = append(b, tokenColMetadata)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(cols)))
	for _, c := range cols {
		user, flags := uint32(userDefault), uint16(0)
		if c.Type.Name == "timestamp" {
			user = userTimestamp
		}
		if c.Nullable {
			flags |= flagNullable
		}
		if c.Identity {
			flags |= flagIdentity
		}
		b = binary.LittleEndian.AppendUint32(b, user)
		b = binary.LittleEndian.AppendUint16(b, flags)
		var err error
		if b, err = appendType(b, c); err != nil {
			return b, fmt.Errorf("describe column %s: %w", c.Name, err)
		}
		b = appendBVar(b, c.Name)
	}
	return b, nil
}

func appendType(b []byte, c Column) ([]byte, error) {
	t := c.Type
	if f, ok := fixed[t.Name]; ok {
		if c.Nullable {
			return append(b, f.idN, byte(f.size)), nil
		}
		return append(b, f.id), nil
	}
	if s, ok := short[t.Name]; ok {
		n := uint16(t.Length)
		if t.Length < 0 {
			n = lengthMax
		} else if t.Length == 0 || t.Length > shortLengthLimit {
			return b, fmt.Errorf("length %d of %s out of range", t.Length, t.Name)
		}
		b = binary.LittleEndian.AppendUint16(append(b, s.id), n)
		if s.text {
			b = appendCollation(b, t)
		}
		return b, nil
	}
	switch t.Name {
	case "decimal", "numeric":
		id := byte(idDecimalN)
		if t.Name == "numeric" {
			id = idNumericN
		}
		return append(b, id, byte(1+DecimalSize(t.Precision)), t.Precision, t.Scale), nil
	case "date":
		return append(b, idDateN), nil
	case "time":
		return append(b, idTimeN, t.Scale), nil
	case "datetime2":
		return append(b, idDateTime2N, t.Scale), nil
	case "datetimeoffset":
		return append(b, idDateTimeOffN, t.Scale), nil
	case "uniqueidentifier":
		return append(b, idGUID, 16), nil
	case "xml":
		return append(b, idXML, 0), nil
	}
	return appendLongType(b, c)
}

// appendLongType describes text, ntext and image with the table they are of.
func appendLongType(b []byte, c Column) ([]byte, error) {
	switch c.Type.Name {
	case "text":
		b = appendCollation(binary.LittleEndian.AppendUint32(append(b, idText), maxTextBytes), c.Type)
	case "ntext":
		b = appendCollation(binary.LittleEndian.AppendUint32(append(b, idNText), maxNTextBytes), c.Type)
	case "image":
		b = binary.LittleEndian.AppendUint32(append(b, idImage), maxTextBytes)
	default:
		return b, fmt.Errorf("type %q is not known", c.Type.Name)
	}
	b = append(b, byte(len(c.Table)))
	for _, part := range c.Table {
		b = appendUSVar(b, part)
	}
	return b, nil
}

// appendCollation appends the five bytes of a collation, [MS-TDS] 2.2.5.1.2.
// Code page text always leaves in 1252, so that a language with another code
// page is announced as Latin1_General.
func appendCollation(b []byte, t Type) []byte {
	lcid := t.LCID
	switch t.Name {
	case "char", "varchar", "text":
		if !western(lcid) {
			lcid = latin1LCID
		}
	}
	if lcid == 0 {
		lcid = latin1LCID
	}
	return append(binary.LittleEndian.AppendUint32(b, lcid|collationFlags), t.SortID)
}

// western tells whether the language's code page is 1252: the Nordic, English,
// German, Dutch, French, Italian, Spanish, Portuguese and Icelandic ones.
func western(lcid uint32) bool {
	switch lcid {
	case 1033, 2057, 1044, 2068, 1053, 1030, 1035, 1031, 1043, 1036, 1040, 1034, 3082, 1046, 2070, 1039:
		return true
	}
	return false
}
