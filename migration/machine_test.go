package migration_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/uploadtest"
)

// machine is a customer's migration over weeks, as plain maps: what lies on the
// disk, what was acknowledged with which bytes, and where the migration stands.
type machine struct {
	w       *world
	store   *uploadtest.Memory
	serial  string
	expired bool
	tickets int

	begin    migration.Begin
	recovery migration.RecoveryChoice // of the unfinished run
	disk     map[int64]string         // content by row; a row without a file is not in it
	rows     map[int64]bool           // all rows
	acked    map[int64]string         // what was sent of each row
	base     map[int64]bool           // rows that the uploaded run knows
	second   int64                    // of the next change of a file
}

func newMachine(t *testing.T) *machine {
	m := &machine{
		store: uploadtest.NewMemory(uploadtest.Faults{}), serial: "17", begin: migration.BeginInitial, second: 10,
		disk: map[int64]string{}, rows: map[int64]bool{}, acked: map[int64]string{}, base: map[int64]bool{},
	}
	m.w = newWorld(t, newFakeSource(2, 20, 0))
	m.w.memory = m.store
	for range 4 {
		m.add(true)
	}
	m.add(false)
	return m
}

func pathOf(row int64) string { return fmt.Sprintf("documents/ADM/2020.1/brief %d.docx", row) }

func (m *machine) add(file bool) {
	row := int64(len(m.rows) + 1)
	content := fmt.Sprintf("as it came, %d", row)
	m.rows[row] = true
	if !file {
		m.w.src.addDocument(row, fmt.Sprintf("brief %d.docx", row), nil)
		return
	}
	m.disk[row] = content
	m.w.src.addDocument(row, fmt.Sprintf("brief %d.docx", row), []byte(content))
}

// tamper writes or brings back the file of a row.
func (m *machine) tamper(t *rapid.T) {
	row := rapid.Int64Range(1, int64(len(m.rows))).Draw(t, "row")
	m.second++
	m.disk[row] = fmt.Sprintf("changed at second %d", m.second)
	m.w.src.write(row, m.disk[row], m.second)
}

// starts is one start of the program with what ends it: nothing, a kill at a
// call of the target or a commit of the journal, a person, or a part that cannot
// be sent for a while.
func (m *machine) start(t *rapid.T, choice migration.RecoveryChoice, how string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	at := int64(1)
	if how != "through" {
		at = rapid.Int64Range(1, 25).Draw(t, "at")
	}
	var calls atomic.Int64
	ended := false
	m.w.wrap = func(tg migration.Target) migration.Target {
		switch how {
		case "killed", "killed after":
			return &cutTarget{Target: tg, calls: &calls, at: at, lose: how == "killed after", cancel: func() { ended = true; cancel() }}
		case "cancelled":
			return &cancelTarget{tg, &calls, at, func() { ended = true; cancel() }}
		case "part fails":
			return &limpTarget{tg, &calls, at}
		}
		return tg
	}
	commits := int64(0)
	m.w.fail = func(point string) error {
		if point == journal.PointGroupBefore {
			commits++
		}
		if how == "journal dies" && commits >= at {
			ended = true
			cancel()
			return errDead
		}
		return nil
	}
	m.w.recovery = choice
	var plan *migration.Plan
	if m.begin == migration.BeginInitial || choice == migration.RecoverOverwrite && m.begin == migration.BeginRecovery {
		plan = m.w.plan
	}
	_, err := m.w.process(ctx, plan)
	m.w.wrap, m.w.fail, m.w.recovery = nil, nil, migration.RecoverNone
	m.store.BreakLease()
	if want := m.refusal(choice); want != nil {
		if !errors.Is(err, want) && !ended {
			t.Fatalf("start %q of %s ended with %v, want %v", choice, m.begin, err, want)
		}
		if !ended && migration.HintOf(err).IsZero() {
			t.Fatalf("%v says nothing to people", err)
		}
		m.observe(t, choice, false)
		return
	}
	if err != nil && !ended {
		t.Fatalf("start %q of %s, %s at %d ended with %v", choice, m.begin, how, at, err)
	}
	if err == nil {
		m.complete(choice)
	}
	m.observe(t, choice, err == nil)
}

