package app

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/migration"
)

// underWay is the page of an upload that waits, with its progress.
func underWay(t *testing.T) (*uploadView, *migration.Progress) {
	t.Helper()
	h := confirmed(t)
	p := migration.NewProgress(time.Now)
	h.g.progressFn = func() *migration.Progress { return p }
	h.hold = true
	v := openUpload(h)
	v.publish(h.g)
	return v, p
}

func TestPauseAndLimitReachTheRun(t *testing.T) {
	v, p := underWay(t)
	if f := p.Control().InForce(); f.Paused || f.Limit != 0 {
		t.Fatalf("at first %+v", f)
	}
	test.Tap(v.steer.pause)
	v.steer.limit.SetText(limitName(1e6))
	if f := p.Control().InForce(); !f.Paused || f.Limit != 1e6 {
		t.Errorf("after Pause and a limit of 1 MB/s: %+v", f)
	}
	if v.steer.pause.Text != "Continue" {
		t.Errorf("the button says %q", v.steer.pause.Text)
	}
	test.Tap(v.steer.pause)
	if f := p.Control().InForce(); f.Paused || f.Limit != 1e6 {
		t.Errorf("after Continue: %+v", f)
	}
	// The next run of this window and the next start have the limit, but no pause.
	test.Tap(v.steer.pause)
	v.steer.reset()
	next := migration.NewProgress(time.Now)
	v.steer.follow(next)
	if f := next.Control().InForce(); f.Paused || f.Limit != 1e6 {
		t.Errorf("the next run has %+v", f)
	}
	if again := newSteering(v.h); again.chosen.limit != 1e6 || again.limit.Text != limitName(1e6) {
		t.Errorf("the next start has the limit %+v, %q", again.chosen, again.limit.Text)
	}
}

// TestLimitsThatAreTyped: what cannot be read says so, and that of before holds.
func TestLimitsThatAreTyped(t *testing.T) {
	v, p := underWay(t)
	bound := func() int64 { return p.Control().InForce().Limit }
	for _, c := range []struct {
		text  string
		want  int64
		wrong string // id of what is said
	}{
		{"750k", 750e3, ""}, {" 2M ", 2e6, ""}, {"5", 2e6, "hint.limit"}, {"much", 2e6, "hint.limit"}, {"nothing", 2e6, "upload.limit.nothing"},
		{"Mon 07:00", 2e6, "hint.timetable"}, {"* 00:00 300k", 300e3, ""}, {"* 00:00 300k, Mon 00:00 off", 300e3, "hint.timetable.twice"},
		{"off", 0, ""}, {"1M", 1e6, ""}, {"", 0, ""},
	} {
		v.steer.limit.SetText(c.text)
		if said := v.steer.wrong.object.Visible(); bound() != c.want || said != (c.wrong != "") {
			t.Errorf("%q: limit %d, want %d, said %q", c.text, bound(), c.want, v.steer.wrong.text.Text)
		}
		if _, err := parseRule(c.text); c.wrong != "" && hint(err).ID != c.wrong {
			t.Errorf("%q: said %v, want %s", c.text, hint(err), c.wrong)
		}
	}
	v.steer.limit.SetText("Mon-Fri 07:00 500k, Mon-Fri 18:00 off")
	if got := p.Control().Timetable(); len(got) != 10 {
		t.Errorf("the run has the timetable %v", got)
	}
	if again := newSteering(v.h); again.limit.Text != "Mon-Fri 07:00 500k, Mon-Fri 18:00 off" || len(again.chosen.table) != 10 {
		t.Errorf("the next start has %+v, %q", again.chosen, again.limit.Text)
	}
	v.steer.limit.SetText("750k")
	if got := p.Control().Timetable(); got != nil || bound() != 750e3 {
		t.Errorf("after a limit the timetable is %v, the limit %d", got, bound())
	}
	fyne.CurrentApp().Preferences().SetString(limitSetting, "a word of another version")
	if again := newSteering(v.h); again.chosen.limit != 0 || again.wrong.object.Visible() {
		t.Errorf("what cannot be read became %+v", again.chosen)
	}
}

