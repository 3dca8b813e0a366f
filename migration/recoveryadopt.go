package migration

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"omt/migration/journal"
)

// ErrManifest: the list of the uploaded run at the target cannot be used.
var ErrManifest = errors.New("manifest at the target is not usable")

// adopt rebuilds the journal from what another computer has left at the target:
// its manifest, plan and report. The run counts as uploaded only when all of it
// is in; a process that is killed before begins again.
func (m *Migration) adopt(ctx context.Context, s *Session) error {
	run := journal.Run{
		ID: s.Run, Mode: string(s.Mode), State: string(stateAdopting), TicketID: m.Ticket.ID, Host: s.Host, Tool: s.Tool,
		Target: m.Target.Describe(), Started: s.Started.UTC(), Ended: s.Updated.UTC(),
	}
	if !s.arrived() {
		// A recovery that was not finished: the uploaded run is the one before.
		run.ID = s.Base
	}
	if !validRun(run.ID) {
		return m.badManifest("run", fmt.Errorf("%q is no id of a run", run.ID))
	}
	m.Log.Infow("take over run", "run", run.ID, "host", s.Host)
	if err := m.Journal.Renew(ctx, run); err != nil {
		return fmt.Errorf("record run: %w", err)
	}
	a := &adoption{m: m, run: run.ID}
	if err := a.take(ctx); err != nil {
		return err
	}
	if !s.arrived() {
		if err := a.verify(ctx); err != nil {
			return err
		}
	}
	run.State = string(StateUploaded)
	if s.State == StateComplete {
		run.State = string(StateComplete)
	}
	if err := m.Journal.PutRun(ctx, run); err != nil {
		return fmt.Errorf("record run: %w", err)
	}
	m.begin, m.last = BeginRecovery, run
	return nil
}

// validRun keeps an id that comes from the target from leading elsewhere in it.
func validRun(id string) bool {
	for _, r := range id {
		if r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return id != "" && id != "." && id != ".." && len(id) <= 100
}

func (m *Migration) badManifest(what string, err error) error {
	return Fail("read", what, errors.Join(ErrManifest, err), Msg("hint.manifest", "Target", m.Target.Describe(), "Path", what))
}

// adoption is the rebuilding of a journal.
type adoption struct {
	m      *Migration
	run    string
	report Report
	info   PackageInfo
	plan   string // SHA-256 of plan.json
}

// take reads report, manifest and plan into the journal.
func (a *adoption) take(ctx context.Context) error {
	b, err := a.m.small(ctx, reportPath, maxPlanFile)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &a.report); err != nil || a.report.Format != ReportFormat {
		return a.m.badManifest(reportPath, err)
	}
	index := ""
	if a.report.Run == a.run {
		index = a.report.Manifest.SHA256
	}
	if err := a.m.readManifest(ctx, a.run, index, func(l ManifestLine) error { return a.line(l) }); err != nil {
		return err
	}
	if err := a.m.Journal.Flush(ctx); err != nil {
		return fmt.Errorf("rebuild journal: %w", err)
	}
	if a.info.Path == "" || a.plan == "" {
		return a.m.badManifest("manifest/"+a.run, errors.New("package or plan is not in it"))
	}
	plan, err := a.m.small(ctx, planPath, maxPlanFile)
	if err != nil {
		return err
	}
	if sha256Hex(plan) != a.plan {
		return a.m.badManifest(planPath, errors.New("SHA-256 is not that of the manifest"))
	}
	a.info.Tables, a.info.Proved = a.report.Database.Tables, a.report.Consistency.Proved
	info, err := json.Marshal(a.info)
	if err != nil {
		return fmt.Errorf("encode package: %w", err)
	}
	j := a.m.Journal
	return errors.Join(j.PutNote(ctx, a.run, noteReport, b), j.PutNote(ctx, a.run, notePlan, plan), j.PutNote(ctx, a.run, notePackage, info))
}

// line takes one line of the manifest into the journal.
func (a *adoption) line(l ManifestLine) error {
	switch l.Kind {
	case "package":
		a.info.Path, a.info.Size, a.info.SHA256 = l.Target, l.Size, l.SHA256
		if l.RowCount != nil {
			a.info.Rows = *l.RowCount
		}
	case "part":
		return a.part(l)
	case "plan":
		a.plan = l.SHA256
	case kindScript:
		return a.script(l)
	default:
		return a.object(l)
	}
	return nil
}

