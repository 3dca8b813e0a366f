package app

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestPausesAreTold lets a goroutine answer after a while, of which it works a
// part.
func TestPausesAreTold(t *testing.T) {
	paint, slow := sight{In: "fyne.paint", State: "running"}, sight{In: "omt/app.slow", State: "runnable"}
	read, show := sight{In: "omt/app.read", State: "IO wait"}, sight{In: "omt/app.show", At: "gl.compile", State: "syscall"}
	for _, c := range []struct {
		wait, work, queue, free time.Duration
		seen                    []sight // one every 50 ms
		counted                 bool
		want                    []pauseLine
	}{
		{99 * time.Millisecond, 0, 0, 0, []sight{paint}, true, nil},
		{300 * time.Millisecond, 40 * time.Millisecond, 200 * time.Millisecond, 90 * time.Millisecond, []sight{paint, slow, paint}, true, []pauseLine{{300, 40, 200, 90, slow, false}}},
		{300 * time.Millisecond, 0, 0, 0, []sight{show, read, paint}, false, []pauseLine{{300, 300, 0, 0, read, true}}},
		{300 * time.Millisecond, 0, 0, 400 * time.Millisecond, []sight{show, paint}, true, []pauseLine{{300, 0, 0, 300, show, false}}},
		{120 * time.Millisecond, 0, 0, 0, []sight{paint, {State: "select"}}, true, []pauseLine{{120, 0, 0, 0, sight{State: "select"}, false}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []pauseLine
			var worked spent
			asked := false
			done, ended := make(chan struct{}), make(chan struct{})
			ask := func(f func()) {
				if asked {
					return // the last question stays without an answer
				}
				asked = true
				go func() {
					time.Sleep(c.wait)
					worked = spent{worked.working + c.work, worked.queued + c.queue, worked.free + c.free}
					f()
				}()
			}
			look := func() sight {
				s := c.seen[0]
				if len(c.seen) > 1 {
					c.seen = c.seen[1:]
				}
				return s
			}
			go func() {
				defer close(ended)
				pauses(done, ask, look, func() (spent, bool) { return worked, c.counted }, func(p pauseLine) { told = append(told, p) })
			}()
			time.Sleep(time.Second)
			close(done)
			<-ended
			if !slices.Equal(told, c.want) {
				t.Errorf("told %v, want %v", told, c.want)
			}
		})
	}
}

// TestPauseLine: who reads the trace finds all of a pause on one level.
func TestPauseLine(t *testing.T) {
	got, err := json.Marshal(pauseLine{300, 40, 200, 60, sight{"omt/app.slow", "glfw.poll", "chan receive"}, true})
	if want := `{"pause":300,"cpu":40,"queued":200,"free":60,"in":"omt/app.slow","at":"glfw.poll","state":"chan receive","waits":true}`; err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

// TestIdle: what the processors had nothing to do is shared among them, as the
// example of proc_stat(5) of two processors counts it.
func TestIdle(t *testing.T) {
	for stat, want := range map[string]time.Duration{
		"cpu  10132153 290696 3084719 46828483 16683 0 25195 0 175628 0\ncpu0 1393280 32966 572056 13343292 6130 0 17875 0 23933 0\ncpu1 1335412 28520 536504 13366710 0 0 3222 0 20000 0\nintr 1462898\n": 133550010 * time.Millisecond,
		"": 0,
	} {
		if got := idle(stat); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	// Where the kernel counts for a thread at all, it counts for the processors.
	if s, ok := mainWorked(); ok && s.free == 0 {
		t.Error("no processor was ever free since the computer was started")
	}
}

// TestDoing looks at a goroutine of ours that waits below a function of another
// package.
func TestDoing(t *testing.T) {
	const stack = "goroutine 7 [running]:\nother()\n\t/x.go:1\n\ngoroutine 1 [chan receive, 2 minutes, locked to thread]:\ngl.wait(0x1)\n\t/gl.go:5\nfyne.(*window).show(...)\n\t/w.go:3\nomt/app.(*Window).Show(0xc0)\n\t/window.go:9\nomt/app.Run(0x2)\n\t/run.go:9\n"
	if got, want := sightIn([]byte(stack)), (sight{"omt/app.(*Window).Show", "gl.wait", "chan receive"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := sightIn([]byte("goroutine 1 [select]:\nfyne.run()\n\t/x.go:1\nomt/app.Run(0x2)\n")), (sight{In: "fyne.run", State: "select"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
