package assets

import (
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Sizes are counted in steps of 1024 and written KB, MB, GB, as Windows
// Explorer does it: the migrator compares them with what stands there.
var units = []struct {
	name string
	size float64
}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"B", 1}}

// Number writes a count the way the language does: 3,000.
func (c *Catalog) Number(n int64) string {
	return message.NewPrinter(c.tag).Sprint(number.Decimal(n))
}

// Bytes writes a size with its unit: 8.4 GB.
func (c *Catalog) Bytes(n int64) string {
	amount, unit := c.amount(n, n)
	return amount + " " + unit
}

// BytesOf writes both sizes in the unit of the larger one, so that they can be
// compared at a glance: "1.2" and "8.4 GB".
func (c *Catalog) BytesOf(done, total int64) (part, whole string) {
	scale := max(done, total)
	a, _ := c.amount(done, scale)
	b, unit := c.amount(total, scale)
	return a, b + " " + unit
}

// amount writes n in the unit that suits scale: whole bytes, else one decimal.
func (c *Catalog) amount(n, scale int64) (amount, unit string) {
	p := message.NewPrinter(c.tag)
	for _, u := range units {
		if float64(scale) < u.size {
			continue
		}
		if u.size == 1 {
			return p.Sprint(number.Decimal(n)), u.name
		}
		return c.decimal(float64(n) / u.size), u.name
	}
	return p.Sprint(number.Decimal(n)), "B"
}

// decimal writes a number with one decimal.
func (c *Catalog) decimal(n float64) string {
	return message.NewPrinter(c.tag).Sprint(number.Decimal(n, number.Scale(1)))
}