// script takes a script with the name that the report has for it.
func (a *adoption) script(l ManifestLine) error {
	i := slices.IndexFunc(a.report.Database.Scripts, func(s ReportScript) bool { return s.Path == l.Target })
	if i < 0 {
		return fmt.Errorf("script %s: it is not in the report", l.Target)
	}
	s := a.report.Database.Scripts[i]
	a.info.Scripts = append(a.info.Scripts, ScriptRef{Name: s.Name, Type: s.Type, Path: s.Path, Size: l.Size, SHA256: l.SHA256})
	return nil
}

func (a *adoption) part(l ManifestLine) error {
	a.info.Parts++
	jm := journal.Member{Run: a.run, Name: l.Key, Table: l.Table, RawSize: l.Size, Offset: -1, At: a.m.Now().UTC()}
	if l.RowCount != nil {
		jm.Rows = *l.RowCount
	}
	crc, err := strconv.ParseUint(l.CRC32, 16, 32)
	if err == nil {
		err = decodeSum(jm.SHA256[:], l.SHA256)
	}
	if err != nil {
		return fmt.Errorf("part %s: %w", l.Key, err)
	}
	jm.CRC32 = uint32(crc)
	a.m.Journal.AckMember(jm, nil, a.m.adopted)
	return nil
}

// adopted notes a record that the journal could not take; Flush then returns
// the error.
func (m *Migration) adopted(err error) {
	if err != nil {
		m.Log.Warnw("rebuild journal", "error", err)
	}
}

func (a *adoption) object(l ManifestLine) error {
	o := journal.Object{
		Kind: l.Kind, Key: l.Key, Target: l.Target, Source: l.Source, Owner: l.Owner, Size: l.Size,
		Outcome: string(l.State), Run: a.run, At: a.m.Now().UTC(),
	}
	// A file may later be sent to there: never over session, plan or manifest.
	if l.Target != "" && !slices.ContainsFunc(objectFolders, func(f string) bool { return strings.HasPrefix(l.Target, f) }) {
		return fmt.Errorf("%s %s: %q is no place of a file", l.Kind, l.Key, l.Target)
	}
	if l.Reason != nil {
		o.Reason = encodeReason(*l.Reason)
	}
	if len(l.Rows) > 0 {
		o.Row = l.Rows[0]
	}
	if sent(o) {
		o.Folded = FoldPath(o.Target)
		if err := errors.Join(decodeSum(o.SHA256[:], l.SHA256), decodeSum(o.MD5[:], l.MD5)); err != nil {
			return fmt.Errorf("%s %s: %w", l.Kind, l.Key, err)
		}
		if l.Modified != nil {
			o.ModTime = l.Modified.UTC()
		}
	}
	a.m.Journal.Ack(o, a.m.adopted)
	// Further rows share the object; documents and attachments have the id of
	// their row as key.
	for i := 1; i < len(l.Rows); i++ {
		s := o
		s.Row, s.Key, s.Folded = l.Rows[i], strconv.FormatInt(l.Rows[i], 10), ""
		s.SharedKind, s.SharedKey = o.Kind, o.Key
		a.m.Journal.Ack(s, a.m.adopted)
	}
	return nil
}

// decodeSum reads a hexadecimal sum; an empty one stays unknown.
func decodeSum(into []byte, s string) error {
	if s == "" {
		return nil
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return fmt.Errorf("read sum: %w", err)
	}
	if len(b) != len(into) {
		return fmt.Errorf("read sum: %d bytes", len(b))
	}
	copy(into, b)
	return nil
}

// small reads an object of bounded size.
func (m *Migration) small(ctx context.Context, path string, limit int64) (b []byte, err error) {
	r, err := m.Target.Open(ctx, path, 0, -1)
	if errors.Is(err, ErrNotFound) {
		return nil, m.badManifest(path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if b, err = io.ReadAll(io.LimitReader(r, limit+1)); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(b)) > limit {
		return nil, m.badManifest(path, fmt.Errorf("is larger than %d bytes", limit))
	}
	return b, nil
}
