package mssql

import "testing"

// LIKE compares as the collation of the database does; NULL is never like.
func TestLikeFollowsCollation(t *testing.T) {
	for collation, want := range map[string][]string{
		"Latin1_General_CI_AS": {"1", "2"}, "Latin1_General_CS_AS": {"1"}, "Latin1_General_BIN2": {"1"},
	} {
		c := smallCatalog()
		c.Collation = collation
		s := newStore(t, c)
		for id, name := range []any{nil, "a Word b", "WORDS", "wor d"} {
			load(t, s, c.Tables[0], []any{id, name, nil, nil})
		}
		db, _ := open(t, s, Options{})
		equal(t, collation, collect(t, db, "SELECT c.id FROM CRM7."+c.Tables[0].Name+" AS c WHERE c.name LIKE '%Word%' ORDER BY c.id"), want...)
	}
}
