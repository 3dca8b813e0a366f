package migration

import (
	"context"
	"fmt"

	"omt/migration/journal"
)

// Preview tells what a recovery of missing files would do. It compares names,
// sizes and times and reads no file; it sends nothing and changes nothing at the
// target. On a computer without a journal of the uploaded run it rebuilds that
// from the manifest first. It fails with ErrRecoveryNotAllowed where there is
// nothing to recover. Ticket, Source, Target, Journal, Now and Log must be set.
func (m *Migration) Preview(ctx context.Context) (*RecoveryPreview, error) {
	return m.preview(ctx, nil)
}

// preview takes what is missing still into s, unless that is nil.
func (m *Migration) preview(ctx context.Context, s *search) (*RecoveryPreview, error) {
	if _, err := Guard(ctx, m.Source, m.Ticket); err != nil {
		return nil, err
	}
	if err := m.find(ctx); err != nil {
		return nil, err
	}
	p, err := m.previewOf(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range ItemKinds() {
		err := m.Source.Items(ctx, k, func(it Item) error { return m.previewItem(ctx, p, it, s) })
		if err != nil {
			return nil, fmt.Errorf("list %ss: %w", k, err)
		}
	}
	return p, nil
}

// previewOf finds the uploaded run and counts what it missed.
func (m *Migration) previewOf(ctx context.Context) (*RecoveryPreview, error) {
	run := m.last
	switch m.begin {
	case BeginInitial:
		m.Recovery = RecoverMissing
		return nil, m.lookLeft()
	case BeginResume:
		set, err := settingsOf(run)
		if err != nil {
			return nil, err
		}
		if set.Recovery != RecoverMissing {
			return nil, Fail("recover", run.ID, ErrRecoveryNotAllowed, Msg("hint.recovery.unfinished", "Host", run.Host))
		}
		if run, err = m.runOf(ctx, set.Base); err != nil {
			return nil, err
		}
	}
	p := &RecoveryPreview{Run: run.ID, Ended: run.Ended, Found: []RecoveryItem{}, Changed: []RecoveryItem{}}
	totals, err := m.Journal.Totals(ctx)
	if err != nil {
		return nil, fmt.Errorf("count objects of journal: %w", err)
	}
	for _, outcomes := range totals {
		for o, t := range outcomes {
			if lost(Outcome(o)) {
				p.Missing += t.Count
			}
		}
	}
	return p, nil
}

func (m *Migration) runOf(ctx context.Context, id string) (journal.Run, error) {
	runs, err := m.Journal.Runs(ctx)
	if err != nil {
		return journal.Run{}, fmt.Errorf("read runs of journal: %w", err)
	}
	for _, r := range runs {
		if r.ID == id {
			return r, nil
		}
	}
	return journal.Run{ID: id}, nil
}

func (m *Migration) previewItem(ctx context.Context, p *RecoveryPreview, it Item, s *search) error {
	k, found, err := m.Journal.Find(ctx, string(it.Kind), it.Key)
	if err != nil {
		return fmt.Errorf("look up item: %w", err)
	}
	v, err := m.judge(ctx, k, found, &it)
	if err != nil {
		return fmt.Errorf("compare %s %s: %w", it.Kind, it.Key, err)
	}
	if v == isFound {
		if err := m.stat(ctx, &it); err != nil {
			return fmt.Errorf("compare %s %s: %w", it.Kind, it.Key, err)
		}
	}
	item := RecoveryItem{
		ID: itemID(k.Kind, k.Key), Kind: it.Kind, Target: k.Target, Source: it.Source, Size: it.Size, Modified: it.Modified,
	}
	if s != nil {
		s.note(v, item.ID, k.Target, Outcome(k.Outcome), k.Size, it)
	}
	switch v {
	case isNewer:
		p.Newer++
	case isFound:
		if item.Target == "" {
			item.Target = TargetPath(it.Elements...)
		}
		p.FoundBytes += it.Size
		if p.FoundTotal++; len(p.Found) < maxListed {
			p.Found = append(p.Found, item)
		}
	case isChanged:
		item.Sent, item.SentSize = k.ModTime, k.Size
		if p.ChangedTotal++; len(p.Changed) < maxListed {
			p.Changed = append(p.Changed, item)
		}
	}
	return nil
}
