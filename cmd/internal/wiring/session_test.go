package wiring

import (
	"errors"
	"io/fs"
	"testing"

	"omt/migration"
	"omt/migration/journal"
)

func TestBelongs(t *testing.T) {
	users := []migration.User{{AssociateID: 3, Admin: true}, {AssociateID: 5}}
	for id, want := range map[int64]bool{3: true, 5: false, 7: false, 0: false} {
		err := belongs(migration.Principal{AssociateID: id, UserName: "HH", Proved: true}, users, "SuperOffice")
		if want && err != nil || !want && (!errors.Is(err, migration.ErrNotAdministrator) || migration.HintOf(err).ID != "hint.login.elsewhere") {
			t.Errorf("associate %d: %v", id, err)
		}
	}
}

// Who may not write the state folder is told that an administrator may; another
// fault of it does not lead there.
func TestStateThatMayNotBeWritten(t *testing.T) {
	for _, c := range []struct {
		err   error
		admin bool
		hint  string
	}{
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, true, "hint.journal.open"},
		{errors.New("broken"), false, "hint.journal.open"},
		{journal.ErrNoSpace, false, "hint.journal.full"},
		{journal.ErrNewer, false, "hint.journal.newer"},
	} {
		err := journalError("dir", c.err)
		if errors.Is(err, migration.ErrNeedsAdministrator) != c.admin || migration.HintOf(err).ID != c.hint || !errors.Is(err, c.err) {
			t.Errorf("%v: %v, hint %s", c.err, err, migration.HintOf(err).ID)
		}
	}
}
