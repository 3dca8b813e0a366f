package migration_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"omt/migration"
)

// clock is the time of a progress that a test drives.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// work drives one phase at a steady speed and reads five times a second, as the
// window does. It returns the last estimate.
func work(c *clock, p *migration.Progress, e *migration.Estimator, ph migration.Phase, d time.Duration, itemsPerSecond, bytesPerSecond int64) migration.Estimate {
	var out migration.Estimate
	const tick = 200 * time.Millisecond
	var items, bytes int64
	for t := tick; t <= d; t += tick {
		c.now = c.now.Add(tick)
		wantItems, wantBytes := int64(t.Seconds()*float64(itemsPerSecond)), int64(t.Seconds()*float64(bytesPerSecond))
		p.Of(ph).Done(wantItems-items, wantBytes-bytes)
		items, bytes = wantItems, wantBytes
		out = e.Read(p.Snapshot())
	}
	return out
}

// begin is a run in which only one phase has anything to do.
func begin(ph migration.Phase, counting bool) (*clock, *migration.Progress, *migration.Estimator) {
	c := &clock{now: time.Unix(1_700_000_000, 0)}
	p := migration.NewProgress(c.read)
	for _, other := range migration.Phases() {
		if other != ph && other != migration.PhaseFinishing {
			p.Of(other).End(migration.PhaseDone)
		}
	}
	p.Of(ph).Begin(counting)
	return c, p, migration.NewEstimator()
}

func TestSteadyWorkGivesANarrowRangeAroundTheTruth(t *testing.T) {
	c, p, e := begin(migration.PhaseDocuments, false)
	p.Of(migration.PhaseDocuments).Expect(36_000, 36_000<<20)
	got := work(c, p, e, migration.PhaseDocuments, 10*time.Minute, 10, 10<<20)
	// 36,000 documents at ten a second are an hour, of which ten minutes are over.
	truth := 50 * time.Minute
	if !got.Known || got.Least > truth || got.Most < truth {
		t.Fatalf("%v to %v does not hold %v (known %v)", got.Least, got.Most, truth, got.Known)
	}
	if got.Least < truth*8/10 || got.Most > truth*12/10 {
		t.Errorf("%v to %v is no help", got.Least, got.Most)
	}
	if r := got.Rates[migration.PhaseDocuments]; r < 99<<20/10 || r > 101<<20/10 {
		t.Errorf("rate is %d, want about %d", r, 10<<20)
	}
}

func TestNothingIsSaidTooEarly(t *testing.T) {
	c, p, e := begin(migration.PhaseDocuments, true)
	p.Of(migration.PhaseDocuments).Expect(36_000, 36_000<<20)
	if got := work(c, p, e, migration.PhaseDocuments, time.Minute, 10, 10<<20); got.Known {
		t.Errorf("told %v to %v while counting", got.Least, got.Most)
	}
	c, p, e = begin(migration.PhaseDocuments, false)
	p.Of(migration.PhaseDocuments).Expect(36_000, 36_000<<20)
	if got := work(c, p, e, migration.PhaseDocuments, 10*time.Second, 10, 10<<20); got.Known {
		t.Errorf("told %v to %v after ten seconds", got.Least, got.Most)
	}
	if got := work(c, p, e, migration.PhaseDocuments, 15*time.Second, 10, 10<<20); !got.Known {
		t.Error("told nothing after 25 seconds of steady work")
	}
}

func TestAPhaseThatHasNotBegunKeepsTheTimeUnknown(t *testing.T) {
	c := &clock{now: time.Unix(1_700_000_000, 0)}
	p := migration.NewProgress(c.read)
	p.Of(migration.PhaseDocuments).Begin(false)
	p.Of(migration.PhaseDocuments).Expect(1000, 1000<<20)
	if got := work(c, p, migration.NewEstimator(), migration.PhaseDocuments, time.Minute, 1, 1<<20); got.Known {
		t.Errorf("told %v to %v although the database has not begun", got.Least, got.Most)
	}
}

