package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"omt/app"
	"omt/migration"
	"omt/onsite/sample"
	"omt/onsite/sample/mssql"
)

// interrupt is a database that does something when a row of a table is read.
type interrupt struct{ at atomic.Pointer[func()] }

func (i *interrupt) options() sample.ServeOptions {
	return sample.ServeOptions{Faults: mssql.Faults{Hook: func(_ context.Context, table string, row int64) error {
		if f := i.at.Load(); f != nil && strings.EqualFold(table, "partner.ImportLog") && row == 1 {
			(*f)()
		}
		return nil
	}}}
}

// begin uploads and is cancelled in the middle.
func (s served) begin(t *testing.T, i *interrupt) {
	t.Helper()
	g, d, checks := s.prepared(t)
	ctx, cancel := context.WithCancel(t.Context())
	stop := func() { cancel() }
	i.at.Store(&stop)
	_, err := g.Run(ctx, app.Upload{Draft: d, Checks: checks, Accepted: true})
	i.at.Store(nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// A cancelled upload goes on at the next start, with the plan of before.
func TestGuideResumes(t *testing.T) {
	slow(t)
	var i interrupt
	s := serveSample(t, small, i.options())
	s.begin(t, &i)
	g, st, target := s.arrive(t)
	if st.Earlier.Begin != migration.BeginResume || target.Earlier.Begin != migration.BeginResume || st.Earlier.Mode != migration.ModeTest {
		t.Fatalf("%+v", st.Earlier)
	}
	kept, notes, err := g.Draft(t.Context(), st.Earlier.Mode)
	if err != nil || len(notes) > 0 || kept.Ready() != nil {
		t.Errorf("kept draft: %v %v %v", notes, err, kept.Ready())
	}
	if res := do(g.Run(t.Context(), app.Upload{}))(t); res.Begin != migration.BeginResume {
		t.Errorf("%+v", res)
	}
}

// change changes rows underneath the server.
func (s served) change(t *testing.T, statement string, args ...any) {
	t.Helper()
	store, err := mssql.Open(t.Context(), filepath.Join(s.dir, "sample", "database", "superoffice.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Exec(t.Context(), statement, args...), store.Close()); err != nil {
		t.Fatal(err)
	}
}

// Users that change between the draft and the upload open their names again;
// everything else stays chosen.
func TestGuideReopens(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	g, d, checks := s.prepared(t)
	person := d.Users[2].PersonID
	s.change(t, "UPDATE CRM7.Email SET email_address = 'somebody.else@fjordlys.example' WHERE person_id = ?", person)
	_, err := g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true})
	var why *migration.Reopened
	if !errors.Is(err, migration.ErrReopened) || !errors.As(err, &why) || why.Changes[0].ID != "draft.user.addresses" || migration.HintOf(err).ID != "hint.draft.reopened" {
		t.Fatalf("%v", err)
	}
	if !d.Confirmed(migration.TopicNames) {
		t.Error("the draft of the page was changed under it")
	}
	notes, err := g.Reread(t.Context(), d)
	if err != nil || len(notes) != len(why.Changes) || d.Confirmed(migration.TopicNames) || !d.Confirmed(migration.TopicPlans) || !d.Confirmed(migration.TopicMailboxes) {
		t.Errorf("%v %v", notes, err)
	}
	if err := g.Keep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if kept, notes, err := g.Draft(t.Context(), migration.ModeTest); err != nil || len(notes) > 0 || kept.Confirmed(migration.TopicNames) || !kept.Confirmed(migration.TopicPlans) {
		t.Errorf("kept draft: %v %v", notes, err)
	}
	if err := d.Confirm(migration.TopicNames); err != nil {
		t.Fatal(err)
	}
	do(g.Run(t.Context(), app.Upload{Draft: d, Checks: checks, Accepted: true}))(t)
}

// The same between a cancelled upload and the start that goes on with it.
func TestGuideReopensAtResume(t *testing.T) {
	var i interrupt
	s := serveSample(t, small, i.options())
	s.begin(t, &i)
	s.change(t, "UPDATE CRM7.Email SET email_address = 'somebody.else@fjordlys.example' WHERE email_id = (SELECT min(email_id) FROM CRM7.Email)")
	g, st, _ := s.arrive(t)
	if _, err := g.Run(t.Context(), app.Upload{}); !errors.Is(err, migration.ErrReopened) {
		t.Fatalf("%v", err)
	}
	d, _, err := g.Draft(t.Context(), st.Earlier.Mode)
	if err != nil || d.Confirmed(migration.TopicNames) {
		t.Fatalf("names are still confirmed, %v", err)
	}
	if err := d.Confirm(migration.TopicNames); err != nil {
		t.Fatal(err)
	}
	if res := do(g.Run(t.Context(), app.Upload{Draft: d}))(t); res.Begin != migration.BeginResume {
		t.Errorf("%+v", res)
	}
}

// Choices that cannot be read are made again; an unfinished run needs none.
func TestGuideWithDamagedDraft(t *testing.T) {
	slow(t)
	var i interrupt
	s := serveSample(t, small, i.options())
	s.begin(t, &i)
	g, st, _ := s.arrive(t)
	if err := g.session.Journal.PutNote(t.Context(), "draft", "draft", []byte("{")); err != nil {
		t.Fatal(err)
	}
	d, notes, err := g.Draft(t.Context(), st.Earlier.Mode)
	if err != nil || len(notes) != 1 || notes[0].ID != "hint.draft" || d.Ready() == nil || len(d.Plan.Users) == 0 || d.Plan.Contact.Phone == "" {
		t.Errorf("%v %v", notes, err)
	}
	do(g.Run(t.Context(), app.Upload{}))(t)
}

// After a fault of the journal the same window goes on: it is opened again.
func TestGuideOpensJournalAgain(t *testing.T) {
	slow(t)
	var i interrupt
	s := serveSample(t, small, i.options())
	s.begin(t, &i)
	g, _, _ := s.arrive(t)
	if err := g.session.Journal.Close(); err != nil {
		t.Fatal(err)
	}
	if res := do(g.Run(t.Context(), app.Upload{}))(t); res.Begin != migration.BeginResume {
		t.Errorf("begin %s", res.Begin)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// A damaged journal is put aside where the target knows what was sent.
func TestGuideWithDamagedJournal(t *testing.T) {
	slow(t)
	s := serveSample(t, small, sample.ServeOptions{})
	s.upload(t)
	files, err := filepath.Glob(filepath.Join(s.dir, "state", "*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, st, target := s.arrive(t)
	if len(st.Notes) != 1 || st.Notes[0].ID != "start.journal" || st.Earlier.Begin != migration.BeginInitial {
		t.Errorf("start %+v", st)
	}
	if len(target.Notes) != 1 || target.Notes[0].ID != "journal.aside" || target.Earlier.Begin != migration.BeginRecovery || !target.Earlier.Elsewhere {
		t.Errorf("target %+v", target)
	}
}
