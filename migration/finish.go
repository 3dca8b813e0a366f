package migration

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"omt/migration/journal"
)

// finish writes what stands after the data: plan, manifest, report and, last,
// the state on which a receiver acts.
func (m *Migration) finish(ctx context.Context, db *database, fs *files) (*Report, error) {
	b, err := m.Plan.Encode()
	if err != nil {
		return nil, err
	}
	if err := putBytes(ctx, m.steady(), planPath, b); err != nil {
		return nil, err
	}
	rep := m.newReport(db, fs)
	if rep.Consistency, err = m.consistency(ctx, db.info); err != nil {
		return nil, err
	}
	if err := m.writeManifest(ctx, db, rep, b); err != nil {
		return nil, err
	}
	if err := m.writeReport(ctx, rep); err != nil {
		return nil, err
	}
	return rep, m.announce(ctx, StateUploaded)
}

const planPath = "plan.json"

// writeManifest writes a line for the package, each of its parts, the plan and
// every item and row of the journal.
func (m *Migration) writeManifest(ctx context.Context, db *database, rep *Report, plan []byte) error {
	w := newManifestWriter(m.steady(), m.run.ID)
	if err := m.manifestDatabase(ctx, w, db); err != nil {
		return err
	}
	err := w.write(ctx, ManifestLine{
		Kind: "plan", Key: planPath, Target: planPath, Size: int64(len(plan)), SHA256: sha256Hex(plan), State: m.databaseState(),
	})
	if err != nil {
		return err
	}
	shared, err := m.sharedRows(ctx)
	if err != nil {
		return err
	}
	for _, k := range ItemKinds() {
		err := m.Journal.Objects(ctx, string(k), func(o journal.Object) error {
			if o.Outcome == "" {
				return Fail("write manifest", o.Kind+" "+o.Key, errNoOutcome, Msg("hint.report"))
			}
			if o.SharedKey != "" {
				return nil
			}
			l, err := m.objectLine(o, shared[[2]string{o.Kind, o.Key}])
			if err != nil {
				return err
			}
			rep.note(l)
			rep.clash(o)
			return w.write(ctx, l)
		})
		if err != nil {
			return fmt.Errorf("list %ss of journal: %w", k, err)
		}
	}
	path, digest, err := w.finish(ctx)
	if err != nil {
		return err
	}
	rep.Kinds = w.index.Counts
	rep.Manifest = ManifestRef{Path: path, SHA256: digest}
	return nil
}

func (m *Migration) manifestDatabase(ctx context.Context, w *manifestWriter, db *database) error {
	err := w.write(ctx, ManifestLine{
		Kind: "package", Key: db.info.Path, Target: db.info.Path, Size: db.info.Size, SHA256: db.info.SHA256,
		RowCount: &db.info.Rows, State: m.databaseState(),
	})
	if err == nil {
		err = m.manifestScripts(ctx, w, db.info)
	}
	if err != nil {
		return err
	}
	return m.Journal.Members(ctx, m.packageRun(), func(jm journal.Member) error {
		if jm.Table == "" || isDataBlock(jm) {
			return nil
		}
		digest := ""
		if jm.Digest != ([32]byte{}) {
			digest = hex.EncodeToString(jm.Digest[:])
		}
		return w.write(ctx, ManifestLine{
			Kind: "part", Key: jm.Name, Target: db.info.Path, Size: jm.RawSize, SHA256: hex.EncodeToString(jm.SHA256[:]),
			Table: jm.Table, RowCount: &jm.Rows, CRC32: fmt.Sprintf("%08x", jm.CRC32), Digest: digest, State: m.databaseState(),
		})
	})
}

// sharedRows collects the rows whose bytes another object holds. They are rare
// (two rows with one path), so they fit in memory.
func (m *Migration) sharedRows(ctx context.Context) (map[[2]string][]int64, error) {
	out := map[[2]string][]int64{}
	err := m.Journal.Objects(ctx, "", func(o journal.Object) error {
		if o.SharedKey != "" && o.Row != 0 {
			k := [2]string{o.SharedKind, o.SharedKey}
			out[k] = append(out[k], o.Row)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list shared objects of journal: %w", err)
	}
	return out, nil
}

// errNoOutcome: settle has left something out, which is a fault of the program.
var errNoOutcome = errors.New("has no outcome")

func (m *Migration) objectLine(o journal.Object, shared []int64) (ManifestLine, error) {
	l := ManifestLine{
		Kind: o.Kind, Key: o.Key, Target: o.Target, Source: o.Source, Size: o.Size, State: Outcome(o.Outcome), Owner: o.Owner,
	}
	if sent(o) {
		l.SHA256, l.MD5 = hex.EncodeToString(o.SHA256[:]), hex.EncodeToString(o.MD5[:])
		if !o.ModTime.IsZero() {
			at := o.ModTime.UTC()
			l.Modified = &at
		}
		if o.Run != m.run.ID {
			l.State = Unchanged
		}
	}
	if o.Row != 0 {
		l.Rows = append(l.Rows, o.Row)
	}
	l.Rows = append(l.Rows, shared...)
	if len(o.Reason) > 0 {
		l.Reason = &Message{}
		if err := json.Unmarshal(o.Reason, l.Reason); err != nil {
			return l, errors.Join(fmt.Errorf("read reason of %s %s", o.Kind, o.Key), journal.ErrDamaged, err)
		}
	}
	return l, nil
}
