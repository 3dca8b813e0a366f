package onsite

import (
	"strings"
	"testing"
)

// TestRolesAreOrdered: the stand-in gives rows of one associate in the order of
// their roles anyway, SQL Server in any order unless it is asked for one.
func TestRolesAreOrdered(t *testing.T) {
	if !strings.HasSuffix(sqlAssociates, "ORDER BY a.associate_id, r.Role_id") {
		t.Error("the roles of an associate come in any order")
	}
}
