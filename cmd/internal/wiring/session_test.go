package wiring

import (
	"errors"
	"testing"

	"omt/migration"
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
