package onsite_test

import (
	"slices"
	"testing"

	"omt/migration"
)

func TestMailboxes(t *testing.T) {
	s := newServer(t, nil)
	got, err := s.connect(t).Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for i, a := range got {
		if table := map[bool]string{true: "mail_in_filter", false: "mail_alias"}[i < 3]; a.Table != table {
			t.Errorf("%s is of %s, want %s", a.Address, a.Table, table)
		}
		addresses = append(addresses, a.Address)
	}
	if want := s.in.Expect().Mailboxes; !slices.Equal(addresses, want) {
		t.Errorf("%q, want %q", addresses, want)
	}
}

// An older version or one without Customer Service has no such tables.
func TestMailboxesWithoutTables(t *testing.T) {
	_, s, _ := small(t)
	if got, err := s.connect(t).Mailboxes(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	s = old(t, func(c *migration.Catalog) { drop(c, "mail_alias") })
	s.exec(t, "INSERT INTO CRM7.mail_in_filter (id, reply_template_id, checkwait, address, ai_suggest_category, ai_text_analysis) VALUES (1, -1, 0, ' help@a.example ', 0, 0), (2, -1, 0, NULL, 0, 0), (3, -1, 0, '  ', 0, 0)")
	got, err := s.connect(t).Mailboxes(t.Context())
	if err != nil || !slices.Equal(got, []migration.MailAddress{{Address: "help@a.example", Table: "mail_in_filter"}}) {
		t.Errorf("%v %v", got, err)
	}
}
