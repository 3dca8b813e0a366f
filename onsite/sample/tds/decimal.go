package tds

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// ParseScaled reads decimal text as an integer in units of 10^-scale, rounding
// half away from zero.
func ParseScaled(text string, scale uint8) (*big.Int, error) {
	s := strings.TrimSpace(text)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	whole, frac, _ := strings.Cut(s, ".")
	if whole+frac == "" || len(text) > 64 || strings.Trim(whole+frac, "0123456789") != "" {
		return nil, fmt.Errorf("read decimal: %q is none", text)
	}
	up := false
	if n := int(scale); len(frac) > n {
		up = frac[n] >= '5'
		frac = frac[:n]
	}
	digits := whole + frac + strings.Repeat("0", int(scale)-len(frac))
	if digits == "" {
		digits = "0"
	}
	v, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return nil, fmt.Errorf("read decimal: %q is none", text)
	}
	if up {
		v.Add(v, big.NewInt(1))
	}
	if neg {
		v.Neg(v)
	}
	return v, nil
}

// FormatScaled is the inverse of ParseScaled: always scale digits after the
// point, a zero before it.
func FormatScaled(v *big.Int, scale uint8) string { return place(v.String(), scale) }

// FormatScaledInt is FormatScaled for small numbers.
func FormatScaledInt(v int64, scale uint8) string { return place(strconv.FormatInt(v, 10), scale) }

func place(digits string, scale uint8) string {
	if scale == 0 {
		return digits
	}
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if n := int(scale) + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	cut := len(digits) - int(scale)
	return sign + digits[:cut] + "." + digits[cut:]
}

// DecimalSize is the number of magnitude bytes for a precision,
// [MS-TDS] 2.2.5.5.1.6.
func DecimalSize(precision uint8) int {
	switch {
	case precision <= 9:
		return 4
	case precision <= 19:
		return 8
	case precision <= 28:
		return 12
	}
	return 16
}
