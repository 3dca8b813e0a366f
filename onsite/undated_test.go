package onsite

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// TestUndatedDocuments: a row whose date stands for none has its file in a
// period that nothing tells.
func TestUndatedDocuments(t *testing.T) {
	in, _ := archive(t, map[string]string{
		"HH/2004.2/once.doc": "once", "HH/2004.2/once/once-001.doc": "earlier", "HH/2004.2/twice.doc": "a", "HH/2005.1/twice.doc": "b", "HH/2006.1/taken.doc": "of another",
		"HH/Private/hidden.doc": "x", "HH/2007.1/shared.doc": "x", "REG/2003.1/registrar.doc": "x", "HH/1970.1/own.doc": "own", "HH/2008.1/own.doc": "other",
	}, map[string]string{"HH/2009.2/second.doc": "x"})
	undated := func(id int64, name string, year int) documentRow {
		d := row(name)
		d.id, d.registered = id, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		return d
	}
	dated := row("taken.doc")
	dated.id, dated.registered = 90, time.Date(2006, 3, 1, 0, 0, 0, 0, time.UTC)
	all := []documentRow{dated, undated(91, "shared.doc", 1760), undated(92, "shared.doc", 1970)}
	for name, want := range map[string]string{
		"once.doc": "2004.2", "twice.doc": "", "taken.doc": "", "hidden.doc": "", "shared.doc": "", "registrar.doc": "2003.1", "own.doc": "1970.1", "second.doc": "2009.2",
	} {
		for _, year := range []int{1970, 1760} {
			if name == "own.doc" && year == 1760 {
				continue
			}
			fd := in.files.finder()
			fd.namesakes = func(name string) ([]documentRow, error) {
				return slices.DeleteFunc(slices.Clone(all), func(d documentRow) bool { return d.name != name }), nil
			}
			it, err := fd.document(undated(92, name, year))
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				if it.Outcome != migration.Missing {
					t.Errorf("%s of %d: %+v, want it missing", name, year, it)
				}
				continue
			}
			if it.Outcome != "" || !strings.Contains(filepath.ToSlash(it.Source), "/"+want+"/") || it.Elements[2] != period(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("%s of %d: %+v, want it from %s under the path of the formula", name, year, it, want)
			}
			if odd := it.Reason.ID == "warning.document.found"; odd != (name != "own.doc") {
				t.Errorf("%s of %d: said %v", name, year, it.Reason)
			}
		}
	}
	var versions []string
	err := in.files.finder().versionsOf(undated(92, "once.doc", 1970), []string{"HH"}, func(it migration.Item) error {
		versions = append(versions, strings.Join(it.Elements, "/"))
		return nil
	})
	if want := []string{"documents/HH/1970.1/once/once-001.doc"}; err != nil || !slices.Equal(versions, want) {
		t.Errorf("versions %q %v, want %q", versions, err, want)
	}
	plain := row("once.doc")
	if it, err := in.files.finder().document(plain); err != nil || it.Outcome != migration.Missing {
		t.Errorf("a row with a date takes no file from another period: %+v %v", it, err)
	}
}
