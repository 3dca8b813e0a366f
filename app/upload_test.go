package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
)

// confirmed is a window in which the checklist has led to the upload.
func confirmed(t *testing.T) *fakeHost {
	t.Helper()
	h := newFakeHost(t)
	h.f.checks, h.f.accepted = passedChecks(), true
	confirm(t, assigned(h), h.f.draft.Topics()...)
	return h
}

func openUpload(h *fakeHost) *uploadView {
	v := newUploadView(h).(*uploadView)
	h.page(v)
	return v
}

var errLine = migration.Fail("read table", "CRM7.contact", errors.New("connection reset by peer"), migration.Message{})

func TestTheChecklistsButtonBeginsTheUpload(t *testing.T) {
	h := confirmed(t)
	v := openUpload(h)
	got := h.g.called("Run")
	if len(got) != 1 {
		t.Fatalf("%d runs", len(got))
	}
	u := got[0][0].(Upload)
	if u.Draft == nil || u.Draft == h.f.draft || u.Checks != h.f.checks || !u.Accepted || u.Recovery != migration.RecoverNone {
		t.Errorf("asked for %+v; the draft must be a copy", u)
	}
	if h.f.result == nil || !slices.Equal(h.visits, []place{placeComplete}) || v.state != uploadFinished {
		t.Errorf("result %v, visited %v, state %q", h.f.result, h.visits, v.state)
	}
	v.entered()
	if len(h.g.called("Run")) != 1 {
		t.Error("coming back uploads once more")
	}
}

// TestNothingIsSentUnasked: neither an unfinished run nor a recovery begins
// before somebody pressed the button, and nothing at all without confirmation.
func TestNothingIsSentUnasked(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*fakeHost)
		label  string
		closed string
	}{
		"unfinished run": {func(h *fakeHost) {
			h.f.draft, h.f.target.Earlier = nil, Earlier{Begin: migration.BeginResume, Started: today, Host: "CRMSERVER"}
		}, "button.resume", ""},
		"missing files": {func(h *fakeHost) { h.f.draft, h.f.recovery = nil, migration.RecoverMissing }, "button.send.missing", ""},
		"unconfirmed":   {func(h *fakeHost) { h.f.draft.SetNotifications(migration.Notifications{}) }, "button.upload", "upload.closed.checklist"},
		"unaccepted":    {func(h *fakeHost) { h.f.checks, h.f.accepted = sampleChecks(), false }, "button.upload", "upload.closed.checklist"},
	} {
		t.Run(name, func(t *testing.T) {
			h := confirmed(t)
			c.set(h)
			v := openUpload(h)
			if n := len(h.g.called("Run")); n != 0 {
				t.Fatalf("%d runs without being asked", n)
			}
			n := v.next()
			if n.label.ID != c.label || n.closed.ID != c.closed {
				t.Fatalf("the button is %q, closed by %q", n.label.ID, n.closed.ID)
			}
			if c.closed != "" {
				n.way()
				if h.visits[len(h.visits)-1] != placeChecklist {
					t.Errorf("the way leads to %v", h.visits)
				}
				return
			}
			n.run()
			u := h.g.called("Run")[0][0].(Upload)
			if u.Draft != nil || u.Recovery != h.f.recovery {
				t.Errorf("asked for %+v", u)
			}
		})
	}
}

func TestAFailedRunGoesOn(t *testing.T) {
	h := confirmed(t)
	h.g.fail["Run"] = migration.Fail("read table", "CRM7.contact", migration.ErrNoSpace, migration.Message{})
	v := openUpload(h)
	if v.state != uploadFailed || len(h.errs) != 1 {
		t.Fatalf("state %q, shown %v", v.state, h.errs)
	}
	delete(h.g.fail, "Run")
	if n := v.next(); n.label.ID != "button.resume" {
		t.Fatalf("the button is %q", n.label.ID)
	}
	v.next().run()
	u := h.g.called("Run")[1][0].(Upload)
	// Nothing may have been recorded yet, so everything is handed over again.
	if u.Draft == nil || !u.Accepted || v.state != uploadFinished {
		t.Errorf("resumed with %+v, state %q", u, v.state)
	}
}

