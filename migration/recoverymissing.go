package migration

import (
	"context"
	"strings"
)

// recoverMissing sends what the uploaded run did not find. The database at the
// target stays as it is, and so does the plan.
func (m *Migration) recoverMissing(ctx context.Context) (*Result, error) {
	m.Progress.Of(PhaseDatabase).End(PhaseDone)
	fs := newFiles(m)
	if err := fs.run(ctx); err != nil {
		return nil, err
	}
	return m.conclude(func() (*Report, error) { return m.finishMissing(ctx, fs) })
}

// finishMissing writes a manifest and a report of their own, which repeat what
// the uploaded run said of the database.
func (m *Migration) finishMissing(ctx context.Context, fs *files) (*Report, error) {
	db := &database{m: m, info: m.base.info}
	rep, was := m.newReport(db, fs), m.base.report
	rep.Database, rep.Consistency, rep.Users, rep.Source = was.Database, was.Consistency, was.Users, was.Source
	rep.Warnings = append(repeated(was.Warnings), m.unseenWarning()...)
	for _, id := range m.set.Changed {
		if !fs.lost.met[id] {
			rep.Warnings = append(rep.Warnings, Msg("warn.recovery.unknown", "ID", id))
		}
	}
	if err := m.writeManifest(ctx, db, rep, m.base.plan); err != nil {
		return nil, err
	}
	fs.lost.tell(rep)
	var err error
	if rep.Orphans, err = m.stillOrphans(ctx, was.Orphans); err != nil {
		return nil, err
	}
	if err := m.writeReport(ctx, rep); err != nil {
		return nil, err
	}
	return rep, m.announce(ctx, StateUploaded)
}

// repeated are the warnings of the uploaded run that a recovery cannot find out
// anew: all but those of single files and of this run's own rights.
func repeated(ms []Message) []Message {
	out := []Message{}
	for _, m := range ms {
		if strings.HasPrefix(m.ID, "warn.") && m.ID != warnUnseen && !strings.HasPrefix(m.ID, "warn.recovery.") {
			out = append(out, m)
		}
	}
	return out
}
