package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"omt/migration"
)

// TestOverallNeverGoesBack lets an arbitrary engine count, find more and end,
// and reads after every step.
func TestOverallNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := migration.NewProgress(now)
		var o overall
		last := 0.0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			m := p.Of(rapid.SampledFrom(migration.Phases()).Draw(t, "phase"))
			n, b := rapid.Int64Range(0, 1e6).Draw(t, "items"), rapid.Int64Range(0, 1<<40).Draw(t, "bytes")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				m.Begin(rapid.Bool().Draw(t, "counting"))
			case 1:
				m.Expect(n, b)
			case 2:
				m.Done(n, b)
			case 3:
				m.Counted()
			case 4:
				m.End(rapid.SampledFrom([]migration.PhaseState{migration.PhaseDone, migration.PhaseStopped}).Draw(t, "end"))
			}
			v := o.update(p.Snapshot())
			if v < last || v > 1 {
				t.Fatalf("the bar went from %v to %v", last, v)
			}
			last = v
		}
	})
}

func TestOverallIsFullAtTheEnd(t *testing.T) {
	p := migration.NewProgress(now)
	for _, ph := range migration.Phases() {
		p.Of(ph).End(migration.PhaseDone)
	}
	var o overall
	if v := o.update(p.Snapshot()); v < 0.9999 {
		t.Errorf("all phases are done and the bar stands at %v", v)
	}
}

func TestNamesFromOutsideAreHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"Ugle & Sønner AS":        "Ugle & Sønner AS",
		"日本語 🙂":                   "日本語 🙂",
		"two\nlines\ttab":         "two lines tab",
		"safe\u202Egpj.exe":       "safegpj.exe",
		"\u2066isolated\u2069":    "isolated",
		"bell\x07 and delete\x7f": "bell  and delete ",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestPhaseWords(t *testing.T) {
	for _, c := range []struct {
		p    migration.PhaseProgress
		want string
	}{
		{migration.PhaseProgress{Phase: migration.PhaseService}, "Waiting"},
		{migration.PhaseProgress{Phase: migration.PhaseStarting, State: migration.PhaseRunning}, "Running"},
		{migration.PhaseProgress{Phase: migration.PhaseDocuments, State: migration.PhaseRunning, Counting: true, Items: 12, Bytes: 2048}, "Counting; 12 done so far, 2.0 KB"},
		{migration.PhaseProgress{Phase: migration.PhaseDatabase, State: migration.PhaseRunning, Items: 1500, TotalItems: 60000, Bytes: 3 << 20}, "1,500 of 60,000 rows, 3.0 MB sent"},
		{migration.PhaseProgress{Phase: migration.PhaseDocuments, State: migration.PhaseDone, Items: 3000, TotalItems: 3000, Bytes: 9 << 30, TotalBytes: 9 << 30, Skipped: 2900}, "3,000 documents, 9.0 GB; 2,900 of them in an earlier run"},
		{migration.PhaseProgress{Phase: migration.PhaseDocuments, State: migration.PhaseDone, Items: 2999, TotalItems: 3000, Bytes: 8 << 30, TotalBytes: 9 << 30}, "Ended with 2,999 of 3,000 documents, 8.0 of 9.0 GB"},
		{migration.PhaseProgress{Phase: migration.PhaseAttachments, State: migration.PhaseStopped, Items: 7, TotalItems: 50, Bytes: 1024, TotalBytes: 2048}, "Stopped: 7 of 50 attachments, 1.0 of 2.0 KB"},
		{migration.PhaseProgress{Phase: migration.PhaseAttachments, State: migration.PhaseStopped}, "Stopped"},
		{migration.PhaseProgress{Phase: migration.PhaseTemplates, State: migration.PhaseDone}, "Nothing to send"},
	} {
		if got := phaseWords(c.p); got != c.want {
			t.Errorf("%+v reads %q, want %q", c.p, got, c.want)
		}
	}
}