func TestAStoppedRunGoesOn(t *testing.T) {
	h := confirmed(t)
	h.g.fail["Run"] = migration.Fail("run migration", "", context.Canceled, migration.Message{})
	v := openUpload(h)
	if v.state != uploadStopped || len(h.errs) != 0 || len(h.notices) != 1 || h.notices[0].kind != noticeEnded {
		t.Fatalf("state %q, errors %v, notices %v", v.state, h.errs, h.notices)
	}
	if n := v.next(); n.label.ID != "button.resume" || !v.back().label.IsZero() {
		t.Errorf("the buttons are %q and %q", n.label.ID, v.back().label.ID)
	}
}

// TestAReopenedDraftLeadsToTheChecklist with what has changed, and the next
// start sends the new draft.
func TestAReopenedDraftLeadsToTheChecklist(t *testing.T) {
	h := confirmed(t)
	changes := []migration.Message{migration.Msg("draft.user.left", "Initials", "HH", "Name", "Herweis Hjart")}
	h.g.fail["Run"] = migration.ReopenedError(changes)
	newest := h.f.draft.Clone()
	newest.SetNotifications(migration.Notifications{})
	h.g.draftFn = func(context.Context, migration.Mode) (*migration.Draft, []migration.Message, error) {
		return newest, nil, nil
	}
	v := openUpload(h)
	if h.f.draft != newest || !slices.Equal(h.visits, []place{placeChecklist}) || len(h.errs) != 0 {
		t.Fatalf("new draft %v, visited %v, errors %v", h.f.draft == newest, h.visits, h.errs)
	}
	if len(h.notices) != 1 || h.notices[0].messages[0].ID != "upload.reopened" || h.notices[0].messages[1].ID != "draft.user.left" {
		t.Errorf("told %v", h.notices)
	}
	delete(h.g.fail, "Run")
	confirm(t, h.f.draft, migration.TopicNotifications)
	v.entered()
	if got := h.g.called("Run"); len(got) != 2 || got[1][0].(Upload).Draft == nil {
		t.Errorf("after the review it ran %d times", len(got))
	}
}

// TestABrokenRuleLeadsToTheChecklist although nothing changed in the database: a
// new ticket may have fewer seats.
func TestABrokenRuleLeadsToTheChecklist(t *testing.T) {
	h := confirmed(t)
	faults := []migration.Message{migration.Msg("plan.noadmin")}
	h.g.fail["Run"] = migration.Fail("start run", "", errors.Join(migration.ErrUnconfirmed, &migration.PlanFaults{Faults: faults}), faults[0])
	openUpload(h)
	if len(h.notices) != 1 || h.notices[0].messages[0].ID != "upload.closed.checklist" || h.notices[0].messages[1].ID != "plan.noadmin" {
		t.Errorf("told %v", h.notices)
	}
	if !slices.Equal(h.visits, []place{placeChecklist}) || len(h.errs) != 0 {
		t.Errorf("visited %v, errors %v", h.visits, h.errs)
	}
}

// TestProgressIsReadAndItsLastValueArrives runs in synthetic time.
func TestProgressIsReadAndItsLastValueArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := confirmed(t)
		p := migration.NewProgress(time.Now)
		h.g.progressFn = func() *migration.Progress { return p }
		h.g.runFn = func(context.Context, Upload) (*migration.Result, error) {
			for _, ph := range migration.Phases() {
				if ph != migration.PhaseDocuments && ph != migration.PhaseFinishing {
					p.Of(ph).End(migration.PhaseDone)
				}
			}
			m := p.Of(migration.PhaseDocuments)
			m.Begin(true)
			m.Expect(3600, 3600<<20)
			<-time.After(2 * time.Second)
			m.Counted()
			for range 60 {
				m.Done(1, 1<<20)
				<-time.After(time.Second)
			}
			<-time.After(20 * time.Second)
			m.Done(3540, 3540<<20)
			m.End(migration.PhaseDone)
			return sampleResult(), nil
		}
		v := newUploadView(h).(*uploadView)
		var told []string
		v.do = func(f func()) {
			f()
			if s := v.progress.status.Text; s != "" && (len(told) == 0 || told[len(told)-1] != s) {
				told = append(told, s)
			}
		}
		h.page(v)
		for i, want := range []string{"Still counting: Documents", "Measuring the speed", "About 50 min to 1 h 5 min left; at this speed finished between 22:20 and 22:35.", "Nothing has moved for 15 s"} {
			at := slices.IndexFunc(told, func(s string) bool { return strings.HasPrefix(s, want) })
			if at < 0 {
				t.Fatalf("it never said %q, only %q", want, told)
			}
			if i > 0 && at == 0 {
				t.Errorf("%q came first", want)
			}
		}
		if n := len(told); n > 30 {
			t.Errorf("in 80 seconds the words changed %d times", n)
		}
		if got := v.progress.rows[migration.PhaseDocuments].words.Text; got != "3,600 documents, 3.5 GB" {
			t.Errorf("the last reading did not arrive: %q", got)
		}
		if v.progress.status.Text != "" || v.progress.rate.Text != "" {
			t.Errorf("after the end it still says %q, %q", v.progress.status.Text, v.progress.rate.Text)
		}
	})
}