func TestWhatAnEarlierProcessSentIsNoSpeed(t *testing.T) {
	c, p, e := begin(migration.PhaseDocuments, false)
	m := p.Of(migration.PhaseDocuments)
	m.Expect(50_000, 50_000<<20)
	m.Skip(40_000, 40_000<<20)
	got := work(c, p, e, migration.PhaseDocuments, 5*time.Minute, 1, 1<<20)
	truth := 9_700 * time.Second // 10,000 are left to send, 300 of them are sent
	if !got.Known || got.Least > truth || got.Most < truth {
		t.Errorf("%v to %v does not hold %v", got.Least, got.Most, truth)
	}
	if got.Rate > 2<<20 {
		t.Errorf("%d bytes a second count what was skipped", got.Rate)
	}
}

func TestTheSlowerTrackDecides(t *testing.T) {
	c, p, e := begin(migration.PhaseDatabase, false)
	p.Of(migration.PhaseDatabase).Expect(1_200_000, 0)
	docs := p.Of(migration.PhaseDocuments)
	docs.Begin(false)
	docs.Expect(70_000, 70_000<<10)
	var got migration.Estimate
	for range 60 { // a minute: 1,000 documents and 60,000 rows
		docs.Done(16, 16<<10)
		got = work(c, p, e, migration.PhaseDatabase, time.Second, 1000, 1<<20)
	}
	// 69,040 documents at 16 a second take longer than the rows.
	truth := 4315 * time.Second
	if !got.Known || got.Least > truth || got.Most < truth {
		t.Errorf("%v to %v does not hold %v", got.Least, got.Most, truth)
	}
}

func TestStandstillIsCounted(t *testing.T) {
	c, p, e := begin(migration.PhaseDocuments, false)
	p.Of(migration.PhaseDocuments).Expect(100, 100<<20)
	work(c, p, e, migration.PhaseDocuments, 30*time.Second, 1, 1<<20)
	if got := work(c, p, e, migration.PhaseDocuments, 20*time.Second, 0, 0); got.Idle != 20*time.Second {
		t.Errorf("idle is %v, want 20s", got.Idle)
	}
}

func TestASlowPhaseAfterAFastOneWidensTheRange(t *testing.T) {
	c, p, e := begin(migration.PhaseDocuments, false)
	p.Of(migration.PhaseDocuments).Expect(100_000, 100_000<<20)
	steady := work(c, p, e, migration.PhaseDocuments, 10*time.Minute, 20, 20<<20)
	slow := work(c, p, e, migration.PhaseDocuments, 3*time.Minute, 5, 5<<20)
	if slow.Most-slow.Least <= steady.Most-steady.Least {
		t.Errorf("steady %v to %v, then slow %v to %v", steady.Least, steady.Most, slow.Least, slow.Most)
	}
	// 87,100 are left at five a second.
	if truth := 17_420 * time.Second; slow.Most < truth {
		t.Errorf("at most %v although it takes %v at this speed", slow.Most, truth)
	}
}

// TestEstimatesAreSane lets anything happen in any order.
func TestEstimatesAreSane(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{now: time.Unix(1_700_000_000, 0)}
		p, e := migration.NewProgress(c.read), migration.NewEstimator()
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			m := p.Of(rapid.SampledFrom(migration.Phases()).Draw(t, "phase"))
			n, b := rapid.Int64Range(0, 1e6).Draw(t, "items"), rapid.Int64Range(0, 1<<40).Draw(t, "bytes")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				m.Begin(rapid.Bool().Draw(t, "counting"))
			case 1:
				m.Expect(n, b)
			case 2:
				m.Done(n, b)
			case 3:
				m.Skip(n, b)
			case 4:
				m.Counted()
			case 5:
				m.End(migration.PhaseDone)
			}
			c.now = c.now.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pause")))
			got := e.Read(p.Snapshot())
			if got.Known && (got.Least < 0 || got.Most < got.Least) || got.Rate < 0 || got.Idle < 0 {
				t.Fatalf("%+v", got)
			}
		}
	})
}

// TestStandstillIsNoTime: what would take longer than a hundred days is not called a
// time.
func TestStandstillIsNoTime(t *testing.T) {
	for items, known := range map[int64]bool{5_000_000: true, 12_000_000: false} {
		c, p, e := begin(migration.PhaseDocuments, false)
		p.Of(migration.PhaseDocuments).Expect(items, 0)
		if got := work(c, p, e, migration.PhaseDocuments, 5*time.Minute, 1, 0); got.Known != known {
			t.Errorf("%d documents at one a second: %+v", items, got)
		}
	}
}
