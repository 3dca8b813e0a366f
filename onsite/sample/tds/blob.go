package tds

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// plpNull is NULL of a type that travels in chunks, [MS-TDS] 2.2.5.2.3.
var plpNull = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// payload appends the bytes of text or binary without any length.
func payload(t Type) encoder {
	switch t.Name {
	case "char", "varchar", "text":
		return textPayload(t, appendANSI)
	case "nchar", "nvarchar", "sysname", "ntext", "xml":
		return textPayload(t, appendUTF16)
	}
	return func(b []byte, v any) ([]byte, error) {
		x, ok := v.([]byte)
		if !ok {
			return b, wrong(v, t.Name)
		}
		return append(b, x...), nil
	}
}

func textPayload(t Type, add func([]byte, string) []byte) encoder {
	return func(b []byte, v any) ([]byte, error) {
		switch x := v.(type) {
		case string:
			return add(b, x), nil
		case []byte:
			return add(b, string(x)), nil
		}
		return b, wrong(v, t.Name)
	}
}

// shortEncoder writes values with a length of two bytes. The types of fixed
// length are filled up: with blanks, or with zeros if binary.
func shortEncoder(t Type) encoder {
	var fill []byte
	switch t.Name {
	case "char":
		fill = []byte{' '}
	case "nchar":
		fill = []byte{' ', 0}
	case "binary", "timestamp":
		fill = []byte{0}
	}
	put := payload(t)
	return func(b []byte, v any) ([]byte, error) {
		at := len(b)
		b, err := put(append(b, 0, 0), v)
		if err != nil {
			return b, err
		}
		n := len(b) - at - 2
		if n > t.Length {
			return b, fmt.Errorf("value of %d bytes is longer than %s of %d", n, t.Name, t.Length)
		}
		if fill != nil {
			for n < t.Length {
				b = append(b, fill...)
				n += len(fill)
			}
		}
		binary.LittleEndian.PutUint16(b[at:], uint16(n))
		return b, nil
	}
}

// plpEncoder writes a value as one chunk of known length.
func plpEncoder(put encoder) encoder {
	return func(b []byte, v any) ([]byte, error) {
		at := len(b)
		b, err := put(append(b, make([]byte, 12)...), v)
		if err != nil {
			return b, err
		}
		n := len(b) - at - 12
		if n > maxCellBytes {
			return b, fmt.Errorf("value of %d bytes is too long", n)
		}
		binary.LittleEndian.PutUint64(b[at:], uint64(n))
		if n == 0 {
			// No chunk at all: a chunk of length zero is the end.
			return b[:at+12], nil
		}
		binary.LittleEndian.PutUint32(b[at+8:], uint32(n))
		return append(b, 0, 0, 0, 0), nil
	}
}

// textPointer precedes a text, ntext or image value; clients skip it.
var textPointer = slices.Concat([]byte{16}, []byte("dummy textptr\x00\x00\x00"), []byte("dummyTS\x00"))

// longEncoder writes text, ntext and image.
func longEncoder(put encoder) encoder {
	return func(b []byte, v any) ([]byte, error) {
		b = append(b, textPointer...)
		at := len(b)
		b, err := put(append(b, 0, 0, 0, 0), v)
		if err != nil {
			return b, err
		}
		n := len(b) - at - 4
		if n > maxCellBytes {
			return b, fmt.Errorf("value of %d bytes is too long", n)
		}
		binary.LittleEndian.PutUint32(b[at:], uint32(n))
		return b, nil
	}
}