// TestSpeedOfARunThatGoesOn: its progress counts from zero again, and what the
// one before had done must not stand in the way of measuring it.
func TestSpeedOfARunThatGoesOn(t *testing.T) {
	h := newFakeHost(t)
	v := newProgressView(h.now)
	reading := func(at time.Duration, bytes int64) {
		s := migration.Snapshot{Elapsed: at}
		for _, ph := range migration.Phases() {
			p := migration.PhaseProgress{Phase: ph, State: migration.PhaseDone}
			if ph == migration.PhaseDocuments {
				p = migration.PhaseProgress{Phase: ph, State: migration.PhaseRunning, TotalItems: 9000, TotalBytes: 9000 << 20, Items: bytes >> 20, Bytes: bytes}
			}
			s.Phases = append(s.Phases, p)
		}
		v.show(s)
	}
	for i := range int64(600) {
		reading(time.Duration(i)*time.Second, i*10<<20)
	}
	for i := range int64(60) {
		reading(time.Duration(i)*time.Second, i<<20)
	}
	if v.rate.Text != "1.0 MB/s" {
		t.Errorf("the rate reads %q", v.rate.Text)
	}
}

// TestWarningOfTheServer stands before the time, as long as the run goes on.
func TestWarningOfTheServer(t *testing.T) {
	h := newFakeHost(t)
	low := migration.Msg("warn.snapshot.low", "Volume", `D:\`, "Free", 3072, "Grown", 9216)
	s := migration.Snapshot{Phases: []migration.PhaseProgress{{Phase: migration.PhaseDatabase, State: migration.PhaseRunning, Counting: true}}}
	s.Status.Warning = low
	if got := statusWords(s, migration.Estimate{}, h.now()); !strings.HasPrefix(got, say(low)+" Still counting") {
		t.Errorf("it reads %q", got)
	}
	s.Phases[0].State = migration.PhaseDone
	if got := statusWords(s, migration.Estimate{}, h.now()); got != "" {
		t.Errorf("after the end it reads %q", got)
	}
}

func TestWordsForTime(t *testing.T) {
	at := time.Date(2026, 3, 14, 23, 40, 0, 0, time.UTC)
	for _, c := range []struct {
		least, most time.Duration
		want        string
	}{
		{10 * time.Second, 50 * time.Second, "Less than a minute left."},
		{50 * time.Second, 3 * time.Minute, "At most 3 min left; at this speed finished by 23:43."},
		{5 * time.Minute, 5 * time.Minute, "About 5 min left; at this speed finished at about 23:45."},
		{130 * time.Second, 250 * time.Second, "About 2 min to 5 min left; at this speed finished between 23:42 and 23:45."},
		{131 * time.Minute, 158 * time.Minute, "About 2 h 10 min to 2 h 40 min left; at this speed finished between 2026-03-15 01:50 and 2026-03-15 02:20."},
		{11 * time.Hour, 11*time.Hour + time.Minute, "About 11 h to 11 h 15 min left; at this speed finished between 2026-03-15 10:40 and 2026-03-15 10:55."},
	} {
		if got := leftWords(migration.Estimate{Known: true, Least: c.least, Most: c.most}, at); got != c.want {
			t.Errorf("%v to %v reads\n%s\nwant\n%s", c.least, c.most, got, c.want)
		}
	}
}

// reading shows one reading of a run.
func reading(p *migration.Progress, set func(*migration.Snapshot)) func(*testing.T, *Window, *queue) {
	return on(func(v *uploadView) {
		s := p.Snapshot()
		if set != nil {
			set(&s)
		}
		v.read(s)
	})
}

func uploadStates() []pageState {
	running := func(t *testing.T, f *flow, g *fakeGuide) {
		uploadable(t, f, g)
		g.block["Run"] = make(chan struct{})
	}
	status := func(s migration.Status) func(*testing.T, *Window, *queue) {
		return reading(half(), func(r *migration.Snapshot) { r.Status = s })
	}
	return []pageState{
		{"screen-upload", placeUpload, running, func(t *testing.T, w *Window, q *queue) {
			status(migration.Status{Bottleneck: migration.Msg("bottleneck.line", "Percent", 80)})(t, w, q)
			on(func(v *uploadView) {
				words := leftWords(migration.Estimate{Least: 131 * time.Minute, Most: 158 * time.Minute}, today)
				v.progress.tell(words, 38<<20, v.progress.current.Text)
			})(t, w, q)
		}},
		{"upload-counting", placeUpload, running, reading(half(), nil)},
		{"upload-long", placeUpload, running, func(t *testing.T, w *Window, q *queue) {
			status(migration.Status{})(t, w, q)
			on(func(v *uploadView) {
				words := leftWords(migration.Estimate{Least: 26*time.Hour + 11*time.Minute, Most: 35*time.Hour + 58*time.Minute}, today)
				words = say(migration.Msg("upload.left.slow", "Words", words, "Why", say(migration.Msg("bottleneck.line", "Percent", 80))))
				v.progress.tell(words, 38<<20, "Documents: "+long)
				v.progress.rows[migration.PhaseDocuments].show(migration.PhaseProgress{
					Phase: migration.PhaseDocuments, State: migration.PhaseRunning, Items: 1_234_567, TotalItems: 2_345_678, Left: 12_345, Skipped: 1_111_111,
					Bytes: 234 << 30, TotalBytes: 1_456 << 30,
				}, 38<<20)
			})(t, w, q)
		}},
		{"upload-paused", placeUpload, running, func(t *testing.T, w *Window, q *queue) {
			on(func(v *uploadView) { v.steer.turn() })(t, w, q)
			status(migration.Status{Force: migration.Force{Paused: true}})(t, w, q)
		}},
		{"upload-waiting", placeUpload, running, status(migration.Status{Force: migration.Force{Waiting: true, Until: today.Add(9 * time.Hour)}})},
		{"upload-trouble", placeUpload, running, status(migration.Status{
			Stall:   migration.Msg("stall.database", "Seconds", 40),
			Trouble: &migration.Trouble{Attempt: 3, Next: today.Add(20 * time.Second), Hint: migration.Msg("error.forbidden")},
		})},
		{"upload-limit-wrong", placeUpload, running, on(func(v *uploadView) { v.steer.limit.SetText("Moo 07:00 500k") })},
		{"upload-resume", placeUpload, func(_ *testing.T, f *flow, _ *fakeGuide) {
			f.draft, f.target.Earlier = nil, Earlier{Begin: migration.BeginResume, Started: today, Host: "CRMSERVER"}
		}, nil},
		{"upload-stopped", placeUpload, running, func(t *testing.T, w *Window, q *queue) {
			status(migration.Status{})(t, w, q)
			w.stop()
		}},
		{"screen-upload-failed", placeUpload, func(t *testing.T, f *flow, g *fakeGuide) {
			uploadable(t, f, g)
			g.progressFn = half
			g.fail["Run"] = migration.Fail("read table", "CRM7.contact", migration.ErrNoSpace, migration.Msg("error.nospace"))
		}, nil},
	}
}

// TestAPausedUploadDoesNotSayThatItSends: neither above the page nor in its foot.
func TestAPausedUploadDoesNotSayThatItSends(t *testing.T) {
	for name, force := range map[string]migration.Force{"paused": {Paused: true}, "waiting": {Waiting: true, Until: today.Add(time.Hour)}} {
		t.Run(name, func(t *testing.T) {
			inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
				g.block["Run"] = make(chan struct{})
				uploadable(t, w.flow(), g)
				sends, sendsFoot := say(migration.Msg("upload.lead")), say(migration.Msg("busy.doing", "Doing", say(migration.Msg("doing.upload"))))
				rests, restsFoot := say(migration.Msg("upload.lead.stopped")), say(migration.Msg("busy.waiting"))
				w.visit(placeUpload) // which begins
				for _, resting := range []bool{false, true, false} {
					status := migration.Status{}
					if resting {
						status.Force = force
					}
					reading(half(), func(s *migration.Snapshot) { s.Status = status })(t, w, q)
					if seen(w.win, sends) == resting || seen(w.win, sendsFoot) == resting || seen(w.win, rests) != resting || seen(w.win, restsFoot) != resting {
						t.Errorf("resting %v: the window says %q", resting, allTexts(w.win))
					}
				}
			})
		})
	}
}
