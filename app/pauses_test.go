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
	paint := sight{"fyne.paint", "running"}
	for _, c := range []struct {
		wait, work, queue time.Duration
		seen              []sight // one every 50 ms
		counted           bool
		want              []pauseLine
	}{
		{99 * time.Millisecond, 0, 0, []sight{paint}, true, nil},
		{300 * time.Millisecond, 40 * time.Millisecond, 200 * time.Millisecond, []sight{paint, {"omt/app.slow", "runnable"}, paint}, true, []pauseLine{{300, 40, 200, sight{"omt/app.slow", "runnable"}, false}}},
		{300 * time.Millisecond, 0, 0, []sight{{"omt/app.slow", "running"}, {"omt/app.read", "IO wait"}, paint}, false, []pauseLine{{300, 300, 0, sight{"omt/app.read", "IO wait"}, true}}},
		{120 * time.Millisecond, 0, 0, []sight{paint, {"", "select"}}, true, []pauseLine{{120, 0, 0, sight{"", "select"}, false}}},
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
					worked = spent{worked.working + c.work, worked.queued + c.queue}
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
	got, err := json.Marshal(pauseLine{300, 40, 200, sight{"omt/app.slow", "chan receive"}, true})
	if want := `{"pause":300,"cpu":40,"queued":200,"in":"omt/app.slow","state":"chan receive","waits":true}`; err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}
