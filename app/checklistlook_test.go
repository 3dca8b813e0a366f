package app

import (
	"testing"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// button finds a button below an object by its text.
func button(t *testing.T, o fyne.CanvasObject, text string) *pressable {
	t.Helper()
	var found *pressable
	walk(o, func(o fyne.CanvasObject) {
		if b, ok := o.(*pressable); ok && b.Text == text && b.Visible() {
			found = b
		}
	})
	if found == nil {
		t.Fatalf("no button %q", text)
	}
	return found
}

// TestPagesFit: neither longer words of another language nor endless names may
// make a page need more than the frame leaves it in the smallest window.
func TestPagesFit(t *testing.T) {
	drawn(t)
	room := fyne.NewSize(886, 440)
	stretch(t, 1.6)
	for name, open := range map[string]func(*fakeHost) view{
		"checklist":     func(h *fakeHost) view { return newChecklistView(h) },
		"notifications": func(h *fakeHost) view { return newNotificationsView(h) },
		"mailboxes":     func(h *fakeHost) view { return newMailboxesView(h) },
		"recovery":      func(h *fakeHost) view { return newRecoveryView(h) },
		"complete": func(h *fakeHost) view {
			h.f.result = &migration.Result{Report: fullReport()}
			h.g.paths.Report = long
			return newCompleteView(h)
		},
		"checks": func(h *fakeHost) view {
			h.f.checks = allChecks()
			spoil(h.f.checks, migration.CheckLicences, migration.CheckWarning, 2, 2, func(int) []migration.Cell { return []migration.Cell{{Text: long}} })
			return newChecksView(h)
		},
		"upload":  func(h *fakeHost) view { h.hold = true; return newUploadView(h) },
		"preview": func(h *fakeHost) view { h.f.recovery = migration.RecoverMissing; return newUploadView(h) },
	} {
		h := newFakeHost(t)
		h.f.person.FullName, h.f.target.Name = long, long
		v := open(h)
		if o := h.page(v); o.MinSize().Width > room.Width || o.MinSize().Height > room.Height {
			t.Errorf("%s needs %v, it has %v", name, o.MinSize(), room)
		}
	}
}
