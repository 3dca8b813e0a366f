package board_test

import (
	"fmt"
	"image"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/board"
	"omt/app/filter"
)

// crowd is a full board: every card with a picture, three lines, every fifth one
// with a crown, and a box, in five plans and the column of those without one.
func crowd(tb testing.TB, n int) *stage {
	test.NewApp()
	five, start := []board.Column{{Title: "No user plan"}}, map[int64]board.State{}
	for i := range 5 {
		five = append(five, board.Column{Title: fmt.Sprintf("Plan %d", i), Seats: n})
	}
	for i := range n {
		start[int64(100+i)] = board.State{Column: i % 6, Ticked: i%7 == 0}
	}
	photo := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range photo.Pix {
		photo.Pix[i] = byte(i * 7)
	}
	s := &stage{model: board.New(five, people(n), start, n)}
	s.Board = board.NewBoard(s.model, board.Config{Words: words, Crown: theme.AccountIcon(), Warn: theme.WarningIcon(),
		Picture: func(int64) image.Image { return photo }})
	s.win = test.NewWindow(s.Object)
	s.win.SetPadded(false)
	s.win.Resize(fyne.NewSize(1280, 760))
	tb.Cleanup(s.win.Close)
	return s
}

// BenchmarkFilter is what a keystroke in the filter does on fyne's goroutine, by
// its median: the target is 16 ms with 2,000 users in 5 plans.
func BenchmarkFilter(b *testing.B) {
	for _, n := range []int{2000, 20000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := crowd(b, n)
			var all []time.Duration
			for i := 0; b.Loop(); i++ {
				begin := time.Now()
				s.Filter(filter.Parse([]string{"p", "person", "person 1", "admin", "plan:none", ""}[i%6]))
				all = append(all, time.Since(begin))
			}
			slices.Sort(all)
			b.ReportMetric(all[len(all)/2].Seconds()*1000, "median-ms")
			b.ReportMetric(all[len(all)*95/100].Seconds()*1000, "p95-ms")
		})
	}
}

// BenchmarkScroll draws frames of a board that is scrolled, with the painter of
// software rendering, and the same frames of lists whose cards of the same size
// have two texts and nothing else. The target is 1.5 times their processor time.
func BenchmarkScroll(b *testing.B) {
	full := crowd(b, 2000)
	var lists []scrolled
	walk(full.win.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if l, ok := o.(scrolled); ok {
			lists = append(lists, l)
		}
	})
	plain, plainLists := plainBoard(b, len(lists), 2000)
	var costFull, costPlain time.Duration
	for i := 0; b.Loop(); i++ {
		// By turns, so that what else the computer does meets both.
		costFull += frame(full.win, lists, i)
		costPlain += frame(plain, plainLists, i)
	}
	b.ReportMetric(float64(costFull)/float64(costPlain), "ratio")
	b.ReportMetric(costFull.Seconds()*1000/float64(b.N), "full-ms")
	b.ReportMetric(costPlain.Seconds()*1000/float64(b.N), "plain-ms")
}

// scrolled is a list as its user scrolls it.
type scrolled interface {
	ScrollToOffset(float32)
	GetScrollOffset() float32
}

// frame is the processor time of one frame with the lists 20 units further.
func frame(w fyne.Window, lists []scrolled, i int) time.Duration {
	begin := worked()
	for _, l := range lists {
		l.ScrollToOffset(float32(i%600) * 20)
	}
	w.Canvas().Capture()
	return worked() - begin
}

// worked is the processor time of this process.
func worked() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// plainBoard has as many lists beside each other, with cards of two texts.
func plainBoard(tb testing.TB, columns, n int) (fyne.Window, []scrolled) {
	var lists []scrolled
	var objects []fyne.CanvasObject
	for range columns {
		l := widget.NewList(
			func() int { return n / columns },
			func() fyne.CanvasObject {
				back := canvas.NewRectangle(theme.Color(theme.ColorNameBackground))
				back.SetMinSize(fyne.NewSize(187, 108))
				name, group := canvas.NewText("", theme.Color(theme.ColorNameForeground)), canvas.NewText("", theme.Color(theme.ColorNameForeground))
				name.Move(fyne.NewPos(60, 6))
				group.Move(fyne.NewPos(60, 27))
				return container.NewStack(back, container.NewWithoutLayout(name, group))
			},
			func(i widget.ListItemID, o fyne.CanvasObject) {
				texts := o.(*fyne.Container).Objects[1].(*fyne.Container).Objects
				texts[0].(*canvas.Text).Text = fmt.Sprintf("%c person %d", 'A'+i%26, i)
				texts[1].(*canvas.Text).Text = fmt.Sprint("no ", i)
				canvas.Refresh(o)
			})
		l.HideSeparators = true
		ground := canvas.NewRectangle(theme.Color(theme.ColorNameHeaderBackground))
		lists, objects = append(lists, l), append(objects, container.NewStack(ground, l))
	}
	w := test.NewWindow(container.NewGridWithColumns(columns, objects...))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1280, 760))
	tb.Cleanup(w.Close)
	return w, lists
}

// BenchmarkOpen builds the board, shows it and draws its first frame. heap-MB is
// what is held afterwards that was not held before.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{2000, 20000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			before := held()
			var s *stage
			for b.Loop() {
				s = crowd(b, n)
				s.win.Canvas().Capture()
			}
			b.StopTimer()
			// All of them are open still: Cleanup runs at the end.
			b.ReportMetric((held()-before)/float64(b.N), "heap-MB")
			runtime.KeepAlive(s)
		})
	}
}

// held is the heap in use after a collection, in megabytes.
func held() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
