package sample

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"path/filepath"

	"omt/migration"
)

const (
	countryNorway = 578
	// ownerName in ProductVersion and ModuleOwner.
	superOffice = "SUPEROFFICE"
)

func base64Text(p []byte) string { return base64.StdEncoding.EncodeToString(p) }

// system fills the tables that describe the installation itself: owner and
// licence, versions, its place in the replication hierarchy, preferences.
func (b *rowBuilder) system() error {
	if err := b.insert("company", 1, "version", 85, "revision", 21, "ownerContactName", migration.DemoCompany, "ownerDepartmentName", "",
		"ownerContactId", 1, "dbContactName", migration.DemoCompany, "dbContactId", 1, "serialNo", migration.DemoSerial,
		"encryptedCheck", b.hash20("7H:")); err != nil {
		return err
	}
	tag := fmt.Sprintf("%016X%016X", b.rng.Uint64(), b.rng.Uint64())
	if err := b.insert("travelcurrent", 1, "systemlevel", 10, "current_id", b.place(), "dbTag", tag, "parentDbTag", tag, "centralDbTag", tag); err != nil {
		return err
	}
	for i, v := range [][2]string{{"NetServer", "10.3.9542.1021"}, {"CRM.Windows", "10.3.9542.1021"}, {"Service", "10.3.9542"}} {
		if err := b.insert("ProductVersion", int64(i+1), "ownerName", superOffice, "codeName", v[0], "version", v[1], "comment", ""); err != nil {
			return err
		}
	}
	model, err := databaseModel(b.order)
	if err != nil {
		return err
	}
	if err := b.insert("DatabaseModel", 1, "ModelVersion", "DatabaseModel-1.0", "IsDatabaseUnicode", 1, "ModelData", model); err != nil {
		return err
	}
	if err := b.insert("preference", 1, "type", 1, "pdata", "85.21"); err != nil {
		return err
	}
	return b.preferences()
}

// databaseModel packs the names of all tables and fields, as the dictionary
// keeps its model. Every table in it physically exists.
func databaseModel(tables []*sink) ([]byte, error) {
	type model struct {
		Name   string   `json:"Name"`
		Number int      `json:"TableNumber"`
		Fields []string `json:"Fields"`
	}
	var all []model
	for _, s := range tables {
		if s.table.Schema != SchemaName {
			continue
		}
		m := model{Name: s.table.Name, Number: s.number}
		for _, c := range s.table.Columns {
			m.Fields = append(m.Fields, c.Name)
		}
		all = append(all, m)
	}
	text, err := json.Marshal(map[string]any{"Tables": all})
	if err != nil {
		return nil, fmt.Errorf("encode database model: %w", err)
	}
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(text); err != nil {
		return nil, fmt.Errorf("compress database model: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress database model: %w", err)
	}
	return out.Bytes(), nil
}

// preferences has system-wide ones and a few of every employee. None of them
// names SentryAddonNames, which would block a migration on its first page.
func (b *rowBuilder) preferences() error {
	pref := func(level int, owner int64, section, key, value string) error {
		_, err := b.add("UserPreference", "deflevel", level, "maxlevel", 5, "owner_id", owner, "prefsection", section, "prefkey", key, "prefvalue", value)
		return err
	}
	for _, p := range [][3]string{
		{"System", "BaseLanguage", "no"}, {"Functions", "DefaultCurrency", "NOK"},
		{"Mail", "MailClient", "Outlook2016"}, {"Functions", "WordProcessor", "Word2016"}, {"Visual", "Theme", "Fjord – blå"},
	} {
		if err := pref(2, 0, p[0], p[1], p[2]); err != nil {
			return err
		}
	}
	for _, u := range b.world.employees {
		if err := pref(5, u.id, "Visual", "MainWindow", fmt.Sprintf("%d,%d,1280,900", u.id, u.id%40)); err != nil {
			return err
		}
		if err := pref(5, u.id, "Functions", "LastUsedSelection", ""); err != nil {
			return err
		}
	}
	return nil
}

// lists fills the list tables that rows of other tables point to.
func (b *rowBuilder) lists() error {
	for _, list := range []struct {
		table string
		names []string
	}{
		{"Business", []string{"Handel", "Industri", "Offentlig", "Bank & forsikring"}},
		{"Category", []string{"Kunde", "Leverandør", "Partner", "Emne", "Interessent"}},
		{"Task", []string{"Møte", "Telefon", "Oppfølging", "Frühstück"}},
		{"Priority", []string{"Lav", "Middels", "Høy"}},
		{"Currency", []string{"NOK", "EUR", "JPY"}},
		{"ProjType", []string{"Internt", "Kundeprosjekt"}}, {"ProjStatus", []string{"Planlagt", "Pågår", "Avsluttet"}},
		{"Source", []string{"Messe", "Nettside", "紹介"}}, {"Reason", []string{"Pris", "Kvalitet"}}, {"SaleType", []string{"Nysalg", "Fornyelse"}},
		{"ExtApp", []string{"Word", "Excel", "Outlook"}},
	} {
		for i, name := range list.names {
			if err := b.insert(list.table, int64(i+1), "name", name, "rank", i+1); err != nil {
				return err
			}
		}
	}
	for _, c := range []struct {
		id   int
		name string
	}{{276, "Deutschland"}, {392, "日本"}, {countryNorway, "Norge"}, {826, "United Kingdom"}} {
		if err := b.insert("country", int64(c.id), "name", c.name, "english_name", c.name, "rank", c.id); err != nil {
			return err
		}
	}
	return nil
}

// picture draws a small portrait.
func picture(r *rand.Rand) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 24, 24))
	a := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}
	for y := range 24 {
		for x := range 24 {
			if (x-12)*(x-12)+(y-12)*(y-12) < 90+r.IntN(20) {
				img.SetRGBA(x, y, a)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("draw portrait: %w", err)
	}
	return out.Bytes(), nil
}

// sequence says the next free id of every table. It describes itself as well:
// its own rows are counted before they are written.
func (b *rowBuilder) sequence() error {
	for _, s := range b.order {
		if s.table.Schema != SchemaName {
			continue
		}
		next := s.maxID + 1
		if s.table.Name == "sequence" {
			next = extraTableNumber + 11
		}
		if err := b.insert("sequence", int64(s.number)+10, "next_id", next, "TableName", s.table.Name, "TableNumber", s.number); err != nil {
			return err
		}
	}
	return nil
}

// transactionLog takes the rows that are still wanted, at least a hundred.
func (b *rowBuilder) transactionLog() error {
	sequences := int64(0)
	for _, s := range b.order {
		if s.table.Schema == SchemaName {
			sequences++
		}
	}
	want := max(100, b.o.Rows-b.total-sequences)
	for id := int64(1); id <= want; id++ {
		kind := [...]int{4352, 4608, 4608, 4864}[b.rng.IntN(4)]
		if err := b.insert("traveltransactionlog", id, "ttime", dateIn(b.rng, firstDay, lastDay), "type", kind, "associate_id", b.world.anyUser(uint64(id)).id,
			"tablenumber", [...]int{5, 6, 9, 10, 13}[b.rng.IntN(5)], "record_id", 1+b.rng.IntN(5000), "application_id", 2147483647); err != nil {
			return err
		}
	}
	return nil
}

// serviceDir is the root of Customer Service below the system drive.
func serviceDir(dir string) string {
	return filepath.Join(dir, systemFolder, "SuperOffice", "Customer Service")
}
