package sample

import (
	"omt/migration"
)

// userPlan is a user plan that the customer has bought. The names are data of
// the licence; the product takes the ones of the ticket.
type userPlan struct {
	module, name, set string
}

var userPlans = []userPlan{
	{"ten-salesservicemarketing", "SalesPREM-ServicePREM-Marketing", "set=user,web,windows,ej-client,marketing"},
	{"ten-sales", "SalesPREM", "set=user,web,windows"},
	{"ten-service", "ServicePREM", "set=user,web,ej-client"},
	{"ten-marketing", "Marketing", "set=user,web,marketing"},
}

// otherModules are licences that are no plans: name, description, type (1 site,
// 3 user), number, hidden.
var otherModules = []struct {
	name, description string
	kind, number      int
	hidden            bool
}{
	{"user", "User", 3, 0, true},
	{"web", "Web client", 3, 0, true},
	{"windows", "Windows client", 3, 0, true},
	{"ej-client", "Service client", 3, 0, true},
	{"marketing", "Marketing client", 3, 0, true},
	{"netserver-core", "NetServer core", 1, 1, false},
	{"webservices-site", "Web services", 1, 1, false},
	{"mirroring", "Database mirroring", 1, 1, true},
}

const (
	noSelection         = "superlicense-no-selection"
	confidentialLicence = "visible-for"
)

// licences stores the module owner, its licences and who has which.
func (b *rowBuilder) licences() error {
	key := make([]byte, 294)
	fill(b.rng, key)
	if err := b.insert("ModuleOwner", 1, "ownerName", "SUPEROFFICE", "ownerDescription", "SuperOffice AS", "licenseUrl", "https://licence.example/",
		"licenseVersion", "10.0", "signedPublicKey", key, "signature", b.hash20(""), "expiration", forever, "graceTo", forever,
		"maintenanceTo", lastDay.AddDate(1, 0, 0), "encryptedCheck", b.hash20("7H:")); err != nil {
		return err
	}
	ids := map[string]int64{}
	module := func(name, description string, kind, number int, flags int64, extra string, set ...any) error {
		id, err := b.add("ModuleLicense", append([]any{"moduleName", name, "moduleDescription", description, "moduleVersion", "10",
			"tooltip", description, "licenseType", kind, "licenseNumber", number, "allowedAssocsMask", 1, "extraFlags", flags, "extraInfo", extra,
			"encryptedCheck", b.hash20("7H:"), "ModuleOwner_id", 1, "sortOrder", len(ids) + 1, "signature", b.hash20("")}, set...)...)
		ids[name] = id
		return err
	}
	for _, p := range ticketPlans(b.world) {
		plan := planOf(p.ID)
		if err := module(plan.module, plan.name, 3, p.Seats, 1, plan.set); err != nil {
			return err
		}
	}
	if err := module(noSelection, "(No Selection)", 3, 0, 1, "", "unrestricted", 1); err != nil {
		return err
	}
	if err := module(confidentialLicence, "Confidential Activities", 3, 0, 0, "", "unrestricted", 1); err != nil {
		return err
	}
	for _, m := range otherModules {
		if err := module(m.name, m.description, m.kind, m.number, 0, "", "hidden", boolInt(m.hidden)); err != nil {
			return err
		}
	}
	return b.assignLicences(ids)
}

func (b *rowBuilder) assignLicences(ids map[string]int64) error {
	assign := func(module string, u *user) error {
		_, err := b.add("LicenseAssocLink", "moduleLicenseId", ids[module], "assocId", u.id, "validFrom", noDate, "validTo", forever,
			"licenseNumber", 1, "encryptedCheck", b.hash20("7H:"))
		return err
	}
	for _, u := range b.world.active {
		plan := u.plan
		if plan == "" {
			plan = noSelection
		} else {
			b.expect.Plans[planOf(plan).name]++
		}
		if plan == noSelection && u.id%2 == 0 {
			continue
		}
		if err := assign(plan, u); err != nil {
			return err
		}
		if u.confidential {
			b.expect.Confidential++
			if err := assign(confidentialLicence, u); err != nil {
				return err
			}
		}
	}
	return nil
}

func planOf(module string) userPlan {
	for _, p := range userPlans {
		if p.module == module {
			return p
		}
	}
	return userPlan{}
}

// ticketPlans are the plans that a demo ticket offers: those in use on-site
// with a few seats to spare.
func ticketPlans(w *world) []migration.TicketPlan {
	var out []migration.TicketPlan
	for _, p := range userPlans {
		seats := 5
		for _, u := range w.active {
			if u.plan == p.module {
				seats++
			}
		}
		out = append(out, migration.TicketPlan{ID: p.module, Name: p.name, Seats: seats})
	}
	return out
}
