package app

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

func earlier(choices ...migration.RecoveryChoice) Earlier {
	return Earlier{
		Begin: migration.BeginRecovery, Mode: migration.ModeTest, State: migration.StateUploaded, Host: "CRMSERVER",
		Started: today.Add(-50 * time.Hour), Ended: today.Add(-48 * time.Hour), Choices: choices,
	}
}

func openRecovery(h *fakeHost, e Earlier, signedIn bool) *recoveryView {
	h.f.target, h.f.start.Earlier = Target{}, e
	if !signedIn {
		h.f.person = Person{}
	}
	v := newRecoveryView(h).(*recoveryView)
	h.page(v)
	return v
}

// TestNothingThatReplacesDataIsPreselected goes through what may be offered.
func TestNothingThatReplacesDataIsPreselected(t *testing.T) {
	both := []migration.RecoveryChoice{migration.RecoverMissing, migration.RecoverOverwrite}
	for name, c := range map[string]struct {
		choices []migration.RecoveryChoice
		chosen  migration.RecoveryChoice
		closed  string
	}{
		"both":      {both, migration.RecoverMissing, ""},
		"missing":   {both[:1], migration.RecoverMissing, ""},
		"overwrite": {both[1:], migration.RecoverNone, "recovery.choose"},
		"neither":   {nil, migration.RecoverNone, "recovery.none"},
	} {
		h := newFakeHost(t)
		v := openRecovery(h, earlier(c.choices...), false)
		if v.chosen != c.chosen || v.next().closed.ID != c.closed || len(v.rows) != len(c.choices) {
			t.Errorf("%s: chosen %q, closed by %q, %d buttons", name, v.chosen, v.next().closed.ID, len(v.rows))
		}
	}
}

func TestChoiceOfRecovery(t *testing.T) {
	for name, c := range map[string]struct {
		choice   migration.RecoveryChoice
		signedIn bool
		label    string
		leads    place
	}{
		"missing":                 {migration.RecoverMissing, false, "button.resume", placeLogin},
		"overwrite":               {migration.RecoverOverwrite, false, "button.overwrite", placeLogin},
		"missing after sign-in":   {migration.RecoverMissing, true, "button.resume", placeUpload},
		"overwrite after sign-in": {migration.RecoverOverwrite, true, "button.overwrite", placeConfirm},
	} {
		h := newFakeHost(t)
		v := openRecovery(h, earlier(migration.RecoverMissing, migration.RecoverOverwrite), c.signedIn)
		test.Tap(v.rows[c.choice])
		n := v.next()
		if n.label.ID != c.label || n.danger != (c.choice == migration.RecoverOverwrite) {
			t.Errorf("%s: the button is %+v", name, n)
		}
		n.run()
		if h.f.recovery != c.choice || !slices.Equal(h.visits, []place{c.leads}) {
			t.Errorf("%s: chosen %q, leads to %v", name, h.f.recovery, h.visits)
		}
	}
}

// TestTheTargetKnowsBetter: what it tells replaces what this computer knows.
func TestTheTargetKnowsBetter(t *testing.T) {
	h := newFakeHost(t)
	h.f.start.Earlier = earlier(migration.RecoverMissing)
	h.f.target.Earlier = earlier(migration.RecoverOverwrite)
	v := newRecoveryView(h).(*recoveryView)
	h.page(v)
	if !slices.Equal(v.offered, []migration.RecoveryChoice{migration.RecoverOverwrite}) {
		t.Errorf("offered %v", v.offered)
	}
	test.Tap(v.rows[migration.RecoverOverwrite])
	h.f.target.Earlier = earlier(migration.RecoverMissing)
	v.entered()
	if v.chosen != migration.RecoverMissing {
		t.Errorf("a choice that is no more offered stays: %q", v.chosen)
	}
}

func recoveryStates() []pageState {
	with := func(e Earlier) func(*testing.T, *flow, *fakeGuide) {
		return func(_ *testing.T, f *flow, _ *fakeGuide) {
			f.target, f.start.Earlier, f.person = Target{}, e, Person{}
		}
	}
	return []pageState{
		{"screen-recovery", placeRecovery, with(earlier(migration.RecoverMissing, migration.RecoverOverwrite)), nil},
		{"recovery-overwrite", placeRecovery, with(earlier(migration.RecoverOverwrite)), nil},
		{"recovery-none-long", placeRecovery, with(Earlier{Begin: migration.BeginRecovery, Mode: migration.ModeLive, Host: long}), nil},
	}
}
