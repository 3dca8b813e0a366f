package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

func TestPreviewOfMissingFiles(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft, h.f.recovery = nil, migration.RecoverMissing
	p := samplePreview()
	p.Found, p.FoundTotal, p.FoundBytes = nil, 0, 0
	h.g.previewFn = func(context.Context) (*migration.RecoveryPreview, error) { return p, nil }
	v := openUpload(h)
	if n := v.next(); n.closed.ID != "upload.preview.nothing" {
		t.Fatalf("nothing was found, closed by %q", n.closed.ID)
	}
	test.Tap(v.preview.all)
	if n := v.next(); !n.closed.IsZero() || !slices.Equal(h.f.ticked, []string{"document:3"}) {
		t.Fatalf("ticked %v, closed by %q", h.f.ticked, n.closed.ID)
	}
	v.preview.changed.list.Select(0) // the space bar on the row
	if len(h.f.ticked) != 0 || v.preview.all.Checked {
		t.Errorf("unticked, but %v", h.f.ticked)
	}
	v.preview.changed.list.Select(0)
	p = samplePreview()
	test.Tap(v.preview.again)
	if len(h.g.called("Preview")) != 2 || len(h.f.ticked) != 0 {
		t.Errorf("looked %d times, ticked %v", len(h.g.called("Preview")), h.f.ticked)
	}
	v.preview.changed.list.Select(0)
	v.next().run()
	u := h.g.called("Run")[0][0].(Upload)
	if u.Recovery != migration.RecoverMissing || !slices.Equal(u.Changed, []string{"document:3"}) || u.Draft != nil {
		t.Errorf("asked for %+v", u)
	}
}

// Of files that may be those of missing rows nothing is chosen by itself, one a
// row at most, and what was chosen is what is sent.
func TestCandidatesAreChosenByThePerson(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft, h.f.recovery = nil, migration.RecoverMissing
	p := &migration.RecoveryPreview{Ended: today, Missing: 12, Candidates: sampleCandidates()}
	h.g.previewFn = func(context.Context) (*migration.RecoveryPreview, error) { return p, nil }
	v := openUpload(h)
	if n := v.next(); n.closed.ID != "upload.preview.nothing" || len(h.f.chosen) != 0 {
		t.Fatalf("chosen %v before anybody did, closed by %q", h.f.chosen, n.closed.ID)
	}
	list := v.preview.maybe.list.list
	list.Select(0)
	list.Select(1) // of the same row: in place of the first
	list.Select(2)
	want := map[string]string{"document/7": p.Candidates[0].Candidates[1].Source, "document/8": p.Candidates[1].Candidates[0].Source}
	if !maps.Equal(h.f.chosen, want) {
		t.Fatalf("chosen %v, want %v", h.f.chosen, want)
	}
	list.Select(2)
	delete(want, "document/8")
	v.next().run()
	if u := h.g.called("Run")[0][0].(Upload); !maps.Equal(u.Confirmed, want) {
		t.Errorf("asked for %v, want %v", u.Confirmed, want)
	}
}

// TestPreviewSaysWhatItLeavesOut: rows that came later, folders that were not
// searched, and of a long list of candidates how many there are.
func TestPreviewSaysWhatItLeavesOut(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft, h.f.recovery = nil, migration.RecoverMissing
	rows := sampleCandidates()[:1]
	rows[0].Candidates = slices.Repeat(rows[0].Candidates[:1], listedCandidates+500)
	p := &migration.RecoveryPreview{Ended: today, Missing: 12, Newer: 4321, Unsearched: 8765, Candidates: rows}
	h.g.previewFn = func(context.Context) (*migration.RecoveryPreview, error) { return p, nil }
	v := openUpload(h)
	newer, unsearched := say(migration.Msg("upload.preview.newer", "Count", "4,321")), say(migration.Msg("missing.unsearched", "Count", "8,765"))
	if v.preview.newer.Text != newer+" "+unsearched || !v.preview.newer.Visible() {
		t.Errorf("it says %q", v.preview.newer.Text)
	}
	maybe := v.preview.maybe.list
	if len(maybe.items) != listedCandidates || !maybe.object.Visible() || !strings.Contains(maybe.title.Text, "1,500") {
		t.Errorf("%d candidates are listed below %q", len(maybe.items), maybe.title.Text)
	}
	for _, f := range rows[0].Candidates[0].Fits {
		if words := say(maybe.words(maybe.items[0])); !strings.Contains(words, say(migration.Msg("fit."+string(f)))) {
			t.Errorf("why it fits is not said: %q", words)
		}
	}
	p = &migration.RecoveryPreview{Ended: today, Missing: 12}
	test.Tap(v.preview.again)
	if v.preview.newer.Visible() || maybe.object.Visible() {
		t.Error("what was left out before is said still")
	}
}

func TestPreviewThatCannotBeRead(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft, h.f.recovery = nil, migration.RecoverMissing
	h.g.fail["Preview"] = errSample
	v := openUpload(h)
	if len(h.errs) != 1 || !errors.Is(h.errs[0], errSample) {
		t.Errorf("told %v", h.errs)
	}
	n := v.next()
	if n.closed.ID != "upload.preview.unread" {
		t.Fatalf("closed by %q", n.closed.ID)
	}
	delete(h.g.fail, "Preview")
	n.way()
	if h.f.preview == nil {
		t.Error("the way does not look again")
	}
}

func previewStates() []pageState {
	with := func(change func(*migration.RecoveryPreview)) func(*testing.T, *flow, *fakeGuide) {
		return func(_ *testing.T, f *flow, g *fakeGuide) {
			f.recovery, f.draft = migration.RecoverMissing, nil
			p := samplePreview()
			change(p)
			g.previewFn = func(context.Context) (*migration.RecoveryPreview, error) { return p, nil }
		}
	}
	candidates := with(func(p *migration.RecoveryPreview) { p.Candidates = sampleCandidates() })
	return []pageState{
		{"screen-preview", placeUpload, candidates, nil},
		{"preview-chosen", placeUpload, candidates, on(func(v *uploadView) { v.preview.maybe.list.list.Select(2) })},
		{"preview-found", placeUpload, with(func(*migration.RecoveryPreview) {}), nil},
		{"preview-looking", placeUpload, func(_ *testing.T, f *flow, g *fakeGuide) {
			f.recovery, f.draft, g.block["Preview"] = migration.RecoverMissing, nil, make(chan struct{})
		}, nil},
		{"preview-nothing", placeUpload, with(func(p *migration.RecoveryPreview) { *p = migration.RecoveryPreview{Ended: today, Missing: 12} }), nil},
		{"preview-1000-long", placeUpload, with(func(p *migration.RecoveryPreview) {
			it := p.Changed[0]
			it.Sent, it.SentSize = today.Add(-1000*time.Hour), 12<<20
			it.Source = `\\crmserver\so_arc\` + long
			p.Found, p.Changed = slices.Repeat(p.Found, 500), slices.Repeat([]migration.RecoveryItem{it}, 1000)
			p.FoundTotal, p.ChangedTotal, p.Missing = 2345, 1000, 4000
		}), on(func(v *uploadView) { test.Tap(v.preview.all) })},
	}
}