// TestTimetableInTheLanguageOfTheWindow: days and limits are typed, stored and
// shown again in the words of whoever sits there; what is wrong is told as typed.
func TestTimetableInTheLanguageOfTheWindow(t *testing.T) {
	speak(t, "de")
	v, p := underWay(t)
	v.steer.limit.SetText("Mo-Fr 07:00 500k, mo-fr 18:00 aus")
	if got := p.Control().Timetable(); len(got) != 10 {
		t.Fatalf("the run has the timetable %v", got)
	}
	if got := fyne.CurrentApp().Preferences().String(limitSetting); got != "Mon-Fri 07:00 500k, Mon-Fri 18:00 off" {
		t.Errorf("stored is %q", got)
	}
	speak(t, "sv")
	if again := newSteering(v.h); again.limit.Text != "Mån-Fre 07:00 500k, Mån-Fre 18:00 av" || len(again.chosen.table) != 10 {
		t.Errorf("a Swedish start has %q, %v", again.limit.Text, again.chosen.table)
	}
	if _, err := parseRule("Mån 07:00"); !strings.HasPrefix(say(hint(err)), "Mån 07:00 ") {
		t.Errorf("told is %q", say(hint(err)))
	}
	if rule, err := parseRule("av"); err != nil || rule.limit != 0 {
		t.Errorf("no limit is %+v, %v", rule, err)
	}
}

func TestStatusInWords(t *testing.T) {
	h := newFakeHost(t)
	running := migration.Snapshot{Phases: []migration.PhaseProgress{{Phase: migration.PhaseDocuments, State: migration.PhaseRunning, TotalItems: 9}}}
	known := migration.Estimate{Known: true, Least: 2 * time.Hour, Most: 3 * time.Hour}
	for want, s := range map[string]migration.Status{
		"Paused. What was sent is safe; nothing more is sent until you continue.":                                                            {Force: migration.Force{Paused: true}, Stall: migration.Msg("stall.line", "Seconds", 20)},
		"By the timetable nothing is sent until 22:15.":                                                                                      {Force: migration.Force{Waiting: true, Until: today.Add(45 * time.Minute)}},
		"Nothing has moved for 20 seconds: SQL Server does not answer.":                                                                      {Stall: migration.Msg("stall.database", "Seconds", 20)},
		"About 2 h to 3 h left; at this speed finished between 23:30 and 2026-03-15 00:30. The disk or share of the archive sets the speed.": {Bottleneck: migration.Msg("bottleneck.disk", "Percent", 80)},
	} {
		running.Status = s
		if got := statusWords(running, known, today); got != want {
			t.Errorf("%+v\nis told as %q\nnot as %q", s, got, want)
		}
	}
	v := newProgressView(h.now)
	running.Status = migration.Status{Trouble: &migration.Trouble{What: "put block", Hint: migration.Msg("error.nospace"), Attempt: 2, Next: today.Add(8 * time.Second)}}
	v.show(running)
	if want := "Try 2 failed. The next one is at 21:30:08. "; len(v.current.Text) <= len(want) || v.current.Text[:len(want)] != want {
		t.Errorf("the failed try is told as %q", v.current.Text)
	}
}

// A pause of an hour is no time in which nothing moved: the speed after it is
// that of before.
func TestPauseDoesNotSlowTheEstimate(t *testing.T) {
	h := newFakeHost(t)
	v := newProgressView(h.now)
	at, bytes := time.Duration(0), int64(0)
	reading := func(paused bool) {
		v.show(migration.Snapshot{Elapsed: at, Status: migration.Status{Force: migration.Force{Paused: paused}}, Phases: []migration.PhaseProgress{
			{Phase: migration.PhaseDocuments, State: migration.PhaseRunning, Items: bytes >> 20, TotalItems: 90000, Bytes: bytes, TotalBytes: 90000 << 20},
		}})
	}
	for range 120 {
		at, bytes = at+time.Second, bytes+10<<20
		reading(false)
	}
	for range 3600 {
		at += time.Second
		reading(true)
	}
	if v.rate.Text != "" {
		t.Errorf("while paused the speed is %q", v.rate.Text)
	}
	for range 10 {
		at, bytes = at+time.Second, bytes+10<<20
		reading(false)
	}
	if v.rate.Text != "10.0 MB/s" {
		t.Errorf("after the pause the speed is %q", v.rate.Text)
	}
}
