package migration

import (
	"reflect"
	"strings"
	"testing"
)

func TestLocationFile(t *testing.T) {
	l := Location{
		DatabaseType: "MSSQL", Server: `crm\SALES`, Database: "SuperOffice", Schema: "CRM7", User: "crm7",
		ArchivePaths: [3]string{`\\srv\SO_ARC`, `D:\arc`, ""}, TemplatePath: `D:\t`, ServiceBase: "s", AttachmentPath: "a", ServiceTexts: "x",
		ServiceTmpl: "y", NetServer: "https://x/SuperOffice", HasPassword: true, Found: []LocationOrigin{{"server", "here", 1}},
	}
	b, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if text := string(b); strings.Contains(strings.ToLower(text), "password") || strings.Contains(text, "here") {
		t.Errorf("the file tells what belongs to this computer: %s", text)
	}
	got, err := ReadLocation(strings.NewReader(string(b)))
	l.Format, l.HasPassword, l.Found = LocationFormat, false, nil
	if err != nil || !reflect.DeepEqual(got, l) {
		t.Errorf("%+v %v", got, err)
	}
	// Every field that the dialog shows is in the file.
	v := reflect.ValueOf(got)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "HasPassword" && name != "Found" {
			t.Errorf("%s is not in the file", name)
		}
	}
}

func TestBadLocationFiles(t *testing.T) {
	for _, c := range []struct{ name, text, item, hint string }{
		{"empty", "", "", "hint.location.syntax"},
		{"not JSON", "[SuperOffice]", "", "hint.location.syntax"},
		{"list", `["omt-location/1"]`, "", "hint.location.syntax"},
		{"too large", `{"format":"` + strings.Repeat("x", maxLocationFile) + `"}`, "", "hint.location.syntax"},
		{"other format", `{"format":"omt-location/2","more":1}`, "format", "hint.location.format"},
		{"no format", `{"server":"crm"}`, "format", "hint.location.format"},
		{"password", `{"format":"omt-location/1","password":"secret-4711"}`, "password", "hint.location.unknown"},
		{"misspelt", `{"format":"omt-location/1","sever":"secret-4711"}`, "sever", "hint.location.unknown"},
		{"number", `{"format":"omt-location/1","server":4711}`, "server", "hint.location.field"},
		{"path alone", `{"format":"omt-location/1","archivePaths":"C:"}`, "archivePaths", "hint.location.field"},
		{"four archives", `{"format":"omt-location/1","archivePaths":["a","b","c","d"]}`, "archivePaths", "hint.location.field"},
		{"text behind", `{"format":"omt-location/1"} secret-4711`, "", "hint.location.syntax"},
	} {
		_, err := ReadLocation(strings.NewReader(c.text))
		e, ok := err.(*Error)
		if !ok || e.Item != c.item || e.Hint.ID != c.hint || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, hint %v", c.name, err, HintOf(err))
		}
	}
}
