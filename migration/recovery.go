package migration

import "time"

// RecoveryChoice is the way on after an uploaded run.
type RecoveryChoice string

// The choices of the Recovery page.
const (
	// RecoverNone: no recovery; a run begins or goes on.
	RecoverNone RecoveryChoice = ""
	// RecoverMissing sends files that were missing, and changed ones that were
	// ticked. The database at the target stays as it is.
	RecoverMissing RecoveryChoice = "missing"
	// RecoverOverwrite replaces a test migration: database and new or changed
	// documents are sent, unchanged documents stay.
	RecoverOverwrite RecoveryChoice = "overwrite"
)

// RecoveryPreview is what a recovery of missing files would do, found by
// looking into the archive of today.
type RecoveryPreview struct {
	Run     string    // id of the uploaded run
	Ended   time.Time // when it was uploaded
	Missing int64     // rows of that run whose file was missing or unreadable
	// Found are those whose file is there now; they are sent.
	Found      []RecoveryItem
	FoundBytes int64
	FoundTotal int64 // Found lists at most 1000 of them
	// Changed are files that were sent and differ today in size or time. They
	// are sent only if their id is named: online they may have been edited.
	Changed      []RecoveryItem
	ChangedTotal int64 // Changed lists at most 1000 of them
	// Newer are rows that came after the migration; they are never sent.
	Newer int64
}

// RecoveryItem is one file of a preview.
type RecoveryItem struct {
	ID       string // kind and key, as Upload takes it
	Kind     ItemKind
	Target   string
	Source   string
	Size     int64
	Modified time.Time // of the file today
	Sent     time.Time // modification time of the file that was sent; zero if none was
	SentSize int64
}
