package onsite

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
)

// A file that another program holds is waited for, then named; the run goes on.
func TestFilesInUse(t *testing.T) {
	held := &fs.PathError{Op: "open", Path: "a.doc", Err: busyErrors[0]}
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		open := func(free int) func() (int, error) {
			tries = 0
			return func() (int, error) {
				if tries++; tries <= free {
					return 0, held
				}
				return 7, nil
			}
		}
		begin := time.Now()
		if n, err := whileBusy(t.Context(), open(2)); n != 7 || err != nil || tries != 3 || time.Since(begin) != 800*time.Millisecond {
			t.Errorf("free after two: %d %v after %d tries and %v", n, err, tries, time.Since(begin))
		}
		begin = time.Now()
		if _, err := whileBusy(t.Context(), open(99)); !errors.Is(err, busyErrors[0]) || tries != 4 || time.Since(begin) != 2*time.Second {
			t.Errorf("never free: %v after %d tries and %v", err, tries, time.Since(begin))
		}
		denied := errors.New("denied")
		if _, err := whileBusy(t.Context(), func() (int, error) { tries = -1; return 0, denied }); !errors.Is(err, denied) || tries != -1 {
			t.Errorf("another error: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := whileBusy(ctx, open(99)); !errors.Is(err, context.DeadlineExceeded) || tries != 2 {
			t.Errorf("cancelled: %v after %d tries", err, tries)
		}
	})
	err := cannotOpen(`C:\SO_ARC\a.doc`, held)
	if errors.Is(err, migration.ErrSourceLost) || migration.HintOf(err).ID != "reason.file.system" || !strings.Contains(err.Error(), `C:\SO_ARC\a.doc`) {
		t.Errorf("a file in use stops the run: %v", err)
	}
}
