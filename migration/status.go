package migration

import (
	"sync"
	"sync/atomic"
	"time"
)

// doing is what a reader or sender is busy with.
type doing int

const (
	idle           doing = iota // waits for work
	readingFile                 // opens, reads and hashes a file of the archive
	readingRows                 // waits for rows of the database, and encodes them
	sending                     // waits for the target
	waitingService              // the service has asked for patience
	waitingRetry                // waits before it tries again
	waitingTurn                 // pause, bandwidth limit or timetable
	doings
)

// activity adds up what readers and senders are busy with. The times of the last
// one or two spans are kept, so that what is told is of now.
type activity struct {
	moved atomic.Int64 // nanoseconds of the clock when anything last moved

	mu      sync.Mutex
	busy    [doings]int        // how many, now
	sums    [2][doings]float64 // seconds, of the span before and of this one
	spans   [2]time.Duration   // how long these were
	settled time.Time          // until when sums tell
	senders int                // files sent at once at most, as the engine has it now

	// A target that repeats requests by itself waits within a call: of what is then
	// called sending, the refusals tell that the service has asked for it.
	busyCount func() int64 // refusals of the target so far; nil: it does not tell
	refused   int64        // of them, when they were last counted
	refusedAt time.Time    // when there last were more
	refusals  [2]int64     // in the spans
	answers   [2]int64     // calls that worked, in the spans

	trouble *Trouble // of the last failed try, until something works
}

// span is how long activity is added up before the older half is forgotten.
const span = 10 * time.Second

func newActivity(now time.Time) activity { return activity{settled: now} }

// shift tells that somebody turns from one thing to another.
func (c *Control) shift(from, to doing) {
	c.activity.mu.Lock()
	defer c.activity.mu.Unlock()
	c.activity.settle(c.now())
	c.activity.busy[from]--
	c.activity.busy[to]++
}

// settle adds up what was done since the last call.
func (a *activity) settle(now time.Time) {
	// A clock that jumps gives a span that is empty or at most one long.
	d := min(max(now.Sub(a.settled), 0), span)
	a.settled = now
	if a.spans[1] >= span {
		a.sums[0], a.spans[0] = a.sums[1], a.spans[1]
		a.sums[1], a.spans[1] = [doings]float64{}, 0
		a.refusals, a.answers = [2]int64{a.refusals[1]}, [2]int64{a.answers[1]}
	}
	if a.busyCount != nil {
		if n := a.busyCount(); n > a.refused {
			a.refusals[1] += n - a.refused
			a.refused, a.refusedAt = n, now
		}
	}
	for i, n := range a.busy {
		a.sums[1][i] += float64(n) * d.Seconds()
	}
	a.spans[1] += d
}

// move tells that bytes or rows have moved.
func (c *Control) move() { c.activity.moved.Store(c.now().UnixNano()) }

// worked tells that a call of the target was answered well.
func (c *Control) worked() {
	c.move()
	c.activity.mu.Lock()
	c.activity.trouble = nil
	c.activity.answers[1]++
	c.activity.mu.Unlock()
}

// listen counts what a target is refused without failing.
func (c *Control) listen(t Target) {
	c.activity.mu.Lock()
	defer c.activity.mu.Unlock()
	if x, ok := t.(Throttler); ok {
		c.activity.busyCount, c.activity.refused = x.Busy, x.Busy()
	}
}

// Trouble is a call that failed and is tried again.
type Trouble struct {
	What    string    `json:"what"`    // verb and object, for the log
	Hint    Message   `json:"hint"`    // what it is to people; may be zero
	Attempt int       `json:"attempt"` // that failed, from 1
	Next    time.Time `json:"next"`    // when it is tried again
}

// failedTry keeps what window and command line say of a try that failed.
func (c *Control) failedTry(t Trouble) {
	c.activity.mu.Lock()
	c.activity.trouble = &t
	c.activity.mu.Unlock()
}

func (c *Control) setSenders(n int) {
	c.activity.mu.Lock()
	c.activity.senders = n
	c.activity.mu.Unlock()
}

