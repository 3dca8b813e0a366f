package migration

// Bounds of the number of files that are sent at once. A line of 50 ms and
// 100 Mbit/s is full at 19 to 25 documents of 49 KB; more than 64 connections is
// what a service may take for an attack.
const (
	fewestSenders = 4
	mostSenders   = 64
)

// lanes decides how many files are sent at once, once a second from what the
// second before has brought. It doubles while that brings more, as a new
// connection does; then it adds a few at a time, keeps them if they help, and
// takes a quarter away when the service throttles or calls fail.
type lanes struct {
	n, least, most int

	grown  bool    // doubling is over
	missed bool    // the last doubling has not helped yet
	best   float64 // work a second that the number before the last step brought
	trial  int     // lanes that were added last and may be taken back
	hold   int     // seconds until the next step
	wait   int     // seconds that hold is set to: longer after each vain trial
	recent [trialSeconds]float64
	filled int
}

const (
	// trialSeconds is over how many seconds a step after the doubling is judged.
	trialSeconds = 3
	fewestTrial  = 2
	longestHold  = 60
	// perFile is what a file costs beside its bytes, in bytes: without it a
	// thousand small files would look like nothing.
	perFile = 8 << 10
)

func newLanes(most int) *lanes {
	return &lanes{n: min(fewestSenders, most), least: min(fewestSenders, most), most: most, wait: trialSeconds}
}

// second is what senders did within a second.
type second struct {
	files, bytes int64
	troubles     int64 // throttled or failed calls
	starved      bool  // senders have waited for files: their number set no limit
	held         bool  // pause or bandwidth limit: the same
}

// next tells how many may send from now on.
func (l *lanes) next(s second) int {
	if s.troubles > 0 {
		l.grown, l.trial, l.best, l.filled = true, 0, 0, 0
		l.wait = trialSeconds
		if l.hold == 0 {
			l.n = max(l.least, l.n*3/4)
			// What is under way was sent by more than there are now: it tells
			// nothing about the new number.
			l.hold = trialSeconds
		} else {
			l.hold--
		}
		return l.n
	}
	if s.starved || s.held {
		l.filled = 0
		return l.n
	}
	rate := float64(s.bytes + s.files*perFile)
	if !l.grown {
		l.double(rate)
		return l.n
	}
	if l.hold > 0 {
		l.hold--
		return l.n
	}
	l.recent[l.filled] = rate
	if l.filled++; l.filled == trialSeconds {
		l.filled = 0
		l.judge((l.recent[0] + l.recent[1] + l.recent[2]) / trialSeconds)
	}
	return l.n
}

func (l *lanes) double(rate float64) {
	switch {
	case rate > l.best*1.1 && l.n < l.most:
		l.best, l.missed = rate, false
		l.n = min(l.n*2, l.most)
	case rate > l.best*1.1:
		l.grown, l.best = true, rate
	case !l.missed:
		l.missed = true // one slow second may be one slow file
	default:
		l.grown = true
		l.n = max(l.least, l.n/2)
	}
}

// judge keeps or takes back the last step and takes the next one.
func (l *lanes) judge(mean float64) {
	// All of it would be as much more as there are more lanes; a quarter of that
	// is worth keeping.
	if l.trial > 0 && mean < l.best*(1+0.25*float64(l.trial)/float64(l.n-l.trial)) {
		l.n = max(l.least, l.n-l.trial)
		l.trial = 0
		l.hold = l.wait
		l.wait = min(l.wait*2, longestHold)
		return
	}
	if l.trial > 0 {
		l.wait = trialSeconds
	}
	l.best, l.trial = mean, min(max(fewestTrial, l.n/4), l.most-l.n)
	l.n += l.trial
}
