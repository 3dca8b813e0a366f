package migration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"omt/migration/journal"
)

// Migration is one run: everything it needs is a field, nothing is global.
// Run may be called once.
type Migration struct {
	Ticket   *Ticket
	Source   Source
	Target   Target
	Packager Packager
	// Freezer stops the users during a live migration; a test migration never
	// calls it and needs none. FailPoint is called at its steps, nil outside of
	// tests.
	Freezer   Freezer
	FailPoint func(step string) error
	Journal   *journal.Journal
	Mode      Mode
	Plan      *Plan // nil on a resume: the plan of the journal is used
	Principal Principal
	// Checks are the checks with their acknowledgement; a new run does not start
	// without them. A resume uses those of the journal.
	Checks *CheckRecord
	// Recovery is how to go on after an uploaded run; an unfinished recovery is
	// continued whatever it says, unless it names the other way.
	Recovery RecoveryChoice
	// Changed are the ids of changed files (RecoveryItem.ID) that a recovery of
	// missing files sends as well.
	Changed []string
	// Seed sends the files ahead of the database and nothing else; it needs
	// neither plan nor checks, and a Mode only where the ticket has both.
	Seed bool
	// Snapshot is a person's consent to read the tables of a live run from a
	// database snapshot, which is made on the server and dropped when they are
	// read. A resume goes on as the run was begun.
	Snapshot bool
	// Align says whether readers that begin together read one moment of the
	// database.
	Align AlignChoice
	// KeepParts is a person's consent to keep, when a run is resumed, what was
	// read of tables that may have changed since: rows of different moments then
	// stand side by side, and the report says so.
	KeepParts bool
	// Confirmed are files of the archive (Candidate.Source) that a person has
	// chosen for missing rows, by MissingRow.ID. A recovery of missing files sends
	// each under the row's own target path.
	Confirmed map[string]string
	Tool      string // name and version
	Host      string
	Now       func() time.Time
	Random    io.Reader // for ids
	// Wait sleeps between attempts and returns early with the context's error.
	Wait     func(ctx context.Context, d time.Duration) error
	Progress *Progress
	Log      Logger
	Limits   Limits

	run      journal.Run
	begin    Begin
	last     journal.Run // of the journal, when this run continues it
	set      runSettings // of this run
	there    *Session    // session.json as it was before the lease was taken
	left     *Session    // of an unfinished run of another computer
	base     *recoveryBase
	recorded bool // the journal has the run, in whole
	sealed   bool // the state uploaded was sent: it is never taken back
	unseen   bool // the target may not be read, earlier runs cannot be seen
	abort    context.CancelCauseFunc
	identity Identity
	catalog  *Catalog

	snapshot    SnapshotRows // the tables are read from it; nil: from Source
	grown       atomic.Int64 // bytes of the snapshot on the server's disks, at most
	short       atomic.Bool  // its volume is short of room, which was said
	aligned     AlignedRows  // the tables are read by it; nil: by Source
	leftColumns []LeftColumn // what the plan leaves out of the catalogue
	users       int          // people who can become users online
	counts      counters
	tries       budget
	memory      *buffers
	failures    atomic.Int64 // calls of the target that failed and were tried again
}

// Limits bound what a run takes of the customer's server.
type Limits struct {
	Readers  int   // connections that read tables, 1 to 16; fewer where parts are large, see memoryForParts
	Senders  int   // files sent at once at most, 1 to 64
	PartSize int64 // raw bytes of a database part, 0: by the size of the database
}

// DefaultLimits suit a live CRM server: two readers keep two cores busy, and the
// run itself finds out how many files at once fill the line.
func DefaultLimits() Limits { return Limits{Readers: 2, Senders: mostSenders} }

// within keeps the limits in their ranges: more would take the memory and the
// connections of the server that people work on.
func (l Limits) within() Limits {
	l.Readers = min(max(l.Readers, 1), 16)
	l.Senders = min(max(l.Senders, 1), mostSenders)
	return l
}

// fresh refuses to send after the last day of the ticket. Nothing is marked as
// failed by that: a new ticket continues.
func (m *Migration) fresh() error {
	if end := m.Ticket.Expires; !end.IsZero() && !m.Now().Before(end) {
		return Fail("send with ticket", m.Ticket.ID, ErrExpired, Msg("hint.ticket.expired", "Until", end.UTC().Format("2006-01-02 15:04 UTC")))
	}
	return nil
}

