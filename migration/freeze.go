package migration

import (
	"context"
	"errors"
	"time"
)

// ErrNotFrozen: nothing of the installation is frozen by this program.
var ErrNotFrozen = errors.New("the installation is not frozen by this program")

// Freezer stops the users of an installation while it is copied, and lets them
// in again. It is the only part of the program that changes the installation:
// the word frozen on its own line of the Service configuration, and one row of
// systemevent with the counter of its table in sequence; with consent also a
// database snapshot beside the database (Snapshotter). Nothing of it blocks the
// users of the web client.
//
// A Freezer keeps no memory: everything that it must know to undo a change is
// in the FreezeRecord, which the caller makes durable before the change.
type Freezer interface {
	// CanFreeze tests that everything Freeze does may be done, without leaving a
	// trace: the configuration is opened for writing and closed again, the
	// transaction is rolled back. It may be repeated. ErrForbidden if a right is
	// lacking, with a hint.
	CanFreeze(ctx context.Context, r FreezeRequest) error
	// Prepare reads what Freeze will change and changes nothing. It may be
	// repeated; each answer replaces the one before.
	Prepare(ctx context.Context, r FreezeRequest) (FreezeRecord, error)
	// Freeze makes the changes of the record that are not made yet, so it may be
	// called again after an error or a kill. ErrChanged: what the record says is
	// no longer free or no longer so; the caller thaws and prepares again.
	Freeze(ctx context.Context, rec FreezeRecord, r FreezeRequest) error
	// Thaw undoes the changes of the record that were made, wherever Freeze or
	// an earlier Thaw was interrupted. Called again it finds nothing to do. What
	// other people changed meanwhile stays; the messages say so.
	Thaw(ctx context.Context, rec FreezeRecord) ([]Message, error)
	// Held tells which changes of the record are in force now. It only reads.
	Held(ctx context.Context, rec FreezeRecord) (FreezeHeld, error)
}

// FreezeRequest is what a freeze needs beside the installation.
type FreezeRequest struct {
	// EventKey is the key of the no-login system event, from the ticket. Empty:
	// no row is written and the users of the Windows client are not stopped.
	EventKey string
	// EventText is shown to people who are kept out, at most 254 characters.
	EventText string
	// Associate is who freezes, for the columns that say so.
	Associate int64
	// At is the time of the freeze.
	At time.Time
	// Snapshot is the name of a database snapshot that is made when the users
	// are stopped; empty for none. Only a Snapshotter is asked for one.
	Snapshot string
}

// FreezeStage is how far a freeze has come. A change is made only after the
// stage that announces it is durable.
type FreezeStage string

// The stages in their order. Freezing and thawing mean: perhaps.
const (
	FreezeBegun  FreezeStage = "freezing"
	FreezeFrozen FreezeStage = "frozen"
	FreezeThaws  FreezeStage = "thawing"
	FreezeThawed FreezeStage = "thawed"
)

// FreezeRecord says what is changed and how it was before. It holds no byte of
// the configuration, which has passwords, and not the key of the event.
type FreezeRecord struct {
	Run    string        `json:"run"`
	Stage  FreezeStage   `json:"stage"`
	At     time.Time     `json:"at"`
	Config *FrozenConfig `json:"config,omitempty"` // nil without Customer Service
	Event  *FrozenEvent  `json:"event,omitempty"`  // nil without a key in the ticket
	// Snapshot is made with the freeze, and dropped with it or before.
	Snapshot *FrozenSnapshot `json:"snapshot,omitempty"`
	// Interrupted: this run was thawed in between, so that people may have
	// worked while its parts were read.
	Interrupted bool `json:"interrupted,omitempty"`
	// Held is what Held said when the freeze was complete.
	Held FreezeHeld `json:"held"`
}

// FrozenConfig is the change of the Service configuration: Added is written at
// the end of the file. Before and Added together undo it to the byte.
type FrozenConfig struct {
	Path   string `json:"path"`
	Before int64  `json:"before"` // size in bytes
	Sum    uint32 `json:"sum"`    // CRC-32 (IEEE) of the bytes before
	Added  []byte `json:"added"`
	// Already: somebody else had frozen it; it is neither changed nor thawed.
	Already bool `json:"already,omitempty"`
}

// FrozenEvent is the row of systemevent.
type FrozenEvent struct {
	ID      int64    `json:"id"`
	KeySum  [32]byte `json:"keySum"`            // SHA-256 of the key
	Already bool     `json:"already,omitempty"` // such an event was there; it stays
}

// FrozenSnapshot is a database snapshot: its name, and the file on the server
// for each data file of the database.
type FrozenSnapshot struct {
	Name  string         `json:"name"`
	Files []SnapshotFile `json:"files"`
}

// SnapshotFile is where the server keeps what changes in one data file.
type SnapshotFile struct {
	Name string `json:"name"` // logical name of the data file
	Path string `json:"path"`
}

// Snapshotter is a Freezer that also makes database snapshots, which is a write
// on the server that only a person may allow.
type Snapshotter interface {
	Freezer
	// OpenSnapshot opens the snapshot of a record that Freeze has completed, for
	// reading. It tells the name of the database itself as that of its catalogue.
	OpenSnapshot(ctx context.Context, rec FreezeRecord) (SnapshotRows, error)
	// DropSnapshot drops the snapshot of the record. Called again it finds
	// nothing to do. Whoever still reads from it gets an error.
	DropSnapshot(ctx context.Context, rec FreezeRecord) error
}

// SnapshotRows reads the tables of a snapshot. Its Proof has the name.
type SnapshotRows interface {
	RowSource
	Close() error
}

// FreezeHeld is what is in force. Mark is equal as long as nobody touched the
// frozen configuration.
type FreezeHeld struct {
	Config bool   `json:"config"`
	Event  bool   `json:"event"`
	Mark   string `json:"mark"`
	// Snapshot: the server has it.
	Snapshot bool `json:"snapshot,omitempty"`
}

// any tells whether something is in force.
func (h FreezeHeld) any() bool { return h.Config || h.Event || h.Snapshot }

// Stops tells people what a live migration with this ticket stops and what it
// does not, for Confirm and the upload page.
func Stops(t *Ticket) []Message {
	event := Msg("freeze.windows.stopped")
	if t.Freeze.EventKey == "" {
		event = Msg("freeze.windows.byhand")
	}
	return []Message{Msg("freeze.service"), event, Msg("freeze.web")}
}