// refusal is why a start must be refused, nil if it must not.
func (m *machine) refusal(choice migration.RecoveryChoice) error {
	switch {
	case m.serial != "17":
		return migration.ErrCompanyChanged
	case m.expired:
		return migration.ErrExpired
	case m.begin == migration.BeginInitial && choice != migration.RecoverNone:
		return migration.ErrRecoveryNotAllowed
	case m.begin == migration.BeginResume && choice != migration.RecoverNone && choice != m.recovery:
		return migration.ErrRecoveryNotAllowed
	case m.begin == migration.BeginRecovery && choice == migration.RecoverNone:
		return migration.ErrUploaded
	}
	if missing := choice == migration.RecoverMissing || m.begin == migration.BeginResume && m.recovery == migration.RecoverMissing; missing {
		return nil
	}
	return migration.PlanError(m.w.plan.Validate(m.ticket(), m.w.src.users))
}

// complete is what a run that goes through does to the model.
func (m *machine) complete(choice migration.RecoveryChoice) {
	kind := choice
	if m.begin == migration.BeginResume {
		kind = m.recovery
	}
	switch {
	case kind == migration.RecoverMissing:
		// Only rows that the uploaded run knew and had no file for.
		for row := range m.base {
			if _, sent := m.acked[row]; !sent {
				m.send(row)
			}
		}
		return
	case kind == migration.RecoverOverwrite && m.begin == migration.BeginRecovery:
		m.acked = map[int64]string{}
	}
	for row := range m.rows {
		if _, sent := m.acked[row]; !sent {
			m.send(row)
		}
	}
	m.base = maps.Clone(m.rows)
}

func (m *machine) send(row int64) {
	if content, ok := m.disk[row]; ok {
		m.acked[row] = content
	}
}

