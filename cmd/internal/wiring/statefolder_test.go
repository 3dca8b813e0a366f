package wiring

import "testing"

func TestStateRights(t *testing.T) {
	want := "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1)"
	if got := stateRights("S-1-5-21-1", "S-1-5-21-1", ""); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
