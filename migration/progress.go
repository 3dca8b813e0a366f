package migration

import (
	"sync/atomic"
	"time"
)

// Phase is one row of the Upload page.
type Phase string

// The phases in the order of the page; they overlap in time.
const (
	PhaseStarting    Phase = "starting"
	PhaseDatabase    Phase = "database"
	PhaseTemplates   Phase = "templates"
	PhaseDocuments   Phase = "documents"
	PhaseService     Phase = "service"
	PhaseAttachments Phase = "attachments"
	PhaseFinishing   Phase = "finishing"
)

// Phases lists all phases in the order of the page.
func Phases() []Phase {
	return []Phase{PhaseStarting, PhaseDatabase, PhaseTemplates, PhaseDocuments, PhaseService, PhaseAttachments, PhaseFinishing}
}

// PhaseState is where a phase stands.
type PhaseState int32

// A phase waits, runs, and ends done or stopped.
const (
	PhaseWaiting PhaseState = iota
	PhaseRunning
	PhaseDone
	PhaseStopped // by an error or by the user; a resume goes on
)

// Progress is written by the engine without locks on the hot path and read by
// a ticker of window or command line 4 to 10 times a second.
type Progress struct {
	phases  map[Phase]*Meter
	now     func() time.Time
	started time.Time
	control *Control
}

// Meter counts one phase. Total counts only grow while Counting.
type Meter struct {
	state      atomic.Int32
	items      atomic.Int64
	totalItems atomic.Int64
	bytes      atomic.Int64
	totalBytes atomic.Int64
	skipped    atomic.Int64
	skippedB   atomic.Int64
	left       atomic.Int64
	counting   atomic.Bool
	current    atomic.Pointer[string]
}

// NewProgress starts the clock; now is the time source.
func NewProgress(now func() time.Time) *Progress {
	p := &Progress{phases: map[Phase]*Meter{}, now: now, started: now(), control: newControl(now)}
	for _, ph := range Phases() {
		p.phases[ph] = &Meter{}
	}
	return p
}

// Control steers the run that this is the progress of.
func (p *Progress) Control() *Control { return p.control }

// Of returns the meter of a phase.
func (p *Progress) Of(ph Phase) *Meter { return p.phases[ph] }

// Begin marks the phase as running; counting tells that totals still grow.
func (m *Meter) Begin(counting bool) {
	m.counting.Store(counting)
	m.state.Store(int32(PhaseRunning))
}

// Counted ends the counting of totals.
func (m *Meter) Counted() { m.counting.Store(false) }

// End sets the final state.
func (m *Meter) End(s PhaseState) {
	m.counting.Store(false)
	m.state.Store(int32(s))
}

// Expect adds to the totals.
func (m *Meter) Expect(items, bytes int64) {
	m.totalItems.Add(items)
	m.totalBytes.Add(bytes)
}

// Done adds finished work. Only what the journal has committed is counted.
func (m *Meter) Done(items, bytes int64) {
	m.items.Add(items)
	m.bytes.Add(bytes)
}

// Skip adds work that an earlier run had done already.
func (m *Meter) Skip(items, bytes int64) {
	m.skipped.Add(items)
	m.skippedB.Add(bytes)
	m.Done(items, bytes)
}

// Leave adds a row or file that is left out; the report says why.
func (m *Meter) Leave(items int64) {
	m.left.Add(items)
	m.items.Add(items)
}

// Current names what is being worked on.
func (m *Meter) Current(name string) { m.current.Store(&name) }

// PhaseProgress is a reading of one phase.
type PhaseProgress struct {
	Phase      Phase      `json:"phase"`
	State      PhaseState `json:"state"`
	Items      int64      `json:"items"`
	TotalItems int64      `json:"totalItems"`
	Bytes      int64      `json:"bytes"`
	TotalBytes int64      `json:"totalBytes"`
	Skipped    int64      `json:"skipped"` // of Items: sent by an earlier process
	Left       int64      `json:"left"`    // of Items: left out
	// SkippedBytes are those of Bytes that an earlier process sent: they tell
	// nothing about the speed of this one.
	SkippedBytes int64  `json:"skippedBytes"`
	Counting     bool   `json:"counting"`
	Current      string `json:"current,omitempty"`
}

// Snapshot is one reading of everything.
type Snapshot struct {
	Elapsed time.Duration   `json:"elapsed"`
	Phases  []PhaseProgress `json:"phases"`
	Status  Status          `json:"status"`
}

// Snapshot reads all meters; it is cheap and never blocks the engine.
func (p *Progress) Snapshot() Snapshot {
	s := Snapshot{Elapsed: p.now().Sub(p.started), Status: p.control.Status()}
	for _, ph := range Phases() {
		m := p.phases[ph]
		pp := PhaseProgress{
			Phase: ph, State: PhaseState(m.state.Load()),
			Items: m.items.Load(), TotalItems: m.totalItems.Load(),
			Bytes: m.bytes.Load(), TotalBytes: m.totalBytes.Load(),
			Skipped: m.skipped.Load(), SkippedBytes: m.skippedB.Load(), Left: m.left.Load(), Counting: m.counting.Load(),
		}
		if c := m.current.Load(); c != nil {
			pp.Current = *c
		}
		s.Phases = append(s.Phases, pp)
	}
	return s
}
