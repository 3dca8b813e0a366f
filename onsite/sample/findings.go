package sample

import (
	"slices"
	"strings"
)

// peopleFindings notes what every sample has: addresses that several users
// share, addresses that are none, users without licence or address, users that
// are signed on, extra tables and those of a partner.
func (b *rowBuilder) peopleFindings() {
	for _, u := range b.world.active[:signedOn] {
		b.found("signed-on", u.id, u.name, computerOf(u), lastDay.Format("2006-01-02 15:04"))
	}
	for _, u := range b.world.active {
		usable := 0
		for _, a := range u.emails {
			if slices.Contains(invalidAddresses, a) {
				b.found("invalid", u.id, u.name, u.fullName(), a)
			} else {
				usable++
			}
		}
		if usable == 0 {
			b.found("addresses", u.id, u.name, u.fullName())
		}
		if u.plan == "" {
			b.found("licences", u.id, u.name, u.fullName())
		}
		if len(rightsOf(u.role)) > 0 && !b.o.Defects.has(DefectNoAdministrator) &&
			(slices.Contains(rightsOf(u.role), "admin-all") || slices.Contains(rightsOf(u.role), "admin-users")) {
			b.found("administrator", u.id, u.name, u.fullName())
		}
	}
	b.sharedAddresses()
	b.found("customisations", "y_equipment (Utstyr)")
	for _, name := range []string{"EveryType", "ImportLog", "Abandoned", "Order", "OrderLine", "OpenOrders", "NightlyImport", "Licence", "Discount"} {
		b.found("customisations", PartnerSchema+"."+name)
	}
	b.found("customisations", SchemaName+".contact_changed")
}

// sharedAddresses notes each address of several users once, as the first of
// them spells it.
func (b *rowBuilder) sharedAddresses() {
	for i, u := range b.world.active {
		for _, a := range u.emails {
			first, names := true, []string{}
			for j, other := range b.world.active {
				if !slices.ContainsFunc(other.emails, func(x string) bool { return strings.EqualFold(x, a) }) {
					continue
				}
				first = first && j >= i
				names = append(names, other.name+" ("+other.fullName()+")")
			}
			if first && len(names) > 1 {
				b.found("duplicates", a, strings.Join(names, ", "))
			}
		}
	}
}
