package app

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// mailboxesDraft is that of a customer with these addresses.
func mailboxesDraft(addresses ...string) *migration.Draft {
	var mail []migration.MailAddress
	for _, a := range addresses {
		mail = append(mail, migration.MailAddress{Address: a, Table: "mail_in_filter"})
	}
	d, _ := migration.NewDraft(sampleTicket(), sampleUsers(), mail, samplePerson().Principal, migration.ModeTest)
	return d
}

func openMailboxes(h *fakeHost) *mailboxesView {
	v := newMailboxesView(h).(*mailboxesView)
	h.page(v)
	return v
}

// row finds the widget that shows an address.
func (v *mailboxesView) row(t *testing.T, old string) *mailboxRow {
	t.Helper()
	var found *mailboxRow
	walk(v.list, func(o fyne.CanvasObject) {
		if r, ok := o.(*mailboxRow); ok && r.old.Text == old {
			found = r
		}
	})
	if found == nil {
		t.Fatalf("%s is not shown", old)
	}
	return found
}

// walk visits everything that is drawn of an object.
func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	visit(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			walk(c, visit)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			walk(c, visit)
		}
	}
}

func TestMailboxesAreChosenAndConfirmed(t *testing.T) {
	h := newFakeHost(t)
	v := openMailboxes(h)
	r := v.row(t, "sales@fjordlys.example")
	r.choice.SetSelectedIndex(1)
	r.local.SetText("verkauf")
	v.back().run()
	if got := h.f.draft.Plan.Mailboxes[1]; got.Choice != migration.MailboxKeep || got.New != "sales@cust12345.online.example" {
		t.Errorf("Cancel kept %+v", got)
	}
	v.entered()
	r = v.row(t, "sales@fjordlys.example")
	if r.local.Text != "sales" || r.choice.SelectedIndex() != 0 {
		t.Error("what was cancelled is still there")
	}
	r.choice.SetSelectedIndex(1)
	r.local.SetText("verkauf")
	if n := v.next(); !n.closed.IsZero() {
		t.Fatalf("closed by %q", n.closed.ID)
	}
	v.next().run()
	want := migration.Mailbox{Old: "sales@fjordlys.example", New: "verkauf@cust12345.online.example", Choice: migration.MailboxNew}
	if got := h.f.draft.Plan.Mailboxes[1]; got != want || !h.f.draft.Confirmed(migration.TopicMailboxes) || h.kept != 1 {
		t.Errorf("OK gave %+v, want %+v", got, want)
	}
}

func TestFaultsOfMailboxesCloseOK(t *testing.T) {
	h := newFakeHost(t)
	v := openMailboxes(h)
	for local, want := range map[string]string{
		"":        "plan.mailbox.invalid",
		"a b":     "plan.mailbox.invalid",
		"a@b":     "plan.mailbox.invalid",
		"Support": "plan.mailbox.twice",
		"sales":   "",
	} {
		r := v.row(t, "sales@fjordlys.example")
		r.local.SetText(local)
		n := v.next()
		if n.closed.ID != want {
			t.Errorf("%q is closed by %q, want %q", local, n.closed.ID, want)
		}
		if got := v.row(t, "sales@fjordlys.example").local.Text; got != local {
			t.Errorf("%q became %q while it was typed", local, got)
		}
		if want != "" {
			if v.first != 1 || n.way == nil {
				t.Errorf("%q: the first fault is in row %d", local, v.first)
				continue
			}
			n.way()
			if !strings.Contains(v.whole.Text, say(n.closed)) {
				t.Errorf("%q: the way shows %q", local, v.whole.Text)
			}
		}
	}
}

// TestTextForTheMailProvider: it names what is forwarded and nothing else.
func TestTextForTheMailProvider(t *testing.T) {
	h := newFakeHost(t)
	v := openMailboxes(h)
	v.row(t, "sales@fjordlys.example").choice.SetSelectedIndex(1)
	test.Tap(v.mail)
	got := fyne.CurrentApp().Clipboard().Content()
	if !strings.Contains(got, "support@fjordlys.example to support@cust12345.online.example\n") || strings.Contains(got, "sales@") {
		t.Errorf("the text is\n%s", got)
	}
	v.copySPF()
	if got := fyne.CurrentApp().Clipboard().Content(); got != "v=spf1 include:_spf.online.superoffice.com ~all" {
		t.Errorf("the record is %q", got)
	}
	v.row(t, "support@fjordlys.example").choice.SetSelectedIndex(1)
	if !v.mail.Disabled() || v.copied.Text != say(migration.Msg("mailboxes.nothing")) {
		t.Error("there is nothing to forward, and the button does not say so")
	}
}

func mailboxesStates() []pageState {
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf("abteilung-%d@fjordlys.example", i)
	}
	with := func(addresses ...string) func(*testing.T, *flow, *fakeGuide) {
		return func(_ *testing.T, f *flow, _ *fakeGuide) { f.draft = mailboxesDraft(addresses...) }
	}
	return []pageState{
		{"screen-mailboxes", placeMailboxes, nil, nil},
		{"mailboxes-none", placeMailboxes, with(), nil},
		{"mailboxes-wrong-long", placeMailboxes, with("support@fjordlys.example", strings.ReplaceAll(long, " ", "-")+"@fjordlys.example", "sales@fjordlys.example"),
			func(t *testing.T, w *Window, _ *queue) {
				v := w.pages[placeMailboxes].view.(*mailboxesView)
				v.row(t, "sales@fjordlys.example").local.SetText("support")
				v.row(t, "support@fjordlys.example").choice.SetSelectedIndex(1)
				v.next().way()
			}},
		{"mailboxes-1000", placeMailboxes, with(many...), nil},
	}
}