// TestEveryErrorHasWords: what people read is never the text of a library.
func TestEveryErrorHasWords(t *testing.T) {
	own := migration.Fail("open", "x", migration.ErrForbidden, migration.Msg("error.nospace"))
	if got := hint(fmt.Errorf("wrapped: %w", own)).ID; got != "error.nospace" {
		t.Errorf("an error's own hint must come first, got %q", got)
	}
	seen := map[string]error{}
	for _, err := range []error{
		migration.ErrExpired, migration.ErrCompanyChanged, migration.ErrBadCredentials, migration.ErrNotAdministrator,
		migration.ErrNoNetServer, migration.ErrLeaseHeld, migration.ErrLeaseLost, migration.ErrNoSpace, migration.ErrForbidden,
		errors.New("anything else"),
	} {
		id := hint(fmt.Errorf("wrapped: %w", err)).ID
		if other, twice := seen[id]; twice {
			t.Errorf("%v and %v are told in the same words, %q", err, other, id)
		}
		seen[id] = err
	}
}

// TestShorter: the line at the foot of the window has room for a sentence, not for
// what people or databases put into it.
func TestShorter(t *testing.T) {
	for in, want := range map[string]string{
		"HH has no user name.":                    "HH has no user name.",
		"abcdefghijklmno@x.no is no address":      "abcd…x.no is no address",
		"ÆØÅÆØÅÆØÅÆØÅ":                            "ÆØÅÆ…ÅÆØÅ",
		"one two three four five six seven eight": "one two three four five six se…",
	} {
		if got := shorter(in, 9, 30); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestWhatEndedWithSomethingLeft has another sign than what was sent whole: a row
// that says done and leaves files out must not look as if all was well.
func TestWhatEndedWithSomethingLeft(t *testing.T) {
	h := newFakeHost(t)
	for _, c := range []struct {
		items, left int64
		sign        string
	}{{9, 0, "check"}, {9, 3, "warning"}, {6, 0, "warning"}} {
		v := newProgressView(h.now)
		v.show(migration.Snapshot{Phases: []migration.PhaseProgress{{Phase: migration.PhaseDocuments, State: migration.PhaseDone, Items: c.items, TotalItems: 9, Left: c.left}}})
		r := v.rows[migration.PhaseDocuments]
		if r.sign.Resource.Name() != sign(c.sign).Name() {
			t.Errorf("%d of 9, %d left out: the sign is %s", c.items, c.left, r.sign.Resource.Name())
		}
		if want := say(migration.Msg("phase.left", "Words", "", "Left", "3")); c.left > 0 && !strings.HasSuffix(r.words.Text, strings.TrimSpace(want)) {
			t.Errorf("it says %q", r.words.Text)
		}
	}
}

// TestWordsWhileItEnds: the last phase says so instead of a time, and after a stop
// nothing looks as if it went on.
func TestWordsWhileItEnds(t *testing.T) {
	h := newFakeHost(t)
	s := migration.Snapshot{Phases: []migration.PhaseProgress{{Phase: migration.PhaseFinishing, State: migration.PhaseRunning}}}
	known := migration.Estimate{Known: true, Least: 1, Most: 2}
	if got := statusWords(s, known, h.now()); got != say(migration.Msg("upload.finishing")) {
		t.Errorf("it says %q", got)
	}
	v := newProgressView(h.now)
	v.tell("About 2 h left", 5<<20, "Documents: a.docx")
	v.rest()
	if v.status.Text+v.rate.Text+v.current.Text != "" {
		t.Errorf("after a stop it says %q, %q, %q", v.status.Text, v.rate.Text, v.current.Text)
	}
}

// TestWorstCheckIsShownFirst: what failed comes before what only warns.
func TestWorstCheckIsShownFirst(t *testing.T) {
	of := func(id migration.CheckID, s migration.CheckState) shownCheck {
		return shownCheck{id: id, result: &migration.CheckResult{ID: id, State: s}}
	}
	shown := []shownCheck{of("a", migration.CheckPassed), of("b", migration.CheckWarning), of("c", migration.CheckFailed)}
	if got := worst(shown); got != "c" {
		t.Errorf("chosen is %q", got)
	}
	if got := worst(shown[:2]); got != "b" {
		t.Errorf("without a failure %q", got)
	}
}
