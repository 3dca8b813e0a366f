package migration

import "time"

// The window over which speed is measured, after the rule of thumb of restic's
// progress: two minutes of one-second buckets smooth a slow file and a fast one,
// and a window that holds too little work stays longer, so that one large
// upload does not make the speed jump.
const (
	bucketWidth   = time.Second
	windowLength  = 2 * time.Minute
	windowBuckets = 20
	windowBytes   = 100 << 20
	// slowest is the speed below which no time is told: whatever came out
	// would be days, and wrong.
	slowest = 1 << 10
	// doubt widens the range on both sides: what is left is never quite like
	// what was done.
	doubt = 0.1
)

// Estimate is what can honestly be said about speed and time.
type Estimate struct {
	// Rates are bytes a second of the running phases; one that moves nothing
	// measurable is not in it.
	Rates map[Phase]int64
	Rate  int64 // of all phases together
	// Known tells that Least and Most may be shown. It stays false while
	// anything is still being counted and while too little was done to judge.
	Known       bool
	Least, Most time.Duration
	// Idle is how long nothing at all has moved.
	Idle time.Duration
}

// Estimator turns readings of a Progress into an Estimate. Its clock is that of
// the readings, so it needs none. What an earlier process had sent counts as
// done, never as speed. It is not safe for several goroutines at once.
type Estimator struct {
	phases map[Phase]*track
	files  track // templates, documents, service and attachments share the senders
	all    track
	moved  time.Duration // reading at which anything last moved
	done   amount
}

// NewEstimator is an estimator that has seen nothing.
func NewEstimator() *Estimator { return &Estimator{phases: map[Phase]*track{}} }

// amount is work: of this process in a track, of everybody in what is left.
type amount struct{ items, bytes int64 }

func (a amount) plus(b amount) amount  { return amount{a.items + b.items, a.bytes + b.bytes} }
func (a amount) minus(b amount) amount { return amount{a.items - b.items, a.bytes - b.bytes} }

// Read takes a reading in and says what is known now. Readings come in the
// order of their Elapsed; several a second are well.
func (e *Estimator) Read(s Snapshot) Estimate {
	var all, files, left amount
	ready, open := true, false
	var database PhaseProgress
	for _, p := range s.Phases {
		// The counters are read one after the other, so a difference may be
		// below zero for one reading.
		own := amount{max(p.Items-p.Skipped, 0), max(p.Bytes-p.SkippedBytes, 0)}
		all = all.plus(own)
		switch p.Phase {
		case PhaseStarting, PhaseFinishing:
			continue
		case PhaseDatabase:
			database = p
		default:
			files = files.plus(own)
			left = left.plus(amount{p.TotalItems - p.Items, p.TotalBytes - p.Bytes})
		}
		if e.phases[p.Phase] == nil {
			e.phases[p.Phase] = &track{}
		}
		e.phases[p.Phase].add(s.Elapsed, own)
		open = open || p.State == PhaseRunning
		ready = ready && (p.State == PhaseDone || p.State == PhaseRunning && !p.Counting)
	}
	e.all.add(s.Elapsed, all)
	e.files.add(s.Elapsed, files)
	if all != e.done {
		e.done, e.moved = all, s.Elapsed
	}
	out := Estimate{Rates: e.rates(s), Rate: e.all.speed().bytes(), Idle: s.Elapsed - e.moved}
	if ready && open {
		out.Known = true
		e.left(&out, &e.files, left)
		if database.State == PhaseRunning {
			// The size of the package is known only at its end: rows alone count.
			e.left(&out, e.phases[PhaseDatabase], amount{items: database.TotalItems - database.Items})
		}
		out.Known = out.Known && out.Most > 0
	}
	return out
}

func (e *Estimator) rates(s Snapshot) map[Phase]int64 {
	out := map[Phase]int64{}
	for _, p := range s.Phases {
		if t := e.phases[p.Phase]; t != nil && p.State == PhaseRunning {
			if r := t.speed().bytes(); r >= slowest {
				out[p.Phase] = r
			}
		}
	}
	return out
}

// left takes the time that one track still needs into the estimate; the slowest
// track decides, because they run beside each other. Bytes and items are both
// asked, over the window and over the whole run: many small files take longer
// than their bytes tell, and a large one longer than its number.
func (e *Estimator) left(out *Estimate, t *track, left amount) {
	if left.items <= 0 && left.bytes <= 0 {
		return
	}
	var least, most float64
	for _, v := range []speed{t.speed(), t.average()} {
		for _, w := range []struct {
			left int64
			rate float64
			min  float64
		}{{left.items, v.itemRate, 0.01}, {left.bytes, v.byteRate, slowest}} {
			if w.left <= 0 || w.rate < w.min {
				continue
			}
			need := float64(w.left) / w.rate
			if most == 0 || need < least {
				least = need
			}
			most = max(most, need)
		}
	}
	// More than a hundred days is not a time but a standstill.
	if len(t.buckets) < windowBuckets || most == 0 || most > 100*24*3600 {
		out.Known = false
		return
	}
	out.Least = max(out.Least, seconds(least*(1-doubt)))
	out.Most = max(out.Most, seconds(most*(1+doubt)))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// speed is items and bytes a second.
type speed struct{ itemRate, byteRate float64 }

func (v speed) bytes() int64 { return int64(v.byteRate) }

// track is the work of a phase over time.
type track struct {
	buckets []bucket
	first   time.Duration // when the work began
	from    time.Duration // beginning of the window
	sum     amount        // within the window
	total   amount        // since first
	begun   bool
}

type bucket struct {
	start, end time.Duration
	done       amount
}

// add records how much has been done in all at a time. Nothing counts before
// the first piece of work: waiting is not slowness.
func (t *track) add(at time.Duration, total amount) {
	if !t.begun {
		if total == (amount{}) {
			t.first = at
			return
		}
		t.begun, t.from = true, t.first
	}
	total = amount{max(total.items, t.total.items), max(total.bytes, t.total.bytes)}
	done := total.minus(t.total)
	t.total = total
	t.sum = t.sum.plus(done)
	if n := len(t.buckets); n > 0 && at-t.buckets[n-1].start < bucketWidth {
		t.buckets[n-1].end = at
		t.buckets[n-1].done = t.buckets[n-1].done.plus(done)
	} else {
		t.buckets = append(t.buckets, bucket{start: at, end: at, done: done})
	}
	t.trim(at)
}

func (t *track) trim(at time.Duration) {
	for len(t.buckets) > windowBuckets {
		old := t.buckets[0]
		if at-old.end < windowLength || t.sum.bytes > 0 && t.sum.bytes-old.done.bytes < windowBytes {
			return
		}
		t.sum = t.sum.minus(old.done)
		t.from = old.end
		t.buckets = t.buckets[1:]
	}
}

func (t *track) speed() speed {
	if len(t.buckets) == 0 {
		return speed{}
	}
	return over(t.sum, t.buckets[len(t.buckets)-1].end-t.from)
}

func (t *track) average() speed {
	if len(t.buckets) == 0 {
		return speed{}
	}
	return over(t.total, t.buckets[len(t.buckets)-1].end-t.first)
}

func over(a amount, d time.Duration) speed {
	if d < bucketWidth {
		return speed{} // too short to mean anything
	}
	return speed{float64(a.items) / d.Seconds(), float64(a.bytes) / d.Seconds()}
}
