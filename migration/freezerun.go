package migration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"omt/assets"
)

// thawTime bounds the thaw of a run that stops. It is longer than a farewell
// may last: users who are left outside cost more than two seconds.
const thawTime = 10 * time.Second

func (m *Migration) freezing() *Freezing {
	return &Freezing{Journal: m.Journal, Freezer: m.Freezer, FailPoint: m.FailPoint}
}

func (m *Migration) freezeRequest() FreezeRequest {
	return FreezeRequest{
		EventKey: m.Ticket.Freeze.EventKey, EventText: assets.Text("freeze.event", nil),
		Associate: m.Principal.AssociateID, At: m.Now().UTC(),
	}
}

// canFreeze tests write access before a live run begins, unless it goes on in
// an installation that is frozen already.
func (m *Migration) canFreeze(ctx context.Context) error {
	// Files that were missing change nothing of what the database says.
	if m.Mode != ModeLive || m.set.Recovery == RecoverMissing {
		return nil
	}
	s, err := m.freezing().State(ctx)
	if err != nil {
		return fmt.Errorf("look for freeze: %w", err)
	}
	if s.Found && s.Held.any() {
		return nil
	}
	r := m.freezeRequest()
	if m.set.Snapshot {
		r.Snapshot = snapshotName("test", r.At)
	}
	if err := m.Freezer.CanFreeze(ctx, r); err != nil {
		return fmt.Errorf("test write access: %w", err)
	}
	return nil
}

// freeze stops the users before the first proof of a live run is taken. A test
// migration never comes near it.
func (m *Migration) freeze(ctx context.Context) error {
	if m.Mode != ModeLive || m.set.Recovery == RecoverMissing {
		return nil
	}
	r := m.freezeRequest()
	wanted, err := m.wantsSnapshot(ctx)
	if err != nil {
		return err
	}
	if wanted {
		r.Snapshot = snapshotName(m.run.ID, r.At)
	}
	rec, err := m.freezing().Freeze(ctx, m.run.ID, r)
	if err != nil {
		return fmt.Errorf("freeze installation: %w", err)
	}
	m.Log.Infow("frozen", "run", m.run.ID, "service", rec.Config != nil, "event", rec.Event != nil, "snapshot", rec.Snapshot != nil)
	return m.openSnapshot(ctx, rec, wanted)
}

// thawAfter lets the users in again when a live run stops. One whose last word
// may have reached the target stays frozen: a receiver may act on it. So does
// the freeze of another run, which was uploaded.
func (m *Migration) thawAfter(ctx context.Context) error {
	if m.Mode != ModeLive || m.sealed || m.Freezer == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), thawTime)
	defer cancel()
	f := m.freezing()
	if rec, found, err := f.load(ctx); err == nil && (!found || rec.Run != m.run.ID) {
		return nil
	}
	notes, err := f.Thaw(ctx)
	for _, n := range notes {
		m.Log.Infow("thaw", "note", n.ID)
	}
	if errors.Is(err, ErrNotFrozen) {
		return nil
	}
	if err != nil {
		m.Log.Warnw("thaw after stop", "error", err)
		return Fail("thaw installation", "", err, Msg("hint.thaw.failed"))
	}
	return nil
}

// consistency is the class of the database for the report. Equal proofs alone
// make a live reading that was proved; frozen needs that nobody lifted the
// freeze in between. It is asked before the report says so.
func (m *Migration) consistency(ctx context.Context, info PackageInfo) (Consistency, error) {
	proved := info.Proved
	if info.Mixed > 0 {
		return Consistency{Class: "mixed"}, nil
	}
	if info.Snapshot != "" {
		return Consistency{Class: "snapshot", Proved: proved}, nil
	}
	if info.Aligned {
		return Consistency{Class: "aligned", Proved: proved}, nil
	}
	c := Consistency{Class: "live", Proved: proved}
	if m.Mode != ModeLive || !proved || m.Freezer == nil {
		return c, nil
	}
	held, err := m.freezing().held(ctx, m.run.ID)
	if err != nil {
		return c, fmt.Errorf("look at freeze: %w", err)
	}
	if held {
		c.Class = "frozen"
	}
	return c, nil
}
