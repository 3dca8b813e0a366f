package bacpac

import (
	"errors"
	"fmt"
	"math/bits"
)

// decimal is a magnitude of up to 128 bits in units of its column's scale.
type decimal struct {
	negative bool
	hi, lo   uint64
}

var errDecimal = errors.New("not a decimal number")

// parseDecimal reads the text that the driver delivers for decimal and money:
// an optional sign, digits, and at most scale digits behind a point. Digits
// behind the scale are an error, never rounded away.
func parseDecimal(v any, scale uint8) (decimal, error) {
	switch t := v.(type) {
	case []byte:
		return parseDigits(t, scale)
	case string:
		return parseDigits([]byte(t), scale)
	}
	return decimal{}, wrongType(v)
}

func parseDigits(b []byte, scale uint8) (decimal, error) {
	var d decimal
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		d.negative = b[0] == '-'
		b = b[1:]
	}
	seen, fraction, point := 0, 0, false
	for _, c := range b {
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return d, errDecimal
		}
		seen++
		if point {
			fraction++
		}
		if fraction > int(scale) {
			if c != '0' {
				return d, fmt.Errorf("more than %d digits behind the point", scale)
			}
			continue
		}
		if !d.push(uint64(c - '0')) {
			return d, errors.New("more than 128 bits")
		}
	}
	if seen == 0 {
		return d, errDecimal
	}
	for ; fraction < int(scale); fraction++ {
		if !d.push(0) {
			return d, errors.New("more than 128 bits")
		}
	}
	// The server knows no negative zero; one would not compare equal there.
	if d.hi == 0 && d.lo == 0 {
		d.negative = false
	}
	return d, nil
}

// push multiplies by ten and adds; false on overflow.
func (d *decimal) push(digit uint64) bool {
	carry, lo := bits.Mul64(d.lo, 10)
	over, hi := bits.Mul64(d.hi, 10)
	lo, c := bits.Add64(lo, digit, 0)
	hi, c2 := bits.Add64(hi, carry, c)
	d.hi, d.lo = hi, lo
	return over == 0 && c2 == 0
}

// digits counts the decimal digits of the magnitude; 0 has none.
func (d decimal) digits() int {
	n := 0
	for hi, lo := d.hi, d.lo; hi != 0 || lo != 0; n++ {
		var rem uint64
		hi, rem = hi/10, hi%10
		lo, _ = bits.Div64(rem, lo, 10)
	}
	return n
}