// Decisions about where a run may start.
var (
	// ErrUploaded: a finished migration is there already.
	ErrUploaded = errors.New("this migration has been uploaded already")
	// ErrNothingToResume: there is no unfinished run.
	ErrNothingToResume = errors.New("there is no unfinished run")
	// ErrOtherTarget: the journal belongs to a run at another target.
	ErrOtherTarget = errors.New("the earlier run was sent to another target")
	// ErrModeNotAllowed: the ticket or this version does not offer the mode.
	ErrModeNotAllowed = errors.New("this mode is not available")
)

// Run migrates, or continues what an earlier run left. It returns when
// everything is at the target, or with the first error that a repeat cannot
// cure; the journal then holds all that was acknowledged and the next start
// goes on from there. A cancelled context stops it at a safe point.
func (m *Migration) Run(ctx context.Context) (*Result, error) {
	res, err := m.locked(ctx)
	return res, m.ofJournal(err)
}

// ofJournal gives a fault of the journal in the middle of a run its words: the
// journal itself knows only its file.
func (m *Migration) ofJournal(err error) error {
	var damaged *journal.DamagedError
	switch {
	case err == nil || !HintOf(err).IsZero():
		return err
	case errors.Is(err, journal.ErrNoSpace):
		return Fail("write journal", m.Journal.Path(), errors.Join(ErrNoSpace, err), Msg("hint.journal.full", "Path", filepath.Dir(m.Journal.Path())))
	case errors.As(err, &damaged):
		return Fail("read journal", m.Journal.Path(), err, Msg("hint.journal.damaged", "Record", damaged.Record))
	}
	return err
}

// locked runs under the lease of the target.
func (m *Migration) locked(ctx context.Context) (*Result, error) {
	m.Limits = m.Limits.within()
	m.memory = newBuffers()
	m.Progress.Control().listen(m.Target)
	start := m.Progress.Of(PhaseStarting)
	start.Begin(false)
	if err := m.look(ctx); err != nil {
		start.End(PhaseStopped)
		return nil, err
	}
	lease, err := m.lease(ctx)
	if err != nil {
		start.End(PhaseStopped)
		return nil, fmt.Errorf("take lease: %w", err)
	}
	res, err := m.underLease(ctx, lease)
	if rerr := lease.Release(); rerr != nil {
		// The outcome stands in the journal; a lease that cannot be given back
		// ends by itself.
		m.Log.Warnw("release lease", "error", rerr)
	}
	return res, err
}

// underLease works until done, cancelled, until the lease is lost or the journal
// turns out to be damaged.
func (m *Migration) underLease(ctx context.Context, lease Lease) (*Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	m.abort = cancel
	watch := make(chan struct{})
	go func() {
		defer close(watch)
		select {
		case <-lease.Lost():
			cancel(m.lossOf(lease))
		case <-ctx.Done():
		}
	}()
	audit := make(chan struct{})
	go func() {
		defer close(audit)
		if err := m.Journal.Damage(ctx); err != nil && ctx.Err() == nil {
			cancel(err)
		}
	}()
	ended := make(chan struct{})
	abandoned := m.abandon(ctx, ended)
	res, err := m.work(ctx)
	close(ended)
	if <-abandoned && err != nil {
		err = context.Cause(ctx) // what the readers say is only what comes of it
	}
	if err != nil {
		// A worker that was cancelled reports the cancellation; people need
		// the reason for it.
		if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) && !errors.Is(cause, context.Canceled) {
			err = cause
		}
		m.stopped(ctx, err, lease)
		// The cause first: its hint is what people need to know.
		if terr := m.thawAfter(ctx); terr != nil {
			err = errors.Join(err, terr)
		}
	}
	cancel(nil)
	<-watch
	<-audit
	return res, err
}

// lossOf is why a lease was lost, in the words of the target where it knows.
func (m *Migration) lossOf(l Lease) error {
	if e, ok := l.(Explainer); ok {
		return e.Cause()
	}
	return Fail("hold lease on", m.Target.Describe(), ErrLeaseLost, Msg("hint.lease.lost"))
}

