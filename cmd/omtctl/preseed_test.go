package main

import (
	"path/filepath"
	"strings"
	"testing"

	"omt/migration"
)

// Files go ahead with a limit, a second time only what has changed, and the
// migration sends the rest; afterwards nothing goes ahead any more.
func TestPreseed(t *testing.T) {
	in := serve(t, filepath.Join(t.TempDir(), "sample"), "--users", "20", "--documents", "60", "--rows", "6000", "--missing", "3")
	p := newPlace(t)
	first := in.invoke(t, in.args("preseed", p, "--limit", "500M")...).mustSucceed(t)
	sent := first.last.Result.Counts.Sent
	if first.last.Result.Seed["document"][migration.Uploaded].Count == 0 || sent == 0 {
		t.Errorf("%+v", first.last.Result)
	}
	again := in.invoke(t, in.args("preseed", p, "--timetable", "* 00:00 off")...).mustSucceed(t)
	if c := again.last.Result.Counts; c.Sent != 0 || c.Unchanged+c.Shared < sent {
		t.Errorf("sent ahead again: %+v, the first time %d", c, sent)
	}
	done := in.invoke(t, in.args("run", p, "--accept-terms")...).mustSucceed(t)
	if c := done.last.Result.Counts; c.Sent != 0 || c.Staged == 0 || done.last.Result.Begin != migration.BeginInitial {
		t.Errorf("migration: %+v", done.last.Result)
	}
	late := in.invoke(t, in.args("preseed", p)...)
	if late.code != exitFailed || !strings.Contains(late.stdout, "before the migration") {
		t.Errorf("ended with %d: %s", late.code, late.stdout)
	}
}

// A limit or timetable that cannot be read is said before anything is opened.
func TestPreseedRefusesLimits(t *testing.T) {
	for _, args := range [][]string{{"--limit", "1"}, {"--limit", "fast"}, {"--timetable", "Mon 07:00"}, {"--limit", "2M", "--timetable", "* 00:00 off"}} {
		r := invoke(t, nil, append([]string{"preseed", "--json"}, args...)...)
		if r.code != exitFailed {
			t.Errorf("%q ended with %d: %s", args, r.code, r.stdout)
		}
	}
}
