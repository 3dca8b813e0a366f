package migration

// Counts are what this process did, apart from what earlier ones had done: a
// resumed run that sends something again shows it here.
type Counts struct {
	Sent    int64 `json:"sent"`    // objects put by this process
	Shared  int64 `json:"shared"`  // rows whose bytes another object of this run holds
	Skipped int64 `json:"skipped"` // objects that an earlier process had sent
	// Unchanged are objects of an earlier run that a recovery leaves as they are.
	Unchanged int64 `json:"unchanged"`
	Staged    int64 `json:"staged"` // package members staged by this process
	Reused    int64 `json:"reused"` // package members of an earlier process
}

// Result is how a run ended.
type Result struct {
	Run   string `json:"run"`
	Mode  Mode   `json:"mode"`
	Begin Begin  `json:"begin"`
	// Recovery is the kind of recovery that the run was, RecoverNone for none.
	Recovery RecoveryChoice `json:"recovery,omitempty"`
	Counts   Counts         `json:"counts"`
	// Seed counts what was sent ahead of the database; nil for a migration, which
	// has a report instead.
	Seed   Tallies `json:"seed,omitempty"`
	Report *Report `json:"-"`
}

// Begin is how a start continues what was there.
type Begin string

// What a start finds: nothing, an unfinished run, or an uploaded one.
const (
	BeginInitial  Begin = "initial"
	BeginResume   Begin = "resume"
	BeginRecovery Begin = "recovery"
)

// Logger is what the engine needs of a log; *zap.SugaredLogger is one. The
// engine does not import zap, because zap brings a web server with it. Values
// are names, counts and errors, never secrets.
type Logger interface {
	Infow(msg string, keysAndValues ...any)
	Warnw(msg string, keysAndValues ...any)
}
