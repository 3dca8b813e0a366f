package migration

import (
	"context"
	"fmt"
	"time"
)

// countTime is how long files are counted for the estimate where nobody says
// otherwise: everybody waits for it.
const countTime = time.Minute

// checkEstimate says how much there is and how long it will take, if it began
// now. It warns only if it will not fit.
func checkEstimate(ctx context.Context, k *checking, f *finding) error {
	cat, err := k.tables(ctx)
	if err != nil {
		return err
	}
	limit := k.Counting
	if limit <= 0 {
		limit = countTime
	}
	fc := forecaster{src: k.Source, dst: k.Target, limit: limit, now: k.Now}
	e, err := fc.forecast(ctx, cat)
	if err != nil {
		return err
	}
	f.Forecast = e
	for _, kind := range ItemKinds() {
		t := e.Kinds[kind]
		f.row(words(Msg("kind."+string(kind))), value(t.Count), value(size(t.Bytes)))
	}
	now := k.Now()
	args := []any{
		"Files", e.Files, "Bytes", size(e.Bytes), "Database", size(e.Database), "Target", k.Target.Describe(),
		"Free", size(e.Free), "Need", size(e.Needs()), "Least", lasting(e.Least, false), "Most", lasting(e.Most, true),
		"Begin", clock(now, now), "From", clock(now, now.Add(e.Least)), "To", clock(now, now.Add(e.Most+almostMinute)),
	}
	switch {
	case e.Free >= 0 && e.Free < e.Needs():
		f.say(CheckWarning, "found", args...)
	case e.Line == nil:
		f.say(CheckPassed, "unmeasured", args...)
	case e.Extent == ExtentLeast:
		f.say(CheckPassed, "least", args...)
	case e.Extent == ExtentAbout:
		f.say(CheckPassed, "about", args...)
	default:
		f.say(CheckPassed, "passed", args...)
	}
	return nil
}

// almostMinute rounds the end of a range up: the clock is written in whole minutes.
const almostMinute = time.Minute - 1

// lasting writes a time for a message, in symbols that every language has. It is
// rounded as exactly as it is known.
func lasting(d time.Duration, up bool) string {
	d = Coarse(d, up)
	h, m := d/time.Hour, d%time.Hour/time.Minute
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

// clock writes a time of the clock of this computer, with the day if that is
// another one than begin's.
func clock(begin, at time.Time) string {
	if at.Format(time.DateOnly) == begin.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2006-01-02 15:04")
}

// Coarse cuts a time to a step that fits how exactly it is known: minutes in
// the first half hour, then five minutes, from five hours on quarters.
func Coarse(d time.Duration, up bool) time.Duration {
	step := time.Minute
	switch {
	case d > 5*time.Hour:
		step = 15 * time.Minute
	case d > 30*time.Minute:
		step = 5 * time.Minute
	}
	if r := d % step; up && r > 0 {
		d += step
	}
	return d - d%step
}
