package uploadtest

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// BlobFault is what goes wrong with one request. The zero value is nothing.
// Faults of the way there (Reset, Stall, Flip) count bytes of the request's
// body, or of the answer's body if the request has none.
type BlobFault struct {
	// Status answers with an error instead of working, with Code and, if it is
	// not zero, Retry-After in whole seconds.
	Status     int
	Code       string
	RetryAfter time.Duration
	// Reset breaks the connection after so many bytes of the body.
	Reset bool
	// Stall moves nothing any more after so many bytes, until the client goes.
	Stall bool
	// Flip inverts a bit of the byte at After.
	Flip bool
	// After is where Reset, Stall and Flip happen, in bytes of the body.
	After int64
	// LostReply does the work and breaks the connection before the answer.
	LostReply bool
	// EarlyEOF announces the whole answer and ends it after After bytes.
	EarlyEOF bool
	// Wrong is added to every length that the answer speaks of: properties, and
	// the size of the whole object that a range belongs to.
	Wrong int64
}

// errBroken ends a request whose connection was broken on purpose.
type errBroken struct{}

func (errBroken) Error() string { return "connection broken on purpose" }

// breakConnection resets the connection; over a pipe it ends.
func breakConnection(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// faulty is the body of a request on its way to the server.
type faulty struct {
	ctx   context.Context
	r     io.Reader
	fault BlobFault
	line  *line
	stall func(context.Context)
	at    int64
}

func (f *faulty) Read(p []byte) (int, error) {
	if (f.fault.Reset || f.fault.Stall) && f.at >= f.fault.After {
		if f.fault.Stall {
			f.stall(f.ctx)
		}
		return 0, errBroken{}
	}
	if f.fault.Reset || f.fault.Stall {
		p = p[:min(int64(len(p)), f.fault.After-f.at)]
	}
	n, err := f.r.Read(p)
	if f.fault.Flip && f.fault.After >= f.at && f.fault.After < f.at+int64(n) {
		p[f.fault.After-f.at] ^= 1
	}
	f.at += int64(n)
	if lerr := f.line.carry(f.ctx, int64(n)); err == nil {
		err = lerr
	}
	return n, err
}

// Line is a line of a given latency and rate between client and server. What
// it does not have is the slow start of TCP, jitter and loss.
type Line struct {
	// RTT is the time of a round trip: each request takes one, and the first of
	// a connection takes a second one for the handshake. 0: none.
	RTT time.Duration
	// Rate is how many bytes a second bodies share, in both directions
	// together; 0: no bound.
	Rate int64
}

// line is a Line in use. One byte follows the other: who carries some reserves
// the time that they take and waits until it is over.
type line struct {
	Line
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	mu    sync.Mutex
	free  time.Time
	known map[string]bool // connections that have shaken hands
}

func newLine(l Line, now func() time.Time, sleep func(context.Context, time.Duration) error) *line {
	return &line{Line: l, now: now, sleep: sleep, known: map[string]bool{}}
}

// trip is the round trip of a request from this address.
func (l *line) trip(ctx context.Context, from string) error {
	if l.RTT == 0 {
		return nil
	}
	l.mu.Lock()
	d := l.RTT
	if !l.known[from] {
		l.known[from], d = true, 2*l.RTT
	}
	l.mu.Unlock()
	return l.sleep(ctx, d)
}

func (l *line) carry(ctx context.Context, n int64) error {
	if l.Rate == 0 || n == 0 {
		return nil
	}
	l.mu.Lock()
	now := l.now()
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(n) / float64(l.Rate) * float64(time.Second)))
	wait := l.free.Sub(now)
	l.mu.Unlock()
	return l.sleep(ctx, wait)
}

// refuse is the answer of a fault that does no work.
func (f BlobFault) refuse(w http.ResponseWriter) refusal {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64(f.RetryAfter/time.Second), 10))
	}
	return refusal{f.Status, f.Code}
}
