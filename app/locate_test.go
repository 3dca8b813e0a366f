package app

import (
	"context"
	"testing"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// atLocate opens the dialog on an empty location.
func atLocate(t *testing.T, l migration.Location) (*fakeHost, *locateDialog, *int) {
	t.Helper()
	h := newFakeHost(t)
	h.win.Resize(fyne.NewSize(886, 693))
	done := 0
	return h, showLocate(h, l, func() { done++ }), &done
}

func TestLocateTakesWhatWasTyped(t *testing.T) {
	h, d, done := atLocate(t, migration.Location{})
	press(t, h.win, "Use these")
	if *done != 0 || !seen(h.win, "Database server and database name are needed.") {
		t.Fatal("accepted without server and database")
	}
	for i, f := range d.fields {
		f.entry.SetText(string(rune('a' + i)))
	}
	press(t, h.win, "Use these")
	want := migration.Location{
		Format: migration.LocationFormat, DatabaseType: "MSSQL", Server: "a", Database: "b", Schema: "c", User: "d",
		ArchivePaths: [3]string{"e", "f", "g"}, TemplatePath: "h", NetServer: "i",
		ServiceBase: "j", AttachmentPath: "k", ServiceTmpl: "l", ServiceTexts: "m",
	}
	got := h.f.location
	got.Found = nil
	if *done != 1 || got.ArchivePaths != want.ArchivePaths || got.Server != want.Server || got.ServiceTexts != want.ServiceTexts ||
		got.AttachmentPath != want.AttachmentPath || got.ServiceTmpl != want.ServiceTmpl || got.NetServer != want.NetServer {
		t.Errorf("done %d times with %+v", *done, got)
	}
	if h.f.identity.Company != "" || h.f.person.UserName != "" {
		t.Error("the identity of another database is still valid")
	}
}

func TestLocateTestSaysWhatItReached(t *testing.T) {
	h, d, done := atLocate(t, sampleLocation())
	d.password.SetText("dbs3cret")
	press(t, h.win, "Test")
	if !seen(h.win, `Reached Fjordlys Handel AS, serial number 9900000042: SuperOffice 8.5 or later, database SuperOffice on crmserver\superoffice.`) {
		t.Fatalf("it says %q", allTexts(h.win))
	}
	press(t, h.win, "Use these")
	if len(h.g.called("Connect")) != 1 || *done != 1 || h.f.identity.Company == "" || d.password.Text != "" {
		t.Errorf("connected %d times, done %d, password %q", len(h.g.called("Connect")), *done, d.password.Text)
	}
}

func TestLocateFailureIsToldInTheDialog(t *testing.T) {
	h, _, _ := atLocate(t, sampleLocation())
	h.g.fail["Connect"] = migration.Fail("connect", "x", errSample, migration.Msg("error.nospace"))
	press(t, h.win, "Test")
	if !seen(h.win, say(migration.Msg("error.nospace"))) || len(h.errs) != 0 {
		t.Errorf("it says %q, and below %v", allTexts(h.win), h.errs)
	}
	if h.f.identity.Company != "" {
		t.Error("the connection of before is trusted although another one was tried")
	}
}

func TestLocateDetectsAndForgetsThePasswordOfAnotherServer(t *testing.T) {
	h, d, _ := atLocate(t, migration.Location{})
	press(t, h.win, "Detect installation")
	if d.fields[0].entry.Text != `crmserver\superoffice` || !seen(h.win, `Found in C:\Program Files\SuperOffice\SuperOffice.ini.`) {
		t.Fatalf("found %q: %q", d.fields[0].entry.Text, allTexts(h.win))
	}
	if !d.location().HasPassword {
		t.Error("the password of the configuration is forgotten")
	}
	d.fields[0].entry.SetText("elsewhere")
	if l := d.location(); l.HasPassword || l.Found != nil {
		t.Error("the password of one server would be sent to another")
	}
}

func TestLocateExportsAndImportsWithoutPasswords(t *testing.T) {
	h, d, _ := atLocate(t, sampleLocation())
	d.password.SetText("dbs3cret")
	d.export(`C:\location.json`)
	call := h.g.called("Export")[0]
	if call[0] != `C:\location.json` || call[1].(migration.Location).Server != `crmserver\superoffice` {
		t.Errorf("exported %v", call)
	}
	h.g.importFn = func(context.Context, string) (migration.Location, error) {
		return migration.Location{Format: migration.LocationFormat, DatabaseType: "MSSQL", Server: "imported", Database: "d"}, nil
	}
	d.importFrom(`C:\location.json`)
	if d.fields[0].entry.Text != "imported" || d.password.Text != "" {
		t.Errorf("imported %q, password %q", d.fields[0].entry.Text, d.password.Text)
	}
}

func TestLocateCancelledChangesNothing(t *testing.T) {
	h, d, done := atLocate(t, sampleLocation())
	d.fields[0].entry.SetText("elsewhere")
	press(t, h.win, "Cancel")
	if *done != 0 || h.f.location.Server != `crmserver\superoffice` || h.f.identity.Company == "" {
		t.Errorf("done %d, server %q", *done, h.f.location.Server)
	}
}

// After a test of another location the guide is connected to that one: the page
// has to connect to its own again.
func TestLocateCancelledAfterATestConnectsAgain(t *testing.T) {
	h, d, done := atLocate(t, sampleLocation())
	d.fields[0].entry.SetText("elsewhere")
	press(t, h.win, "Test")
	press(t, h.win, "Cancel")
	if *done != 1 || h.f.location.Server != `crmserver\superoffice` || h.f.identity.Company != "" {
		t.Errorf("done %d, server %q, identity %q", *done, h.f.location.Server, h.f.identity.Company)
	}
}
