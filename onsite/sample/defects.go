package sample

import (
	"fmt"
	"slices"
	"strings"

	"omt/migration"
)

// Defects are what is wrong with an installation on purpose, so that each
// check before a migration has one in which it fails. The zero value is the
// ordinary sample: it has no defect that stops a migration, but the small
// faults of every real installation.
type Defects uint32

// The defects.
const (
	DefectOldVersion      Defects = 1 << iota // SuperOffice before 7.1
	DefectTravelDatabase                      // the database is a satellite's
	DefectTravellers                          // somebody is away with a travel database
	DefectSatellites                          // there is a satellite
	DefectAddons                              // preferences name SentryAddonNames
	DefectDictionary                          // tables are registered that do not exist
	DefectNoAdministrator                     // no role has an administrator's right
	DefectFolder                              // the second archive path does not exist
	DefectColumns                             // a column has a type that no package can hold
	DefectCustomisations                      // webhooks, scripts, views, procedures, triggers
	// DefectNoService leaves out Customer Service. Its configuration is then not
	// there to tell the database's password and where NetServer answers.
	DefectNoService
)

var defectNames = []string{
	"old-version", "travel-database", "travellers", "satellites", "addons", "dictionary", "no-administrator", "folder", "columns", "customisations", "no-service",
}

// DefectNames lists the names that ParseDefect takes.
func DefectNames() []string { return slices.Clone(defectNames) }

// ParseDefect reads the name of one defect. ErrOptions if there is none such.
func ParseDefect(name string) (Defects, error) {
	i := slices.Index(defectNames, name)
	if i < 0 {
		return 0, fmt.Errorf("defect %q: %w: one of %s", name, ErrOptions, strings.Join(defectNames, ", "))
	}
	return 1 << i, nil
}

// has tells whether all of d are among them.
func (s Defects) has(d Defects) bool { return s&d == d }

// tablesSince71 are those by which the versions from 7.1 on are told.
var tablesSince71 = []string{"databasemodel", "favourite", "quoteversion", "outgoing_message"}

// spoil takes the defects of the schema into the catalogue.
func (s Defects) spoil(c *migration.Catalog) {
	if s.has(DefectOldVersion) {
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema == SchemaName && slices.Contains(tablesSince71, strings.ToLower(t.Name))
		})
	}
	if s.has(DefectColumns) {
		t := c.Find(PartnerSchema, "Abandoned")
		t.Columns = append(t.Columns, migration.Column{Name: "place", Type: "geography", MaxLength: -1, Nullable: true})
	}
}

// traveller is the user who is away.
func (b *rowBuilder) traveller() *user { return b.world.active[3] }

// satelliteID is the first id of the first satellite.
const satelliteID = 0x1000000

// found notes one row that a check must find; words of the product are left out.
func (b *rowBuilder) found(check string, cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	b.expect.Findings[check] = append(b.expect.Findings[check], row)
}

// place is travelcurrent.current_id: 0 in a central database.
func (b *rowBuilder) place() int {
	if !b.o.Defects.has(DefectTravelDatabase) {
		return 0
	}
	b.found("central", satelliteID)
	return satelliteID
}

// defects stores the rows of the defects and notes what is to be found.
func (b *rowBuilder) defects() error {
	b.peopleFindings()
	for _, x := range []struct {
		defect Defects
		make   func() error
	}{
		{DefectTravellers, b.travellers}, {DefectSatellites, b.satellites}, {DefectAddons, b.addons}, {DefectCustomisations, b.customisations},
	} {
		if !b.o.Defects.has(x.defect) {
			continue
		}
		if err := x.make(); err != nil {
			return err
		}
	}
	return nil
}

func (b *rowBuilder) travellers() error {
	u := b.traveller()
	b.found("travel", u.id, u.name)
	b.found("travel", satelliteID)
	if _, err := b.add("traveller", "systemlevel", 30, "travel_id", u.id, "generatedtime", lastDay); err != nil {
		return err
	}
	_, err := b.add("traveller", "systemlevel", 20, "travel_id", satelliteID, "generatedtime", lastDay)
	return err
}

func (b *rowBuilder) satellites() error {
	b.found("satellites", 1, migration.DemoCompany)
	_, err := b.add("satellite", "area_id", 1, "contact_id", 2, "DSN", "SOBergen")
	return err
}

func (b *rowBuilder) addons() error {
	u := b.world.active[1]
	id, err := b.add("UserPreference", "deflevel", 4, "maxlevel", 4, "owner_id", u.id, "prefsection", "Addons", "prefkey", "SentryAddonNames", "prefvalue", "x")
	if err != nil {
		return err
	}
	b.found("addons", id, u.name, "Addons", "SentryAddonNames")
	// The owner of a group's preference is a group, whose id is also a user's.
	id, err = b.add("UserPreference", "deflevel", 3, "maxlevel", 4, "owner_id", u.id, "prefsection", "System", "prefkey", "Startup", "prefvalue", "load sentryaddonnames first")
	if err == nil {
		b.found("addons", id, "System", "Startup")
	}
	return err
}

// dictionaryDefects registers tables that do not exist. One of a negative
// number belongs to the old dictionary, which is gone since 8.1.
func (b *rowBuilder) dictionaryDefects() error {
	if !b.o.Defects.has(DefectDictionary) {
		return nil
	}
	for i, name := range []string{"y_rental", "y_rental_line"} {
		b.found("dictionary", SchemaName+"."+name)
		if err := b.insert("sequence", int64(extraTableNumber+11+i), "next_id", 1, "TableName", name, "TableNumber", extraTableNumber+1+i); err != nil {
			return err
		}
	}
	return b.insert("sequence", 8, "next_id", 1, "TableName", "ConceptualTable", "TableNumber", -2)
}

func (b *rowBuilder) customisations() error {
	for _, name := range []string{"ERP", "Newsletter"} {
		address := fmt.Sprintf("https://user:secret@%s.example/hook?key=secret", strings.ToLower(name))
		if _, err := b.add("Webhook", "name", name, "events", "contact.changed", "target_url", address); err != nil {
			return err
		}
		b.found("customisations", fmt.Sprintf("%s (%s.example)", name, strings.ToLower(name)))
	}
	id, err := b.add("ejscript", "hierarchy_id", -1, "description", "Send order to ERP", "include_id", "erp", "body", "#setLanguageLevel 3;")
	if err != nil {
		return err
	}
	b.found("customisations", fmt.Sprintf("%d Send order to ERP", id))
	if _, err := b.add("system_script", "script_id", 77, "body", "print(1);"); err != nil {
		return err
	}
	if _, err := b.add("system_script", "script_id", 78, "body", ""); err != nil {
		return err
	}
	b.found("customisations", 77)
	return nil
}
