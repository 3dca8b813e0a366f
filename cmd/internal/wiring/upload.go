package wiring

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"omt/migration"
)

// Upload is what Run does. The zero value goes on with an unfinished run.
type Upload struct {
	Draft    *migration.Draft
	Checks   *migration.CheckReport
	Accepted bool // the warnings of Checks were acknowledged
	Recovery migration.RecoveryChoice
	Changed  []string // ids of changed files that a recovery sends as well
	// Confirmed are files for rows that are missing still, by MissingRow.ID.
	Confirmed map[string]string
	// Consents, see migration.Migration.
	Snapshot, KeepParts bool
}

// Run uploads, or goes on with what an earlier start left. Users and addresses
// are read again first; what that reopens is kept and returned as
// migration.ErrReopened. A first attempt that failed before anything was sent is
// repeated as it was.
func (s *Session) Run(ctx context.Context, u Upload, p *migration.Progress) (*migration.Result, error) {
	if s.Source == nil || s.Target == nil || s.Principal.UserName == "" {
		return nil, ErrNotConnected
	}
	if s.network != nil {
		s.network.Renew()
	}
	begin, _, err := migration.Detect(ctx, s.Journal)
	if err != nil && ctx.Err() == nil {
		// A run was stopped by a fault of the journal, for example a full disk.
		if err = s.reopenJournal(ctx); err == nil {
			begin, _, err = migration.Detect(ctx, s.Journal)
		}
	}
	if err != nil {
		return nil, err
	}
	if u.Draft == nil && u.Recovery == migration.RecoverNone && begin != migration.BeginResume {
		u = s.order
	}
	s.order = u
	res, err := s.send(ctx, u, p)
	if err == nil {
		s.order = Upload{}
	}
	return res, err
}

func (s *Session) send(ctx context.Context, u Upload, p *migration.Progress) (*migration.Result, error) {
	if err := s.Source.CheckPaths(ctx); err != nil {
		return nil, err
	}
	d, err := s.confirmed(ctx, u)
	if err != nil {
		return nil, err
	}
	if s.Checks = nil; u.Checks != nil {
		s.Acknowledge(u.Checks, u.Accepted)
	}
	var plan *migration.Plan
	mode := migration.ModeTest
	if d != nil {
		if err := s.Keep(ctx, d); err != nil {
			return nil, err
		}
		plan, mode = d.Plan, d.Plan.Mode
	}
	m := s.Migration(mode, plan, p)
	m.Recovery, m.Changed, m.Confirmed = u.Recovery, u.Changed, u.Confirmed
	m.Snapshot, m.KeepParts = u.Snapshot, u.KeepParts
	return m.Run(ctx)
}

// Preview lists what a recovery of missing files would send, and candidates for
// what is missing still.
func (s *Session) Preview(ctx context.Context) (*migration.RecoveryPreview, error) {
	if s.Source == nil || s.Target == nil {
		return nil, ErrNotConnected
	}
	if err := s.Source.CheckPaths(ctx); err != nil {
		return nil, err
	}
	return s.Migration(migration.ModeTest, nil, migration.NewProgress(time.Now)).FindMissing(ctx)
}

// confirmed is the draft that is sent, nil if the plan of the journal is. It is
// a copy: the page that gave it may still draw it.
func (s *Session) confirmed(ctx context.Context, u Upload) (*migration.Draft, error) {
	d := u.Draft
	if d != nil {
		d = d.Clone()
		if err := d.Ready(); err != nil {
			return nil, err
		}
	} else {
		var err error
		if d, err = s.resumed(ctx); d == nil || err != nil {
			return nil, err
		}
	}
	changes, err := s.Reread(ctx, d)
	if err != nil {
		return nil, err
	}
	open := d.Ready()
	if open == nil {
		return d, nil
	}
	if err := s.Keep(ctx, d); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, open
	}
	return nil, migration.ReopenedError(changes)
}

// resumed is the draft of an unfinished run: the kept one if the run was begun
// with its plan. Else nil, and the engine holds the plan of the journal against
// the users of today. A recovery of missing files sends no plan.
func (s *Session) resumed(ctx context.Context) (*migration.Draft, error) {
	begin, last, err := migration.Detect(ctx, s.Journal)
	if err != nil || begin != migration.BeginResume {
		return nil, err
	}
	if r, err := migration.RecoveryOf(last); err != nil || r == migration.RecoverMissing {
		return nil, err
	}
	p, err := migration.PlanOf(ctx, s.Journal, last.ID)
	if p == nil || err != nil {
		return nil, err
	}
	d, err := migration.KeptDraft(ctx, s.Journal, s.Ticket)
	if errors.Is(err, migration.ErrDraft) {
		return nil, nil // the run has its plan without it
	}
	if d == nil || err != nil {
		return nil, err
	}
	ours, err := d.Plan.Encode()
	if err != nil {
		return nil, err
	}
	theirs, err := p.Encode()
	if err != nil || !bytes.Equal(ours, theirs) {
		return nil, err
	}
	return d, nil
}

// Report is the certificate of an earlier run, if this computer has it.
func (s *Session) Report(run string) string {
	path := s.reportPath(run)
	if _, err := os.Stat(path); run == "" || err != nil {
		return ""
	}
	return path
}

func (s *Session) reportPath(run string) string {
	return filepath.Join(filepath.Dir(s.Journal.Path()), "report-"+run+".html")
}

// KeepReport writes the certificate beside the journal, because of a container
// nothing stays here. The one that counts is at the target: if the copy cannot
// be made the upload has not failed, so that is only logged.
func (s *Session) KeepReport(r *migration.Report, language string) string {
	path := s.reportPath(r.Run)
	page, err := r.HTML(language)
	if err == nil {
		err = writeFile(path, page)
	}
	if err != nil {
		s.Log.Warn("keep copy of report", zap.Error(err))
		return ""
	}
	return path
}
