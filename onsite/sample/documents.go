package sample

import (
	"fmt"
	"path"
	"time"
)

// documents stores the document rows with their appointments and visibility.
func (b *rowBuilder) documents() error {
	device, err := b.foreignDevice()
	if err != nil {
		return err
	}
	base := b.next("appointment")
	for i := range b.o.Documents {
		d := b.o.document(b.world, i)
		b.expect.count(&d)
		appointment := base + d.id
		if err := b.document(&d, appointment); err != nil {
			return err
		}
		if d.kind != caseNoAppoint {
			if err := b.documentAppointment(&d, appointment); err != nil {
				return err
			}
		}
		if d.kind == caseVersions || d.kind == caseCheckedOut {
			if err := b.versionKeys(device, &d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *rowBuilder) document(d *document, appointment int64) error {
	provider, ref := int64(0), ""
	if d.kind == caseOther {
		provider, ref = 2, fmt.Sprintf("https://sharepoint.fjordlys.example/sites/crm/%d", d.id)
	}
	if d.kind == caseNoAppoint && d.index%2 == 0 {
		appointment = 0
	}
	registrar := d.registrar.id
	if d.kind == caseNoAssociate && d.index%2 == 0 {
		registrar = unknownAssociate
	}
	return b.insert("document", d.id, "application_id", 1, "name", d.name, "header", cut(d.header, 219), "our_ref", fmt.Sprintf("FL-%d", d.id),
		"your_ref", "", "archiveProvider", provider, "appointment_id", appointment, "registered", d.registered,
		"registered_associate_id", registrar, "updated", d.registered.Add(time.Minute), "updated_associate_id", registrar, "extref", ref,
		"snum", d.index%50, "contentSetCount", 1)
}

func (b *rowBuilder) documentAppointment(d *document, id int64) error {
	associate := d.owner.id
	if d.kind == caseNoAssociate {
		associate = unknownAssociate
	}
	kind, template := 4, 1+d.index%3
	switch path.Ext(d.name) {
	case ".msg", ".eml":
		template = 4
	case ".txt":
		kind = 5
	}
	if err := b.insert("appointment", id, "contact_id", 1+d.index%baseContacts, "associate_id", associate, "group_idx", d.owner.group,
		"registered", d.registered, "registered_associate_id", d.registrar.id, "done", d.registered, "do_by", d.registered,
		"task_idx", template, "type", kind, "status", 3, "document_id", d.id, "activeDate", d.registered, "endDate", d.registered,
		"updated", d.registered, "updated_associate_id", d.registrar.id); err != nil {
		return err
	}
	return b.visible(9, id, d.owner)
}

// visible stores who may see a row: everybody, or now and then only its owner.
func (b *rowBuilder) visible(table int, record int64, owner *user) error {
	all, only := 1, int64(0)
	if record%15 == 0 {
		all, only = 0, owner.id
	}
	set := []any{"tableId", table, "recordId", record, "forAll", all, "forAssocId", only, "encryptedCheck", b.hash20("7H:")}
	switch table {
	case 9:
		set = append(set, "appointmentId", record)
	case 13:
		set = append(set, "saleId", record)
	}
	_, err := b.add("VisibleFor", set...)
	return err
}

// foreignDevice is where the archive keeps what it knows of versions.
func (b *rowBuilder) foreignDevice() (int64, error) {
	app, err := b.add("foreignapp", "name", "SOARC2")
	if err != nil {
		return 0, err
	}
	return b.add("foreigndevice", "name", "SOARC2", "device_id", "", "foreignapp_id", app, "owner_id", 0)
}

func (b *rowBuilder) versionKeys(device int64, d *document) error {
	keys := [][2]string{{"num-versions", fmt.Sprint(versionCount(d))}, {"check-out-state", "0"}}
	if d.kind == caseCheckedOut {
		keys = [][2]string{{"check-out-state", "1"}, {"check-out-by-associate-id", fmt.Sprint(d.owner.id)}}
	}
	for n := 1; n <= versionCount(d); n++ {
		keys = append(keys, [2]string{fmt.Sprintf("%03d.check-in-date", n), d.registered.Format("2006-01-02T15:04:05")},
			[2]string{fmt.Sprintf("%03d.description", n), "Endret pris"})
	}
	for i, k := range keys {
		if _, err := b.add("foreignkey", "foreigndevice_id", device, "table_id", 10, "record_id", d.id, "seqno", i, "subkey", k[0], "subvalue", k[1]); err != nil {
			return err
		}
	}
	return nil
}

// versionCount is how many older versions lie beside the document.
func versionCount(d *document) int {
	if d.kind != caseVersions {
		return 0
	}
	return 1 + d.index/docCycle%3
}

// cut shortens text to n UTF-16 units at most, for nvarchar columns.
func cut(s string, n int) string {
	used := 0
	for i, r := range s {
		used++
		if r > 0xffff {
			used++
		}
		if used > n {
			return s[:i]
		}
	}
	return s
}

// documentTemplates are the templates; an empty language means the file lies in
// Template itself. Lookup takes the language folder first.
var documentTemplates = []struct {
	name, file string
	kind       int
	languages  []string
	missing    bool
}{
	{"Brev", "brev.dotx", 2, []string{"", "NO", "GE", "JP"}, false},
	{"Tilbud – med priser", "tilbud med priser.dotx", 2, []string{"", "NO", "DA", "SW"}, false},
	{"Kontrakt", "Kontrakt_æøå.dotx", 2, []string{"NO", "GE"}, false},
	{"E-post", "epost.somail", 3, []string{"", "NO", "US", "FR"}, false},
	{"Faks", "faks.dot", 4, []string{""}, false},
	{"Masseutsendelse", "merge/utsendelse.dotx", 7, []string{""}, false},
	{"Rapport", "filename=rapport.html;allowPersonal=1", 9, []string{""}, false},
	{"見積書", "見積書.dotx", 2, []string{"JP"}, false},
	{"Presentasjon", "presentasjon.potx", 2, []string{"", "NL", "FI", "PL"}, false},
	{"Utgått mal", "utgaatt.dot", 2, nil, true},
	{"SharePoint-dokument", "00000000-1111-2222-3333-444444444444", 2, nil, false},
}

func (b *rowBuilder) templates() error {
	for i, t := range documentTemplates {
		plugin := 0
		switch {
		case t.missing:
			b.expect.TemplatesLost++
		case len(t.languages) == 0:
			plugin = 2 // the template comes from another plug-in, not from disk
			b.expect.TemplatesPlugin++
		}
		if err := b.insert("DocTmpl", int64(i+1), "name", t.name, "rank", i+1, "tooltip", "", "filename", t.file, "autoevent_id", plugin,
			"record_type", t.kind, "direction", 2, "saveInDb", 1, "loadTemplateFromPlugin", plugin, "deleted", boolInt(t.missing)); err != nil {
			return err
		}
	}
	b.expect.TemplateRows = int64(len(documentTemplates))
	return nil
}
