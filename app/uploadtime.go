package app

import (
	"strings"
	"time"

	"omt/migration"
)

// stalled is how long nothing may move before the page says so.
const stalled = 15 * time.Second

// statusWords is the sentence below the rows: how long it will take, or
// honestly why that cannot be told. Empty while nothing runs.
func statusWords(s migration.Snapshot, e migration.Estimate, now time.Time) string {
	words := paceWords(s, e, now)
	if words == "" || s.Status.Warning.IsZero() {
		return words
	}
	return say(s.Status.Warning) + " " + words
}

// paceWords are the sentence without what is to be looked at meanwhile.
func paceWords(s migration.Snapshot, e migration.Estimate, now time.Time) string {
	var counting []string
	running, finishing := false, false
	for _, p := range s.Phases {
		if p.State != migration.PhaseRunning {
			continue
		}
		running = true
		finishing = finishing || p.Phase == migration.PhaseFinishing
		if p.Counting {
			counting = append(counting, say(phaseName(p.Phase)))
		}
	}
	switch st := s.Status; {
	case !running:
		return ""
	case st.Paused:
		return say(migration.Msg("upload.paused"))
	case st.Waiting:
		return say(migration.Msg("upload.waiting", "To", clockTime(now, st.Until.Sub(now))))
	case !st.Stall.IsZero():
		return say(st.Stall)
	case e.Idle >= stalled:
		return say(migration.Msg("upload.stalled", "Time", duration(e.Idle)))
	case finishing:
		return say(migration.Msg("upload.finishing"))
	case len(counting) > 0:
		return say(migration.Msg("upload.counting", "Phases", strings.Join(counting, ", ")))
	case e.Known && !s.Status.Bottleneck.IsZero():
		return say(migration.Msg("upload.left.slow", "Words", leftWords(e, now), "Why", say(s.Status.Bottleneck)))
	case e.Known:
		return leftWords(e, now)
	}
	return say(migration.Msg("upload.measuring"))
}

// troubleWords say what failed last and when it is tried again; empty if all
// goes well.
func troubleWords(t *migration.Trouble, now time.Time) string {
	switch {
	case t == nil:
		return ""
	case t.Hint.IsZero():
		return say(migration.Msg("upload.trouble", "Attempt", t.Attempt, "Next", secondsTime(now, t.Next)))
	}
	return say(migration.Msg("upload.trouble.why", "Attempt", t.Attempt, "Why", say(t.Hint), "Next", secondsTime(now, t.Next)))
}

// secondsTime is the time of the clock to the second.
func secondsTime(now, at time.Time) string { return figures().ClockSeconds(at.In(now.Location())) }

// leftWords tells a range and what the clock will show then.
func leftWords(e migration.Estimate, now time.Time) string {
	least, most := migration.Coarse(e.Least, false), migration.Coarse(e.Most, true)
	if most <= time.Minute {
		return say(migration.Msg("upload.left.minute"))
	}
	if least < time.Minute {
		return say(migration.Msg("upload.left.most", "Most", duration(most), "To", clockTime(now, most)))
	}
	if least == most {
		return say(migration.Msg("upload.left.about", "Time", duration(most), "To", clockTime(now, most)))
	}
	return say(migration.Msg("upload.left.range", "Least", duration(least), "Most", duration(most),
		"From", clockTime(now, least), "To", clockTime(now, most)))
}

// duration is a time in words: seconds below a minute, else hours and minutes.
func duration(d time.Duration) string {
	n := figures()
	hours, minutes := int64(d/time.Hour), int64(d%time.Hour/time.Minute)
	switch {
	case d < time.Minute:
		return say(migration.Msg("time.seconds", "Seconds", n.Number(int64(d/time.Second))))
	case hours == 0:
		return say(migration.Msg("time.minutes", "Minutes", n.Number(minutes)))
	case minutes == 0:
		return say(migration.Msg("time.hours", "Hours", n.Number(hours)))
	}
	return say(migration.Msg("time.hours.minutes", "Hours", n.Number(hours), "Minutes", n.Number(minutes)))
}

// clockTime is what the clock shows after d, with the date if that is another day.
func clockTime(now time.Time, d time.Duration) string {
	at := now.Add(d)
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return figures().Clock(at)
	}
	return figures().Moment(at)
}
