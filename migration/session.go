package migration

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// State is where a migration stands at the target.
type State string

// The states of session.json. StateComplete is set by the receiving side.
const (
	StatePreparing  State = "preparing"
	StateUploading  State = "uploading"
	StateUploaded   State = "uploaded"
	StateRecovering State = "recovering"
	StateFailed     State = "failed"
	StateComplete   State = "complete"
	// Files are sent ahead of the database, and all of them have been.
	StateSeeding State = "seeding"
	StateSeeded  State = "seeded"
)

// SessionFormat names the format of session.json, see upload/FORMAT.md.
const SessionFormat = "omt-session/1"

// sessionPath is the object that a receiver watches: it acts only on the state
// uploaded, which is written after everything else.
const sessionPath = "session.json"

// Session is session.json.
type Session struct {
	Format      string `json:"format"`
	Tenant      string `json:"tenant"`
	Environment string `json:"environment"`
	Company     string `json:"company"`
	Serial      string `json:"serial"`
	Mode        Mode   `json:"mode"`
	State       State  `json:"state"`
	Reason      string `json:"reason,omitempty"` // id of the message of a failure
	Run         string `json:"run"`
	// Recovery and Base tell a recovery and the uploaded run that it goes on
	// from; empty for a migration of its own.
	Recovery RecoveryChoice `json:"recovery,omitempty"`
	Base     string         `json:"base,omitempty"`
	// Seed: the run sends files ahead of the database and nothing else.
	Seed    bool      `json:"seed,omitempty"`
	Tool    string    `json:"tool"`
	Host    string    `json:"host"`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
}

// putJSON writes v as an object of the target.
func putJSON(ctx context.Context, t Target, path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return putBytes(ctx, t, path, append(b, '\n'))
}

func putBytes(ctx context.Context, t Target, path string, b []byte) error {
	sum := Sum{Size: int64(len(b)), MD5: md5.Sum(b), SHA256: sha256.Sum256(b)}
	if err := t.Put(ctx, path, bytes.NewReader(b), sum); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// maxSession bounds what is read as session.json from a target that somebody
// else may have written.
const maxSession = 1 << 20

// readSession returns the session at the target, nil if there is none. Where
// the target may not be read it sets unseen: nobody can tell then whether there
// is one.
func (m *Migration) readSession(ctx context.Context) (*Session, error) {
	s, err := sessionAt(ctx, m.Target)
	if errors.Is(err, ErrForbidden) {
		m.unseen = true
		return nil, nil
	}
	return s, err
}

// sessionAt reads session.json of a target; nil if there is none, ErrForbidden
// where it may not be read.
func sessionAt(ctx context.Context, t Target) (*Session, error) {
	r, err := t.Open(ctx, sessionPath, 0, -1)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", sessionPath, err)
	}
	defer r.Close()
	var s Session
	if err := json.NewDecoder(io.LimitReader(r, maxSession)).Decode(&s); err != nil {
		return nil, Fail("read", sessionPath, err, Msg("hint.session.unreadable"))
	}
	return &s, nil
}

const ownerOfTarget = "target"

// checkOwner refuses a target that holds another customer's migration, and a
// database whose company or serial is not the ticket's.
func checkOwner(what string, company, serial, wantCompany, wantSerial string) error {
	if company == wantCompany && serial == wantSerial {
		return nil
	}
	hint := "hint.company.changed" // speaks of the database
	if what == ownerOfTarget {
		hint = "hint.target.customer"
	}
	return Fail("check owner of", what, ErrCompanyChanged,
		Msg(hint, "Company", company, "Serial", serial, "TicketCompany", wantCompany, "TicketSerial", wantSerial))
}
