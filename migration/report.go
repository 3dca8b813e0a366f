package migration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"omt/migration/journal"
)

// ReportFormat names the format of report.json, see upload/FORMAT.md.
const ReportFormat = "omt-report/1"

// maxLeftOut bounds the list of what was left out; the manifest has all.
const maxLeftOut = 5000

// maxWarnings bounds the warnings; a thousand show what kind of fault it is.
const maxWarnings = 1000

// Report is the certificate that the customer keeps.
type Report struct {
	Format      string         `json:"format"`
	Run         string         `json:"run"`
	Mode        Mode           `json:"mode"`
	Tenant      string         `json:"tenant"`
	Environment string         `json:"environment"`
	Company     string         `json:"company"`
	Serial      string         `json:"serial"`
	Tool        string         `json:"tool"`
	Host        string         `json:"host"`
	Started     time.Time      `json:"started"`
	Finished    time.Time      `json:"finished"`
	Identity    ReportIdentity `json:"identity"`
	Consistency Consistency    `json:"consistency"`
	Database    ReportDatabase `json:"database"`
	Kinds       Tallies        `json:"kinds"`
	Owners      []OwnerTally   `json:"owners"`
	Strays      Strays         `json:"strays"`
	LeftOut     []LeftOut      `json:"leftOut"`
	Users       ReportUsers    `json:"users"`
	Warnings    []Message      `json:"warnings"`
	// Checks is nil for a run that was begun by a version without checks.
	Checks   *CheckRecord `json:"checks,omitempty"`
	Manifest ManifestRef  `json:"manifest"`
	// Source are the versions of what was read; nil in reports of versions that
	// did not say so.
	Source *ReportSource `json:"source,omitempty"`
	// Verified says what was verified by this run, and how.
	Verified []Message `json:"verified,omitempty"`
	// Recovery tells what a recovery did; nil for a migration of its own.
	Recovery *ReportRecovery `json:"recovery,omitempty"`
	// Orphans are objects at the target that the manifest does not name; nil if
	// there are none, or none could be looked for.
	Orphans *ReportOrphans `json:"orphans,omitempty"`

	owners map[string]*OwnerTally
}

// ReportSource are the versions of the installation.
type ReportSource struct {
	Version string `json:"version"` // of SuperOffice
	Server  string `json:"server"`  // of SQL Server
}

// ReportPlan counts the users of one plan of the ticket.
type ReportPlan struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Users int    `json:"users"`
}

// ReportIdentity says who ran the migration and whether that was proved.
type ReportIdentity struct {
	User   string `json:"user"`
	Proved bool   `json:"proved"`
	Via    string `json:"via"`
}

// Consistency is the class of design section 5. Proved means that the state of
// the database was equal before the first and after the last row.
type Consistency struct {
	Class  string `json:"class"`
	Proved bool   `json:"proved"`
}

// Whole tells whether the way of reading keeps the rows together; live and mixed
// do not.
func (c Consistency) Whole() bool {
	return c.Class == "snapshot" || c.Class == "frozen" || c.Class == "aligned"
}

// Proof is the id of the text that says what is proved.
func (c Consistency) Proof() string {
	id := "consistency."
	if c.Class == "aligned" {
		id += "aligned."
	}
	if c.Proved {
		return id + "proved"
	}
	return id + "unproved"
}

// ReportDatabase counts what the package holds.
type ReportDatabase struct {
	Name   string `json:"name"`
	Tables int    `json:"tables"`
	Rows   int64  `json:"rows"`
	Parts  int    `json:"parts"`
	Bytes  int64  `json:"bytes"`
	// Scripts lie beside the package; Sealed are the objects that are nowhere
	// because the server does not tell their SQL.
	Scripts []ReportScript `json:"scripts,omitempty"`
	Sealed  []string       `json:"sealed,omitempty"`
	// LeftColumns were left out by choice.
	LeftColumns []LeftColumn `json:"leftColumns,omitempty"`
}

// ReportScript is an object of the database that travels as a script.
type ReportScript struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Path string `json:"path"`
}