func (m *Migration) work(ctx context.Context) (*Result, error) {
	start := m.Progress.Of(PhaseStarting)
	if err := m.enter(ctx); err != nil {
		start.End(PhaseStopped)
		return nil, err
	}
	state := StateUploading
	if m.set.Recovery == RecoverMissing {
		state = StateRecovering
	}
	m.Log.Infow("run begins", "run", m.run.ID, "begin", m.begin, "mode", m.Mode, "recovery", m.set.Recovery, "target", m.Target.Describe())
	if m.set.Seed {
		state = StateSeeding
	}
	if err := m.announce(ctx, state); err != nil {
		start.End(PhaseStopped)
		return nil, err
	}
	if m.set.Seed {
		start.End(PhaseDone)
		return m.seedFiles(ctx)
	}
	defer m.closeSnapshot()
	if err := m.freeze(ctx); err != nil {
		start.End(PhaseStopped)
		return nil, err
	}
	start.End(PhaseDone)
	if m.set.Recovery == RecoverMissing {
		return m.recoverMissing(ctx)
	}
	db := newDatabase(m)
	files := newFiles(m)
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := m.watched(gctx, db.run); err != nil {
			return err
		}
		return m.endSnapshot(gctx)
	})
	g.Go(func() error { return files.run(gctx) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	// A row that was saved while the tables were read is in the package; without
	// this it would stand in no line of the manifest.
	// The moment of aligned readers may have begun after its file was looked for.
	if !db.info.Proved || db.info.Aligned {
		if err := files.again(ctx); err != nil {
			return nil, err
		}
	}
	return m.conclude(func() (*Report, error) {
		if err := m.stillThere(ctx, db.info, files); err != nil {
			return nil, err
		}
		return m.finish(ctx, db, files)
	})
}

// conclude finishes the run and tells how it ended.
func (m *Migration) conclude(finish func() (*Report, error)) (*Result, error) {
	fin := m.Progress.Of(PhaseFinishing)
	fin.Begin(false)
	rep, err := finish()
	if err != nil {
		fin.End(PhaseStopped)
		return nil, err
	}
	fin.End(PhaseDone)
	m.Log.Infow("run is uploaded", "run", m.run.ID, "tables", rep.Database.Tables, "rows", rep.Database.Rows, "kinds", rep.Kinds, "manifest", rep.Manifest.Path)
	return &Result{
		Run: m.run.ID, Mode: m.Mode, Begin: m.begin, Recovery: m.set.Recovery, Counts: m.counts.read(),
		Report: rep,
	}, nil
}

// announce writes the state to the target and then to the journal: a journal
// that says uploading is proof that the target knows of the run.
func (m *Migration) announce(ctx context.Context, s State) error {
	if err := m.fresh(); err != nil {
		return err
	}
	if s == StateUploaded || s == StateSeeded {
		// What was not sent rests on records of the journal. A record that is gone, or
		// that is one of an earlier moment, shows only when all of them were read.
		if err := m.Journal.Whole(ctx); err != nil {
			return err
		}
	}
	// Even if the reply is lost a receiver may act on uploaded from here on.
	m.sealed = s == StateUploaded
	if err := putJSON(ctx, m.steady(), sessionPath, m.session(s, "")); err != nil {
		return err
	}
	m.run.State, m.run.Reason = string(s), ""
	if s == StateUploaded || s == StateSeeded {
		m.run.Ended = m.Now().UTC()
	}
	return m.Journal.PutRun(ctx, m.run)
}

func (m *Migration) session(s State, reason string) Session {
	return Session{
		Format: SessionFormat, Tenant: m.Ticket.Tenant, Environment: m.Ticket.Environment,
		Company: m.identity.Company, Serial: m.identity.Serial, Mode: m.Mode, State: s, Reason: reason,
		Run: m.run.ID, Recovery: m.set.Recovery, Base: m.sessionBase(), Seed: m.set.Seed, Tool: m.Tool, Host: m.Host, Started: m.run.Started, Updated: m.Now().UTC(),
	}
}

// stopTime bounds the farewell of a run that stops.
const stopTime = 1500 * time.Millisecond

// stopped says at the target and in the journal why the run stopped. Both are
// best effort: the run can be resumed without them, and the error that people
// see is the one that stopped it.
func (m *Migration) stopped(ctx context.Context, cause error, lease Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	m.Log.Warnw("run stopped", "run", m.run.ID, "error", cause)
	if !m.recorded || m.sealed {
		return
	}
	reason := HintOf(cause).ID
	if errors.Is(cause, context.Canceled) {
		reason = "stopped.cancelled"
	}
	m.run.Reason = reason
	if err := m.Journal.PutRun(ctx, m.run); err != nil {
		m.Log.Warnw("record stop in journal", "error", err)
	}
	if errors.Is(cause, ErrLeaseLost) || errors.Is(cause, ErrExpired) || reason == "stopped.cancelled" {
		return
	}
	select {
	case <-lease.Lost():
		return // another fault came first, but the target is somebody else's now
	default:
	}
	// Before it was announced the target still speaks of the uploaded run.
	if State(m.run.State) == StatePreparing && (m.set.Base != "" || m.set.Seeded != "") {
		return
	}
	if reason == "" {
		reason = "stopped.error"
	}
	if err := putJSON(ctx, m.Target, sessionPath, m.session(StateFailed, reason)); err != nil {
		m.Log.Warnw("record stop at target", "error", err)
	}
}
