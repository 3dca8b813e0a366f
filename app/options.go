package app

import (
	"context"
	"time"

	"omt/migration"
)

// Job is the migration that the window starts and watches. cmd builds it.
type Job interface {
	// Start runs to the end and blocks until then. It stops at a safe point
	// when ctx is cancelled. Started again, it goes on where it stopped.
	Start(ctx context.Context) error
	// Progress is what the ticker reads; nil before there is any. It is called
	// while Start runs and must not block.
	Progress() *migration.Progress
	// Summary says what became of it. It is asked once Start has returned nil.
	Summary() []migration.Message
}

// Appearance chooses between light and dark.
type Appearance string

// The appearances. The zero value is AppearanceSystem.
const (
	AppearanceSystem Appearance = ""
	AppearanceLight  Appearance = "light"
	AppearanceDark   Appearance = "dark"
)

// Options is all that the window needs to know. The zero value shows that there
// is no ticket.
type Options struct {
	Ticket *migration.Ticket // nil if there is none or it could not be read
	// Problem is why nothing can be started: the ticket is missing, refused or
	// expired, or the installation is not the one it was issued for.
	Problem  error
	Identity migration.Identity // of the installation; zero if not found
	Mode     migration.Mode     // of this run; empty takes the ticket's only one
	Target   string             // as Target.Describe says it, without secrets
	Banner   bool               // the sample installation is shown
	Job      Job                // nil closes the Start button
	Guide    Guide              // what the pages ask
	Now      func() time.Time   // nil is time.Now

	AutoStart  bool        // Run starts as soon as the window stands
	OnState    func(State) // called on the window's goroutine at every change
	Appearance Appearance
	Version    string // of the program, for the window system
}

// State is where the window stands.
type State string

// The states. Ready is the first one if nothing speaks against a start.
const (
	StateNoTicket State = "no ticket"
	StateBlocked  State = "blocked" // see Options.Problem
	StateReady    State = "ready"
	StateRunning  State = "running"
	StateStopping State = "stopping" // until the job has reached a safe point
	StateStopped  State = "stopped"  // by the migrator; can be started again
	StateFailed   State = "failed"   // by an error; can be started again
	StateFinished State = "finished"
)

// active tells whether a job is running behind the window.
func (s State) active() bool { return s == StateRunning || s == StateStopping }

// withDefaults fills what may be left out.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Mode == "" && o.Ticket != nil && len(o.Ticket.Modes) == 1 {
		o.Mode = o.Ticket.Modes[0]
	}
	return o
}
