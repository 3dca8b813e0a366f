package app

import (
	"testing"

	"omt/migration"
)

// TestSnapshotIsAConsentForALiveMigration: the box stands where a live migration
// is chosen, its tick is for that alone, and it reaches the run.
func TestSnapshotIsAConsentForALiveMigration(t *testing.T) {
	h, v := atConfirm(t, func(h *fakeHost) {
		h.f.start.Ticket.Modes = []migration.Mode{migration.ModeTest, migration.ModeLive}
	})
	live, test := say(migration.Msg("mode.live")), say(migration.Msg("mode.test"))
	if v.snapshot.object.Visible() {
		t.Error("a test migration is offered a snapshot")
	}
	v.mode.SetSelected(live)
	if !v.snapshot.object.Visible() || !seen(h.win, say(migration.Msg("confirm.snapshot.text"))) {
		t.Error("a live migration is not offered a snapshot")
	}
	v.snapshot.tick.SetChecked(true)
	if !h.f.snapshot {
		t.Fatal("the tick was not heard")
	}
	v.mode.SetSelected(test)
	v.mode.SetSelected(live)
	if h.f.snapshot || v.snapshot.tick.Checked {
		t.Error("the consent outlived the choice of another mode")
	}
	for mode, want := range map[migration.Mode]bool{migration.ModeTest: false, migration.ModeLive: true} {
		h := confirmed(t)
		h.f.snapshot, h.f.draft.Plan.Mode = true, mode
		openUpload(h)
		if u := h.g.called("Run")[0][0].(Upload); u.Snapshot != want || u.KeepParts {
			t.Errorf("%s: asked for %+v", mode, u)
		}
	}
}

// TestPartsAreKeptByConsent: the box stands where a run goes on, and nowhere
// else.
func TestPartsAreKeptByConsent(t *testing.T) {
	h := confirmed(t)
	h.g.fail["Run"] = migration.Fail("read table", "CRM7.contact", migration.ErrNoSpace, migration.Message{})
	v := openUpload(h)
	if !v.keep.object.Visible() || !seen(h.win, say(migration.Msg("upload.keep.text"))) {
		t.Error("a run that failed is not asked")
	}
	v.keep.tick.SetChecked(true)
	delete(h.g.fail, "Run")
	v.next().run()
	if u := h.g.called("Run")[1][0].(Upload); !u.KeepParts {
		t.Errorf("asked for %+v", u)
	}
	if v.keep.object.Visible() {
		t.Error("a run that ended is asked")
	}
	h = confirmed(t)
	h.f.draft, h.f.target.Earlier, h.f.keepParts = nil, Earlier{Begin: migration.BeginResume, Started: today, Host: "CRMSERVER"}, true
	v = openUpload(h)
	if !v.keep.object.Visible() {
		t.Error("a run of an earlier start is not asked")
	}
	v.next().run()
	if u := h.g.called("Run")[0][0].(Upload); !u.KeepParts {
		t.Errorf("asked for %+v", u)
	}
	h = confirmed(t)
	h.f.draft, h.f.recovery = nil, migration.RecoverMissing
	if v = openUpload(h); v.keep.object.Visible() {
		t.Error("a recovery of files is asked about tables")
	}
}
