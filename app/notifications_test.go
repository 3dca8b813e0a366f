package app

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"omt/migration"
)

func openNotifications(h *fakeHost) *notificationsView {
	v := newNotificationsView(h).(*notificationsView)
	h.page(v)
	return v
}

func TestNotificationsCountOnlyWithOK(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft.SetNotifications(migration.Notifications{Welcome: true, SummaryTo: "karl.klopp@fjordlys.example"})
	v := openNotifications(h)
	test.Tap(v.welcome)
	v.to.SetText("  somebody@fjordlys.example ")
	v.back().run()
	if got := h.f.draft.Plan.Notifications; !got.Welcome || got.SummaryTo != "karl.klopp@fjordlys.example" {
		t.Errorf("Cancel kept %+v", got)
	}
	v.entered()
	if !v.welcome.Checked || v.to.Text != "karl.klopp@fjordlys.example" {
		t.Error("what was cancelled is still there")
	}
	test.Tap(v.welcome)
	v.to.SetText("  somebody@fjordlys.example ")
	v.next().run()
	want := migration.Notifications{SummaryTo: "somebody@fjordlys.example"}
	if h.f.draft.Plan.Notifications != want || !h.f.draft.Confirmed(migration.TopicNotifications) || h.kept != 1 {
		t.Errorf("OK gave %+v, confirmed %v, kept %d", h.f.draft.Plan.Notifications, h.f.draft.Confirmed(migration.TopicNotifications), h.kept)
	}
	if h.visits[len(h.visits)-1] != placeChecklist {
		t.Errorf("OK leads to %v", h.visits)
	}
}

func TestOKIsClosedOnAWrongAddress(t *testing.T) {
	h := newFakeHost(t)
	v := openNotifications(h)
	v.summary.SetChecked(true)
	for text, want := range map[string]string{
		"":                "notifications.empty",
		"   ":             "notifications.empty",
		"nobody":          "plan.notifications.summary",
		"a@b@c.example":   "plan.notifications.summary",
		"a@fjord.example": "",
	} {
		v.to.SetText(text)
		n := v.next()
		if n.closed.ID != want {
			t.Errorf("%q is closed by %q, want %q", text, n.closed.ID, want)
		}
		if want == "" {
			continue
		}
		n.way()
		if h.win.Canvas().Focused() != v.to {
			t.Errorf("%q: the way does not lead to the field", text)
		}
	}
	v.to.SetText("")
	test.Tap(v.summary)
	if n := v.next(); !n.closed.IsZero() || !v.to.Disabled() {
		t.Errorf("without a summary OK is closed by %q", n.closed.ID)
	}
}

func notificationsStates() []pageState {
	return []pageState{
		{"screen-notifications", placeNotifications, nil, nil},
		{"notifications-wrong-long", placeNotifications, nil, on(func(v *notificationsView) { v.summary.SetChecked(true); v.to.SetText(long) })},
		{"notifications-none", placeNotifications, nil, on(func(v *notificationsView) { v.welcome.SetChecked(false); v.summary.SetChecked(false) })},
	}
}