// OwnerTally counts the files sent of one associate: documents with their
// versions, and personal files.
type OwnerTally struct {
	Owner string `json:"owner"`
	Count int64  `json:"count"`
	Bytes int64  `json:"bytes"`
}

// LeftOut is one row or file that was not sent, and why.
type LeftOut struct {
	Kind   string   `json:"kind"`
	Key    string   `json:"key"`
	State  Outcome  `json:"state"`
	Reason *Message `json:"reason,omitempty"`
}

// ReportUsers counts the people of the plan.
type ReportUsers struct {
	Total        int `json:"total"`
	WithPlan     int `json:"withPlan"`
	Confidential int `json:"confidential"`
	// Plans are those that somebody has, in the order of the ticket.
	Plans []ReportPlan `json:"plans,omitempty"`
}

// ManifestRef names the manifest's index and its digest, which covers all lines.
type ManifestRef struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

func (m *Migration) newReport(db *database, fs *files) *Report {
	r := &Report{
		Format: ReportFormat, Run: m.run.ID, Mode: m.Mode, Tenant: m.Ticket.Tenant, Environment: m.Ticket.Environment,
		Company: m.identity.Company, Serial: m.identity.Serial, Tool: m.Tool, Host: m.Host,
		Started: m.run.Started, Finished: m.Now().UTC(),
		Identity: ReportIdentity{User: m.Principal.UserName, Proved: m.Principal.Proved, Via: m.Principal.Via},
		Database: ReportDatabase{Name: m.identity.Database, Tables: db.info.Tables, Rows: db.info.Rows, Parts: db.info.Parts, Bytes: db.info.Size},
		Owners:   []OwnerTally{}, Strays: fs.strays, LeftOut: []LeftOut{},
		Users:    ReportUsers{Total: m.users, WithPlan: len(m.Plan.Users)},
		Warnings: db.info.warnings(), Checks: m.Checks, owners: map[string]*OwnerTally{},
	}
	r.Source = &ReportSource{Version: m.identity.Version, Server: m.identity.Server}
	r.Users.Plans = m.plansInUse()
	r.Verified = db.info.verified()
	if m.set.Recovery != RecoverNone {
		r.Recovery = &ReportRecovery{Choice: m.set.Recovery, Base: m.set.Base, Changed: []ReportChanged{}}
	}
	r.Database.Sealed, r.Database.LeftColumns = db.info.Sealed, db.info.LeftColumns
	for _, s := range db.info.Scripts {
		r.Database.Scripts = append(r.Database.Scripts, ReportScript{Name: s.Name, Type: s.Type, Path: s.Path})
	}
	if fs.orphans != nil && fs.orphans.Total > 0 {
		r.Orphans = fs.orphans
	}
	if fs.gone > 0 {
		r.Warnings = append(r.Warnings, Msg("warn.gone", "Count", fs.gone))
	}
	r.Warnings = append(r.Warnings, m.unseenWarning()...)
	r.Warnings = append(r.Warnings, m.snapshotWarning()...)
	if m.identity.OldTLS != "" {
		r.Warnings = append(r.Warnings, Msg("warn.oldtls", "Version", m.identity.OldTLS))
	}
	for _, u := range m.Plan.Users {
		if u.Confidential {
			r.Users.Confidential++
		}
	}
	return r
}

func (m *Migration) plansInUse() []ReportPlan {
	var out []ReportPlan
	for _, p := range m.Ticket.Plans {
		x := ReportPlan{ID: p.ID, Name: p.Name}
		for _, u := range m.Plan.Users {
			if u.Plan == p.ID {
				x.Users++
			}
		}
		if x.Users > 0 {
			out = append(out, x)
		}
	}
	return out
}

// verified is what a run has verified when it writes its report.
func (p PackageInfo) verified() []Message {
	out := []Message{Msg("report.verified.objects"), Msg("report.verified.rows"), Msg("report.verified.digests")}
	if p.SHA256 != "" {
		out = append(out, Msg("report.verified.package"))
	}
	return append(out, Msg("report.verified.later"))
}

const warnUnseen = "warn.unseen"