// observe reads journal and target: of a run that went through they must be as
// the model says; of one that was ended the model learns what was acknowledged,
// and nothing may be gone from it.
func (m *machine) observe(t *rapid.T, choice migration.RecoveryChoice, through bool) {
	got := map[int64]string{}
	var e migration.Earlier
	err := m.w.open(nil, m.w.src, func(x *migration.Migration) (err error) {
		if e, err = migration.DetectAt(context.Background(), x.Journal, m.store, worldTicket()); err != nil {
			return err
		}
		return x.Journal.Objects(context.Background(), "", func(o journal.Object) error {
			if out := migration.Outcome(o.Outcome); out == migration.Uploaded || out == migration.Unchanged {
				r, err := m.store.Open(context.Background(), o.Target, 0, -1)
				if err != nil {
					return fmt.Errorf("%s is acknowledged: %w", o.Target, err)
				}
				defer r.Close()
				b, err := io.ReadAll(r)
				if err != nil {
					return err
				}
				if o.Target != pathOf(o.Row) {
					return fmt.Errorf("row %d lies at %s", o.Row, o.Target)
				}
				got[o.Row] = string(b)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if through {
		if e.Begin != migration.BeginRecovery || !maps.Equal(got, m.acked) {
			t.Fatalf("a run that went through leaves %s with %v, want %v", e.Begin, got, m.acked)
		}
		m.begin, m.recovery = e.Begin, e.Recovery
		return
	}
	restarted := choice == migration.RecoverOverwrite && m.begin == migration.BeginRecovery && e.Begin == migration.BeginResume
	for row, content := range m.acked {
		if now, ok := got[row]; !ok && !restarted || ok && now != content && now != m.disk[row] {
			t.Fatalf("row %d was acknowledged with %q, now with %q (%v)", row, content, now, ok)
		}
	}
	for row, content := range got {
		if _, before := m.acked[row]; (!before || restarted) && content != m.disk[row] {
			t.Fatalf("row %d was sent as %q, the disk has %q", row, content, m.disk[row])
		}
	}
	// A kill after the last call ends a run that went through. One that looked for
	// missing files knows no other rows than the run before it.
	arrived := e.Begin == migration.BeginRecovery && m.begin != migration.BeginRecovery && m.recovery != migration.RecoverMissing
	if arrived || restarted {
		m.base = maps.Clone(m.rows)
	}
	m.acked, m.begin, m.recovery = got, e.Begin, e.Recovery
}

func (m *machine) ticket() *migration.Ticket {
	tk := worldTicket()
	tk.ID = fmt.Sprint("t", m.tickets)
	if m.expired {
		tk.Expires = time.Unix(1, 0)
	}
	return tk
}

// check is asked after each step: what the model says was sent is at the target
// with those bytes, and a target says uploaded exactly while all is there.
func (m *machine) check(t *rapid.T) {
	m.w.src.identity.Serial, m.w.ticket = m.serial, m.ticket()
	for row, content := range m.acked {
		r, err := m.store.Open(context.Background(), pathOf(row), 0, -1)
		if err != nil {
			t.Fatalf("row %d: %v", row, err)
		}
		b, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || string(b) != content {
			t.Fatalf("row %d lies at the target as %q, acknowledged was %q (%v)", row, b, content, err)
		}
	}
}

// cancelTarget has a person stop the run at a call.
type cancelTarget struct {
	migration.Target
	calls *atomic.Int64
	at    int64
	stop  func()
}

func (c *cancelTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if c.calls.Add(1) == c.at {
		c.stop()
	}
	return c.Target.Put(ctx, path, body, sum)
}

// limpTarget fails three calls in a row.
type limpTarget struct {
	migration.Target
	calls *atomic.Int64
	at    int64
}

func (l *limpTarget) fails() error {
	if n := l.calls.Add(1); n >= l.at && n < l.at+3 {
		return migration.Fail("send", "part", io.ErrUnexpectedEOF, migration.Msg("hint.azure.unreachable", "Host", "here"))
	}
	return nil
}

func (l *limpTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if err := l.fails(); err != nil {
		return err
	}
	return l.Target.Put(ctx, path, body, sum)
}

func (l *limpTarget) Stage(ctx context.Context, path string, b migration.Block) (int64, error) {
	if err := l.fails(); err != nil {
		return 0, err
	}
	return l.Target.Stage(ctx, path, b)
}

// TestAgainstMachine drives a migration through everything that happens in weeks
// in any order and compares it with plain maps after each step.
func TestAgainstMachine(t *testing.T) {
	onMemoryDisk(t)
	checks := fmt.Sprint(machineChecks)
	if os.Getenv("OMT_SOAK") != "" {
		checks = "5000"
	}
	was := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", checks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", was) })
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t)
		hows := rapid.SampledFrom([]string{"through", "killed", "killed after", "cancelled", "part fails", "journal dies"})
		rt.Repeat(map[string]func(*rapid.T){
			"start":   func(rt *rapid.T) { m.start(rt, migration.RecoverNone, hows.Draw(rt, "how")) },
			"resume":  func(rt *rapid.T) { m.start(rt, migration.RecoverNone, "through") },
			"recover": func(rt *rapid.T) { m.start(rt, migration.RecoverMissing, hows.Draw(rt, "how")) },
			"replace": func(rt *rapid.T) { m.start(rt, migration.RecoverOverwrite, hows.Draw(rt, "how")) },
			"tamper":  m.tamper,
			"add":     func(rt *rapid.T) { m.add(rapid.Bool().Draw(rt, "file")) },
			"rename": func(rt *rapid.T) {
				m.w.src.users[0].FullName = rapid.SampledFrom([]string{"Hanna Berg", "Hanna Berg Lie"}).Draw(rt, "name")
			},
			"serial": func(rt *rapid.T) { m.serial = rapid.SampledFrom([]string{"17", "17", "18"}).Draw(rt, "serial") },
			"expire": func(*rapid.T) { m.expired = true },
			"ticket": func(*rapid.T) { m.tickets++; m.expired = false },
			"":       m.check,
		})
	})
}
