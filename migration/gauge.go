package migration

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Gauge is a target at which sending can be measured before there is anything
// to send. A target need not implement it.
type Gauge interface {
	// Trial sends data as a file would be sent, to a name of the target's own that
	// is no object; each lane replaces what it sent before. Calls of different
	// lanes, 0 to 99, may overlap. Permanent errors are those of Target.
	Trial(ctx context.Context, lane int, data []byte) error
	// EndTrial takes away what Trial has sent, or as much of it as the ticket
	// permits. Calling it without a Trial does no harm.
	EndTrial(ctx context.Context) error
}

// Sizes and times of a measurement. Eight connections fill a line of 50 ms and
// 100 Mbit/s (measured: one gets to 83 %, four to 90 %), and each round takes
// twice as much as the one before until it lasts a second, so that a slow line is
// not kept busy for minutes.
const (
	trialLanes  = 8
	trialFirst  = 16 << 10 // bytes a lane in the first round
	trialMost   = 2 << 20  // bytes a lane in the last one: some 50 MB in all on the fastest line
	trialSmall  = 1 << 10  // bytes of a request that measures the way alone
	trialAsks   = 4        // such requests; the first opens the connection and does not count
	trialRound  = time.Second
	trialEnough = 10 * time.Second // no new round after so long
	trialLimit  = time.Minute      // the whole measurement
	trialEnd    = 5 * time.Second
)

// Line is what a measurement of the way to the target has found.
type Line struct {
	// Request is how long one small file takes that is sent alone.
	Request time.Duration `json:"requestNanoseconds"`
	// Low and High are bytes a second over all connections, of the two last rounds.
	// High leaves out the time of one request, in which no byte moves: a run has
	// other requests on their way then.
	Low  int64 `json:"low"`
	High int64 `json:"high"`
	// Sent is how many bytes the measurement has cost.
	Sent int64 `json:"sent"`
}

// errNoGauge: the target cannot be measured.
var errNoGauge = errors.New("target cannot be measured")

// measureLine sends a little to the target and tells how fast it went.
func measureLine(ctx context.Context, t Target, now func() time.Time) (_ Line, err error) {
	g, ok := t.(Gauge)
	if !ok {
		return Line{}, errNoGauge
	}
	ctx, cancel := context.WithTimeout(ctx, trialLimit)
	defer cancel()
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), trialEnd)
		defer cancel()
		if eerr := g.EndTrial(end); eerr != nil {
			err = errors.Join(err, fmt.Errorf("end measurement: %w", eerr))
		}
	}()
	begin := now()
	var line Line
	if line.Request, err = measureRequest(ctx, g, now); err != nil {
		return Line{}, err
	}
	// Bytes that compress would measure something else than documents, which are
	// compressed already.
	data := make([]byte, trialMost)
	noise := rand.NewChaCha8([32]byte{})
	_, _ = noise.Read(data) // never fails
	for size := trialFirst; ; size *= 2 {
		rounds := 1
		for n := 0; n < rounds; n++ {
			took, err := measureRound(ctx, g, data[:size], now)
			if err != nil {
				return Line{}, err
			}
			sent := int64(size * trialLanes)
			line.Sent += sent
			low, high := perSecond(sent, took), perSecond(sent, took-min(line.Request, took/2))
			if n > 0 {
				low, high = min(low, line.Low), max(high, line.High)
			}
			line.Low, line.High = low, high
			if took >= trialRound || size == trialMost {
				rounds = 2 // once more: what differs is the line's doing
			}
			if now().Sub(begin) > trialEnough {
				return line, nil
			}
		}
		if rounds == 2 {
			return line, nil
		}
	}
}

func perSecond(bytes int64, d time.Duration) int64 {
	return int64(float64(bytes) / max(d, time.Microsecond).Seconds())
}

// measureRequest is the middle of some requests that go one after the other.
func measureRequest(ctx context.Context, g Gauge, now func() time.Time) (time.Duration, error) {
	var took []time.Duration
	for range trialAsks {
		at := now()
		if err := g.Trial(ctx, 0, make([]byte, trialSmall)); err != nil {
			return 0, fmt.Errorf("measure request: %w", err)
		}
		took = append(took, now().Sub(at))
	}
	took = took[1:]
	slices.Sort(took)
	return took[len(took)/2], nil
}

// measureRound sends the same bytes on all lanes at once.
func measureRound(ctx context.Context, g Gauge, data []byte, now func() time.Time) (time.Duration, error) {
	at := now()
	group, gctx := errgroup.WithContext(ctx)
	for lane := range trialLanes {
		group.Go(func() error { return g.Trial(gctx, lane, data) })
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("measure line: %w", err)
	}
	return now().Sub(at), nil
}
