package migration

import (
	"testing"

	"pgregory.net/rapid"
)

// simulated is a line to which each of n senders sends files one after the
// other: each file takes fixed seconds beside its bytes, which all share rate.
func simulated(n int, size, rate, fixed float64) second {
	files := min(float64(n)/fixed, rate/size)
	return second{files: int64(files), bytes: int64(files * size)}
}

func TestLanesFillALine(t *testing.T) {
	for name, c := range map[string]struct {
		size, rate, fixed float64
		most              int
		least             int // senders that are needed for 90% of the line
	}{
		"50 ms, 100 Mbit/s, documents of 49 KB": {49e3, 12.5e6, 0.1, 40, 23},
		"100 ms, 20 Mbit/s":                     {49e3, 2.5e6, 0.2, 24, 9},
		"1 Gbit/s, 5 ms":                        {49e3, 125e6, 0.03, 64, 64},
		"small files, far away":                 {4e3, 12.5e6, 0.2, 64, 64},
		"slow line next door":                   {49e3, 0.2e6, 0.01, 8, 4},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLanes(mostSenders)
			var got, possible float64
			most := 0
			for s := range 80 {
				r := simulated(l.n, c.size, c.rate, c.fixed)
				if s >= 20 {
					got += float64(r.bytes)
					possible += float64(simulated(mostSenders, c.size, c.rate, c.fixed).bytes)
					most = max(most, l.n)
				}
				l.next(r)
			}
			if got < 0.9*possible {
				t.Errorf("%.0f%% of what is possible in seconds 20 to 80, at the end with %d", 100*got/possible, l.n)
			}
			if most > c.most || l.n < c.least-2 {
				t.Errorf("up to %d senders, %d at the end, want %d to %d", most, l.n, c.least, c.most)
			}
		})
	}
}

// A service that throttles is given less at once, and is asked for more only
// carefully.
func TestLanesGiveWay(t *testing.T) {
	l := newLanes(mostSenders)
	for range 20 {
		l.next(simulated(l.n, 49e3, 125e6, 0.03))
	}
	if l.n < 48 {
		t.Fatalf("%d senders before the throttling", l.n)
	}
	before := l.n
	for s := range 40 {
		r := simulated(l.n, 49e3, 125e6, 0.03)
		r.troubles = 3
		l.next(r)
		if s == 0 && l.n != before*3/4 {
			t.Errorf("%d senders after the first refusal, want %d", l.n, before*3/4)
		}
	}
	if l.n > 8 {
		t.Errorf("%d senders after 40 seconds of refusals", l.n)
	}
	low := l.n
	for range 10 {
		l.next(simulated(l.n, 49e3, 125e6, 0.03))
	}
	if l.n <= low || l.n > 3*low {
		t.Errorf("%d senders ten seconds after %d: it must grow, but not as at the start", l.n, low)
	}
}

// Whatever the seconds bring, the bounds hold, and a second in which senders
// waited for files or were held back changes nothing.
func TestLanesKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, mostSenders).Draw(t, "most")
		l := newLanes(most)
		for range rapid.IntRange(1, 300).Draw(t, "seconds") {
			s := second{
				files: rapid.Int64Range(0, 1e5).Draw(t, "files"), bytes: rapid.Int64Range(0, 1e10).Draw(t, "bytes"),
				troubles: max(0, rapid.Int64Range(-5, 5).Draw(t, "troubles")), starved: rapid.Bool().Draw(t, "starved"), held: rapid.Bool().Draw(t, "held"),
			}
			before := l.n
			n := l.next(s)
			if n < min(fewestSenders, most) || n > most {
				t.Fatalf("%d senders, bounds are %d and %d", n, min(fewestSenders, most), most)
			}
			if s.troubles == 0 && (s.starved || s.held) && n != before {
				t.Fatalf("from %d to %d in a second that tells nothing", before, n)
			}
		}
	})
}