// Status is how a run is going, apart from its counts.
type Status struct {
	Force
	Senders int `json:"senders"` // files that may be sent at once now
	// StalledSince is when the last byte or row moved, if that was longer ago than
	// 15 seconds and nobody has paused; zero otherwise. Stall says on what the run
	// waits.
	StalledSince time.Time `json:"stalledSince,omitzero"`
	Stall        Message   `json:"stall,omitzero"`
	// Bottleneck says what sets the speed: bottleneck.disk, .database, .line,
	// .service or .limit, with Percent, the share of the time that was spent on it.
	// It is zero until 10 seconds were watched and while nothing stands out.
	Bottleneck Message  `json:"bottleneck,omitzero"`
	Trouble    *Trouble `json:"trouble,omitempty"`
	// Warning is what people should look at on the customer's side while the run
	// goes on; zero for nothing.
	Warning Message `json:"warning,omitzero"`
}

// stallAfter is how long nothing may move before it is said.
const stallAfter = 15 * time.Second

// Status reads how the run is going. It is cheap and never blocks the engine.
func (c *Control) Status() Status {
	s := Status{Force: c.InForce()}
	if w := c.warning.Load(); w != nil {
		s.Warning = *w
	}
	now := c.now()
	a := &c.activity
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle(now)
	s.Senders = a.senders
	if a.trouble != nil {
		t := *a.trouble
		s.Trouble = &t
	}
	at := a.moved.Load()
	working := at != 0 && len(a.busy) > 0 && a.anybody()
	if moved := time.Unix(0, at); working && !s.Paused && !s.Waiting && now.Sub(moved) > stallAfter {
		s.StalledSince = moved
		s.Stall = Msg("stall."+a.waitsFor(now), "Seconds", int(now.Sub(moved).Seconds()))
		return s
	}
	if !s.Paused && !s.Waiting {
		s.Bottleneck = a.bottleneck()
	}
	return s
}

// warn has people look at something on the customer's side.
func (c *Control) warn(m Message) { c.warning.Store(&m) }

// anybody tells whether somebody has something to do.
func (a *activity) anybody() bool {
	n := 0
	for _, b := range a.busy[readingFile:] {
		n += max(b, 0)
	}
	return n > 0
}

// causes are how messages name what is waited for.
var causes = [doings]string{
	readingFile: "disk", readingRows: "database", sending: "line", waitingService: "service", waitingRetry: "line", waitingTurn: "limit",
}

// longestAsk is how long a refusal explains that nothing moves: a target waits for
// up to a minute by itself.
const longestAsk = 75 * time.Second

// waitsFor names what most are busy with at the moment.
func (a *activity) waitsFor(now time.Time) string {
	most := readingFile
	for d := readingFile; d < doings; d++ {
		if a.busy[d] > a.busy[most] {
			most = d
		}
	}
	if most == sending && !a.refusedAt.IsZero() && now.Sub(a.refusedAt) < longestAsk {
		most = waitingService
	}
	return causes[most]
}

// telling is the share of the time that a cause must have to be told: below it
// several things set the speed together.
const telling = 60

func (a *activity) bottleneck() Message {
	if a.spans[0]+a.spans[1] < span {
		return Message{}
	}
	shares := map[string]float64{}
	total := 0.0
	for d := readingFile; d < doings; d++ {
		t := a.sums[0][d] + a.sums[1][d]
		shares[causes[d]] += t
		total += t
	}
	if total == 0 {
		return Message{}
	}
	// One refusal of a hundred requests sets no speed.
	if refusals := a.refusals[0] + a.refusals[1]; refusals > 0 && refusals*20 >= a.answers[0]+a.answers[1] {
		shares["service"] += shares["line"]
		shares["line"] = 0
	}
	for _, w := range []string{"service", "limit", "line", "database", "disk"} {
		percent := int(100 * shares[w] / total)
		// What the service asks for is the cause of the time that follows it, too.
		if percent >= telling || w == "service" && percent >= telling/3 {
			return Msg("bottleneck."+w, "Percent", percent)
		}
	}
	return Message{}
}
