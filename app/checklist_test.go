package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// long is a name as other languages and large companies have it.
var long = strings.Repeat("Donaudampfschifffahrtsgesellschaft ", 8)

// passed has checks in which nothing stands against an upload.
func passedChecks() *migration.CheckReport {
	r := sampleChecks()
	r.Checks = r.Checks[:1]
	return r
}

// assigned gives plans to the sample's users, so that all topics can be confirmed.
func assigned(h *fakeHost) *migration.Draft {
	h.f.draft.Assign(somePlans)
	return h.f.draft
}

var somePlans = map[int64]migration.Assignment{
	11: {Plan: "sales"}, 12: {Plan: "sales", Confidential: true}, 13: {Plan: "service"}, 14: {Plan: "sales"}, 15: {Plan: "marketing"},
}

func confirm(t *testing.T, d *migration.Draft, topics ...migration.Topic) {
	t.Helper()
	for _, topic := range topics {
		if err := d.Confirm(topic); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChecklistReadsTheDraftAndCarriesOutTheChecks(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft, h.hold = nil, true
	notes := make([]migration.Message, 7)
	for i := range notes {
		notes[i] = migration.Msg("draft.mailboxes")
	}
	h.g.draftFn = func(context.Context, migration.Mode) (*migration.Draft, []migration.Message, error) {
		return sampleDraft(), notes, nil
	}
	v := newChecklistView(h).(*checklistView)
	h.page(v)
	if n := v.next(); n.closed.ID != "checklist.reading" {
		t.Errorf("while the users are read upload is closed by %q", n.closed.ID)
	}
	if !v.topics[migration.TopicPlans].closed {
		t.Error("user plans can be opened before there are any")
	}
	h.release(t.Context())
	if h.f.draft == nil || h.f.checks == nil {
		t.Fatal("draft or checks are missing")
	}
	if got := h.g.called("Draft"); len(got) != 1 || got[0][0] != migration.ModeTest {
		t.Errorf("the draft was asked for by %v", got)
	}
	if len(h.notices) != 1 || len(h.notices[0].messages) != shownNotes+1 {
		t.Errorf("seven notes are told as %v", h.notices)
	}
	v.left()
	v.entered()
	if len(h.g.called("Check")) != 1 || len(h.g.called("Draft")) != 1 {
		t.Error("coming back reads everything once more")
	}
}

// TestUploadIsClosedWithTheFirstReason walks through everything that stands
// against an upload, in the order in which it is to be mended.
func TestUploadIsClosedWithTheFirstReason(t *testing.T) {
	h := newFakeHost(t)
	h.f.checks = sampleChecks()
	assigned(h)
	v := newChecklistView(h).(*checklistView)
	h.page(v)
	phone := h.f.draft.Plan.Contact.Phone
	h.f.draft.Plan.Contact.Phone = "none"
	steps := []struct {
		closed string
		way    place
		mend   func()
	}{
		{"plan.contact.phone", placeConfirm, func() { h.f.draft.Plan.Contact.Phone = phone }},
		{"checks.closed.failed", placeChecks, func() { h.f.checks.Checks = h.f.checks.Checks[:2] }},
		{"checks.closed.warnings", placeChecks, func() { h.f.accepted = true }},
		{"draft.unconfirmed.plans", placePlans, func() { confirm(t, h.f.draft, migration.TopicPlans) }},
		{"draft.unconfirmed.names", placeNames, func() { confirm(t, h.f.draft, migration.TopicNames) }},
		{"draft.unconfirmed.notifications", placeNotifications, func() { confirm(t, h.f.draft, migration.TopicNotifications) }},
		{"draft.unconfirmed.mailboxes", placeMailboxes, func() { confirm(t, h.f.draft, migration.TopicMailboxes) }},
	}
	for _, s := range steps {
		n := v.next()
		if n.closed.ID != s.closed {
			t.Fatalf("closed by %q, want %q", n.closed.ID, s.closed)
		}
		n.way()
		if h.visits[len(h.visits)-1] != s.way {
			t.Errorf("%s leads to %q, want %q", s.closed, h.visits[len(h.visits)-1], s.way)
		}
		s.mend()
	}
	n := v.next()
	if !n.closed.IsZero() {
		t.Fatalf("still closed by %q", n.closed.ID)
	}
	n.run()
	if h.visits[len(h.visits)-1] != placeUpload {
		t.Errorf("Upload leads to %q", h.visits[len(h.visits)-1])
	}
}

func TestRowsOpenByClickAndKeys(t *testing.T) {
	h := newFakeHost(t)
	h.f.checks = passedChecks()
	v := newChecklistView(h).(*checklistView)
	h.page(v)
	test.Tap(v.checks)
	h.win.Canvas().Focus(v.checks)
	key := func(k fyne.KeyName) {
		h.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
	}
	key(fyne.KeyDown)
	key(fyne.KeyReturn)
	key(fyne.KeyDown) // user names are closed until the plans are confirmed
	key(fyne.KeyReturn)
	key(fyne.KeyDown)
	key(fyne.KeySpace)
	key(fyne.KeyUp)
	key(fyne.KeyUp)
	key(fyne.KeyUp)
	key(fyne.KeyUp) // there is nothing above the first one
	key(fyne.KeyEnter)
	if want := []place{placeChecks, placePlans, placeNotifications, placeChecks}; !slices.Equal(h.visits, want) {
		t.Errorf("visited %v, want %v", h.visits, want)
	}
}

// TestChecksThatCannotBeCarriedOut: an error is shown and not repeated for ever,
// and one that the person stopped is no error.
func TestChecksThatCannotBeCarriedOut(t *testing.T) {
	h := newFakeHost(t)
	h.g.fail["Check"] = errSample
	v := newChecklistView(h).(*checklistView)
	h.page(v)
	if len(h.errs) != 1 || !errors.Is(h.errs[0], errSample) || h.f.checking.running {
		t.Errorf("errors %v, running %v", h.errs, h.f.checking.running)
	}
	v.entered()
	if n := len(h.g.called("Check")); n != 1 {
		t.Errorf("carried out %d times", n)
	}
	if n := v.next(); n.closed.ID != "checks.closed.none" {
		t.Errorf("closed by %q", n.closed.ID)
	}
}

// estimated is a measured line with what is to be sent over it.
func estimated() *migration.Forecast {
	return &migration.Forecast{Files: 1_200_000, Bytes: 50 << 30, Line: &migration.Line{}, Least: 2*time.Hour + 11*time.Minute, Most: 5*time.Hour + 2*time.Minute}
}

// expecting adds a forecast to the checks.
func expecting(r *migration.CheckReport, f *migration.Forecast) {
	r.Checks = append(r.Checks, migration.CheckResult{ID: migration.CheckEstimate, Group: "estimate", State: migration.CheckPassed, Forecast: f})
}

func checklistStates() []pageState {
	return []pageState{
		{"screen-checklist", placeChecklist, nil, nil},
		{"screen-checklist-done", placeChecklist, uploadable, nil},
		{"checklist-reading", placeChecklist, func(_ *testing.T, f *flow, g *fakeGuide) {
			f.draft, g.block["Draft"] = nil, make(chan struct{})
		}, nil},
		{"checklist-attention-long", placeChecklist, func(t *testing.T, f *flow, _ *fakeGuide) {
			f.checks = sampleChecks()
			f.checks.Checks = f.checks.Checks[:2]
			f.draft.Assign(somePlans)
			confirm(t, f.draft, migration.TopicPlans)
			f.draft.SetNames(map[int64]string{11: long + "@x", 12: "", 13: "lise.moe@fjordlys.example"})
			f.draft.SetNotifications(migration.Notifications{SummaryTo: long})
		}, nil},
		{"checklist-estimate", placeChecklist, func(t *testing.T, f *flow, g *fakeGuide) {
			uploadable(t, f, g)
			expecting(f.checks, estimated())
		}, nil},
	}
}

// The checklist says when an upload that begins now will have ended, a least if
// no more is known, and that nothing was measured; nothing before it was looked at.
func TestChecklistSaysHowLongItWillTake(t *testing.T) {
	for _, c := range []struct {
		forecast *migration.Forecast
		want     string
	}{
		{nil, ""},
		{estimated(), "Begun now, the upload takes 2 h 10 min to 5 h 15 min and ends between 23:40 and 2026-03-15 02:45: 1,200,000 files with 50.0 GB, and the database."},
		{&migration.Forecast{Files: 7, Bytes: 1000, Line: &migration.Line{}, Least: 3 * time.Minute}, "The upload takes more than 3 min: more than 7 files with 1,000 B, and the database."},
		{&migration.Forecast{Files: 7, Bytes: 1000}, "How long it will take could not be measured: 7 files with 1,000 B, and the database."},
	} {
		h := newFakeHost(t)
		h.f.checks = passedChecks()
		if c.forecast != nil {
			expecting(h.f.checks, c.forecast)
		}
		v := newChecklistView(h).(*checklistView)
		h.page(v)
		if v.expect.Text != c.want || v.expect.Hidden != (c.want == "") {
			t.Errorf("it says %q, want %q", v.expect.Text, c.want)
		}
	}
}
