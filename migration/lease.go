package migration

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// The journal knows under which id this computer holds the lease of a target, so
// that a start after a kill need not wait until it has ended. An id opens nothing
// by itself: whoever uses it needs the ticket as well.
const (
	leaseOwner = "lease"
	noteLease  = "lease"
	// keptLeases bounds the ids of starts that were all killed before one of them
	// got the lease.
	keptLeases = 8
)

// leaseRecord is the note. Host keeps a journal that was copied to another
// computer from taking the lease away from the one that it was copied from.
type leaseRecord struct {
	Host   string   `json:"host"`
	Target string   `json:"target"`
	IDs    []string `json:"ids"` // the newest first
}

// lease takes the lease of the target, where it can under an id that the journal
// has before the target knows it.
func (m *Migration) lease(ctx context.Context) (Lease, error) {
	holder := m.Tool + " on " + m.Host
	r, ok := m.Target.(Reclaimer)
	if !ok {
		return m.Target.Lease(ctx, holder)
	}
	rec, err := m.leaseRecord(ctx)
	if err != nil {
		return nil, err
	}
	id, err := m.newLeaseID()
	if err != nil {
		return nil, err
	}
	earlier := rec.IDs
	rec.IDs = append([]string{id}, earlier[:min(len(earlier), keptLeases-1)]...)
	if err := m.keepLease(ctx, rec); err != nil {
		return nil, err
	}
	l, err := r.LeaseAs(ctx, holder, id, earlier)
	if err != nil {
		return nil, err
	}
	// The older ids are nobody's any more. If this is not written they do no harm.
	rec.IDs = rec.IDs[:1]
	if err := m.keepLease(ctx, rec); err != nil {
		m.Log.Warnw("record lease", "error", err)
	}
	return l, nil
}

// leaseRecord is that of the journal, without ids if it is of another computer or
// another target.
func (m *Migration) leaseRecord(ctx context.Context) (leaseRecord, error) {
	own := leaseRecord{Host: m.Host, Target: m.Target.Describe()}
	b, found, err := m.Journal.Note(ctx, leaseOwner, noteLease)
	if err != nil {
		return own, fmt.Errorf("read lease of journal: %w", err)
	}
	var rec leaseRecord
	// One that cannot be read only means waiting.
	if !found || json.Unmarshal(b, &rec) != nil || rec.Host != own.Host || rec.Target != own.Target {
		return own, nil
	}
	own.IDs = slices.DeleteFunc(rec.IDs, func(id string) bool { return id == "" })
	return own, nil
}

func (m *Migration) keepLease(ctx context.Context, rec leaseRecord) error {
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encode lease: %w", err)
	}
	if err := m.Journal.PutNote(ctx, leaseOwner, noteLease, b); err != nil {
		return fmt.Errorf("record lease: %w", err)
	}
	return nil
}

// newLeaseID is a random UUID, which is what the storage service takes.
func (m *Migration) newLeaseID() (string, error) {
	var b [16]byte
	if err := m.random(b[:]); err != nil {
		return "", fmt.Errorf("make lease id: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
