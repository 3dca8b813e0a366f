package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	pauseEvery = 50 * time.Millisecond  // between two questions to fyne's goroutine
	pauseTold  = 100 * time.Millisecond // pauses from here on are written
)

// pauseLine is a line of the trace: for so long fyne's goroutine did not answer,
// and a person at the window would have waited.
type pauseLine struct {
	Pause int64 `json:"pause"` // milliseconds
	// CPU is how many of them its thread worked, Queued how many it could have
	// worked but the computer had no processor for it; the rest it waited for
	// something. Where nobody counts CPU is Pause.
	CPU    int64 `json:"cpu"`
	Queued int64 `json:"queued,omitempty"`
	// Free is for how many of them at least a processor had nothing to do: so much
	// of the pause the computer was not to blame for, whoever else worked on it.
	Free int64 `json:"free,omitempty"`
	sight
	Waits bool `json:"waits,omitempty"` // code of ours was seen waiting meanwhile
}

// sight is a look at fyne's goroutine.
type sight struct {
	In    string `json:"in"`              // the innermost function of ours, else the innermost one
	At    string `json:"at,omitempty"`    // the innermost function, if it is not In: whom ours waits for
	State string `json:"state,omitempty"` // as the runtime calls it: running, or what it waits for
}

func (s sight) ours() bool { return strings.HasPrefix(s.In, "omt/") }

// waiting are the states in which a goroutine waits for another one, for the
// network or for time. Those of the runtime's own work, such as a collection of
// garbage, are none of ours.
var waiting = []string{"IO wait", "chan receive", "chan send", "select", "sleep", "sync.WaitGroup.Wait", "sync.Cond.Wait"}

// waits tells whether code of ours waits for something.
func (s sight) waits() bool {
	return s.ours() && slices.ContainsFunc(waiting, func(w string) bool { return strings.HasPrefix(s.State, w) })
}

// pauses asks fyne's goroutine again and again to answer until done is closed,
// and tells of the answers that came late. An answer waits for all of what the
// goroutine is at, so no callback takes longer than the longest pause.
func pauses(done <-chan struct{}, ask func(func()), look func() sight, worked func() (spent, bool), tell func(pauseLine)) {
	tick := time.NewTicker(pauseEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		answer := make(chan time.Time, 1)
		before, _ := worked()
		asked, seen := time.Now(), sight{}
		ask(func() { answer <- time.Now() })
	waiting:
		for {
			select {
			case <-done:
				return
			case came := <-answer:
				p := pauseLine{Pause: came.Sub(asked).Milliseconds(), sight: seen, Waits: seen.waits()}
				if came.Sub(asked) < pauseTold {
					break waiting
				}
				p.CPU = p.Pause
				if after, ok := worked(); ok {
					p.CPU = min(p.Pause, (after.working - before.working).Milliseconds())
					p.Queued = min(p.Pause-p.CPU, (after.queued - before.queued).Milliseconds())
					p.Free = min(p.Pause, (after.free - before.free).Milliseconds())
				}
				tell(p)
				break waiting
			case <-tick.C:
				// A look at waiting says most, one of ours more than one into fyne.
				if s := look(); !seen.waits() && (!seen.ours() || s.waits()) {
					seen = s
				}
			}
		}
	}
}

// doing looks at main's goroutine, which is fyne's.
func doing() sight {
	buf := make([]byte, 1<<20)
	return sightIn(buf[:runtime.Stack(buf, true)])
}

// sightIn finds main's goroutine among the stacks of all.
func sightIn(buf []byte) sight {
	_, main, found := bytes.Cut(buf, []byte("goroutine 1 ["))
	if !found {
		return sight{}
	}
	main, _, _ = bytes.Cut(main, []byte("\n\n"))
	lines := strings.Split(string(main), "\n")
	state, _, _ := strings.Cut(lines[0], "]")
	state, _, _ = strings.Cut(state, ",") // how long, and that it is locked to its thread
	s := sight{State: state}
	for i := 1; i < len(lines); i += 2 {
		name := lines[i]
		if at := strings.LastIndexByte(name, '('); at > 0 {
			name = name[:at]
		}
		if strings.HasPrefix(name, "omt/app") && name != "omt/app.Run" { // Run is below everything
			s.In, s.At = name, s.In
			return s
		}
		if s.In == "" {
			s.In = name
		}
	}
	return s
}

// spent is for how long a thread has worked, for how long it could have but
// waited for a processor, and for how long a processor had nothing to do.
type spent struct{ working, queued, free time.Duration }

// mainWorked is that of main's thread, as Linux counts it (sched-stats.rst of its
// documentation, /proc/<pid>/schedstat), or false where nobody counts.
func mainWorked() (spent, bool) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/schedstat", os.Getpid()))
	if err != nil {
		return spent{}, false
	}
	var s spent
	n, err := fmt.Sscan(string(data), &s.working, &s.queued) // in nanoseconds
	if n != 2 || err != nil {
		return spent{}, false
	}
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return spent{}, false
	}
	s.free = idle(string(stat))
	return s, true
}

// idle is for how long each processor had nothing to do, on average: for so long
// at least one of them was free. The kernel counts in hundredths of a second
// (proc_stat(5)).
func idle(stat string) time.Duration {
	var ticks time.Duration
	processors := 0
	for _, line := range strings.Split(stat, "\n") {
		var name string
		var user, nice, system, free time.Duration
		n, _ := fmt.Sscan(line, &name, &user, &nice, &system, &free)
		if n == 5 && strings.HasPrefix(name, "cpu") && name != "cpu" {
			ticks, processors = ticks+free, processors+1
		}
	}
	if processors == 0 {
		return 0
	}
	return ticks * 10 * time.Millisecond / time.Duration(processors)
}

// watchPauses writes the pauses into the trace until stop is called.
func (w *Window) watchPauses() (stop func()) {
	if w.tracing == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		pauses(done, w.do, doing, mainWorked, func(p pauseLine) {
			data, err := json.Marshal(p)
			if err != nil {
				return // a number and a name always can be
			}
			w.do(func() { w.tracing.write(data) })
		})
	}()
	return func() { close(done); <-ended }
}
