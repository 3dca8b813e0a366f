package app

import (
	"context"
	"testing"

	"omt/migration"
)

// frozenState is what a journal says after a live migration.
func frozenState() migration.FrozenState {
	return migration.FrozenState{
		Found: true,
		Record: migration.FreezeRecord{
			Run: "20260313T230000Z-1", Stage: migration.FreezeFrozen, At: today,
			Config: &migration.FrozenConfig{Path: `C:\SuperOffice\Customer Service\config`}, Event: &migration.FrozenEvent{ID: 12},
		},
		Held: migration.FreezeHeld{Config: true, Event: true},
	}
}

// A start that finds users stopped says so first, and one button lets them in:
// nobody has to sign in for it.
func TestUsersAreLetInAgain(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		if seen(w.win, "Let users in again") {
			t.Error("offered although nothing is frozen")
		}
		w.shared.start.Frozen = frozenState()
		w.visit(placeWelcome)
		g.fail["Connect"] = &CertificateQuestion{Server: "crmserver", Fingerprint: "ab12", Err: errSample}
		press(t, w.win, "Let users in again")
		q.settle()
		if len(g.called("Thaw")) != 0 {
			t.Fatal("thawed without a connection")
		}
		delete(g.fail, "Connect")
		g.thawFn = func(context.Context) ([]migration.Message, error) {
			return []migration.Message{migration.Msg("freeze.web")}, nil
		}
		press(t, w.win, "It is the right one")
		q.settle()
		calls := g.called("Connect")
		if len(calls) != 2 || calls[1][1].(Access).Trust != "ab12" || len(g.called("Thaw")) != 1 {
			t.Errorf("connected %v, thawed %v", calls, g.called("Thaw"))
		}
		if seen(w.win, "Let users in again") || !seen(w.win, "Users are let in again. What this program had changed is undone.") {
			t.Errorf("the page shows %q", allTexts(w.win))
		}
	})
}

func TestThawThatFailsKeepsItsButton(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		w.shared.start.Frozen = frozenState()
		w.visit(placeWelcome)
		g.fail["Thaw"] = migration.Fail("thaw installation", "", migration.ErrForbidden, migration.Msg("error.forbidden"))
		press(t, w.win, "Let users in again")
		q.settle()
		if !seen(w.win, "This did not work: Letting users in again") || !seen(w.win, "Let users in again") {
			t.Errorf("the page shows %q", allTexts(w.win))
		}
		// Somebody did it on the command line meanwhile.
		g.fail["Thaw"] = migration.ErrNotFrozen
		press(t, w.win, "Let users in again")
		q.settle()
		if seen(w.win, "Let users in again") {
			t.Error("still offered")
		}
	})
}

// While checks run the person goes on; what needs the guide waits its turn.
func TestQuietWorkLeavesTheButtonsOpen(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		hold, began := make(chan struct{}), false
		w.quietly(migration.Msg("doing.checks"), func(ctx context.Context) (func(), error) {
			select {
			case <-hold:
			case <-ctx.Done():
			}
			return nil, ctx.Err()
		}, nil)
		q.settle()
		if w.footer.next.Disabled() || !seen(w.win, "Checking the installation. You can go on meanwhile.") {
			t.Fatalf("Next closed %v: %q", w.footer.next.Disabled(), allTexts(w.win))
		}
		w.work(migration.Msg("doing.connect"), func(context.Context) (func(), error) {
			began = true
			return nil, nil
		}, nil)
		if began || !w.footer.next.Disabled() {
			t.Errorf("began %v beside the quiet work, Next closed %v", began, w.footer.next.Disabled())
		}
		press(t, w.win, "Stop checking")
		q.settle()
		if !began || w.tasks.current != nil || w.footer.next.Disabled() || len(w.notices.Objects) != 0 {
			t.Errorf("began %v, still at work %v, notices %q", began, w.tasks.current, texts(w.notices))
		}
	})
}