// unseenWarning says that earlier runs could not be seen, if that is so.
func (m *Migration) unseenWarning() []Message {
	if !m.unseen {
		return nil
	}
	return []Message{Msg(warnUnseen, "Target", m.Target.Describe())}
}

// warnings are what people must know of the package.
func (p PackageInfo) warnings() []Message {
	out := []Message{}
	for _, w := range []struct {
		id    string
		count int
	}{{"warn.modules", p.Modules}, {"warn.tables.special", p.Special}, {"warn.tables.moving", p.Moving}, {"warn.tables.reread", p.Reread}, {"warn.tables.again", p.Again}, {"warn.tables.mixed", p.Mixed}} {
		if w.count > 0 {
			out = append(out, Msg(w.id, "Count", w.count))
		}
	}
	for _, l := range p.LeftColumns {
		out = append(out, Msg("warn.column.left", "Column", l.describe()))
	}
	if len(p.Sealed) > 0 {
		out = append(out, Msg("warn.sealed", "Count", len(p.Sealed), "Names", someNames(p.Sealed)))
	}
	if p.SHA256 == "" {
		out = append(out, Msg("warn.notreadback", "Path", p.Path))
	}
	return out
}

const warnClash = "warn.clash"

// someNames joins the first names of a list for people.
func someNames(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + ", …"
}

// clash warns of an object that could not have its own path, because another
// one with other bytes has it.
func (r *Report) clash(o journal.Object) {
	if len(r.Warnings) >= maxWarnings || o.SharedKey != "" || o.Folded == "" || o.Folded == FoldPath(o.Target) {
		return
	}
	// A recovery repeats the warnings of the uploaded run, this one among them.
	said := r.Recovery != nil && slices.ContainsFunc(r.Warnings, func(m Message) bool {
		return m.ID == warnClash && m.Args["Path"] == o.Target
	})
	if !said {
		r.Warnings = append(r.Warnings, Msg(warnClash, "Key", o.Key, "Path", o.Target))
	}
}

// note takes a manifest line into the totals of owners and the list of what
// was left out.
func (r *Report) note(l ManifestLine) {
	if (l.State == Uploaded || l.State == Unchanged) && l.Reason != nil && len(r.Warnings) < maxWarnings {
		r.Warnings = append(r.Warnings, *l.Reason)
	}
	if l.State != Uploaded && l.State != Unchanged {
		if len(r.LeftOut) < maxLeftOut {
			r.LeftOut = append(r.LeftOut, LeftOut{Kind: l.Kind, Key: l.Key, State: l.State, Reason: l.Reason})
		}
		return
	}
	if l.Owner == "" {
		return
	}
	o := r.owners[l.Owner]
	if o == nil {
		o = &OwnerTally{Owner: l.Owner}
		r.owners[l.Owner] = o
	}
	o.Count += int64(max(1, len(l.Rows)))
	o.Bytes += l.Size
}

const reportPath = "report.json"

// LeftOutTotal counts all that was not sent; LeftOut has at most 5000 of them.
func (r *Report) LeftOutTotal() (n int64) {
	for _, states := range r.Kinds {
		for o, t := range states {
			if o != Uploaded && o != Unchanged {
				n += t.Count
			}
		}
	}
	return n
}

func (m *Migration) writeReport(ctx context.Context, r *Report) error {
	for _, o := range r.owners {
		r.Owners = append(r.Owners, *o)
	}
	sort.Slice(r.Owners, func(i, j int) bool { return r.Owners[i].Owner < r.Owners[j].Owner })
	html, err := r.HTML(m.Plan.Language)
	if err != nil {
		return err
	}
	if err := putBytes(ctx, m.steady(), htmlPath, html); err != nil {
		return err
	}
	if err := putJSON(ctx, m.steady(), reportPath, r); err != nil {
		return err
	}
	// A later recovery repeats what it says of the database.
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	if err := m.Journal.PutNote(ctx, m.run.ID, noteReport, b); err != nil {
		return fmt.Errorf("keep report: %w", err)
	}
	return nil
}

func sha256Hex(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
