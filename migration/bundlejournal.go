package migration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"omt/migration/journal"
)

// bundleJournal is journal.json: what happened and how often, never to whom.
type bundleJournal struct {
	Error  string                      `json:"error,omitempty"` // what could not be read
	Runs   []bundleRun                 `json:"runs"`
	Counts map[string]map[string]Tally `json:"counts"` // objects by kind and outcome
}

type bundleRun struct {
	ID       string         `json:"id"`
	Mode     string         `json:"mode"`
	State    string         `json:"state"`
	Reason   string         `json:"reason,omitempty"`
	Ticket   string         `json:"ticket"`
	Host     string         `json:"host"`
	Tool     string         `json:"tool"`
	Target   string         `json:"target"`
	Recovery RecoveryChoice `json:"recovery,omitempty"`
	Base     string         `json:"base,omitempty"`
	Started  time.Time      `json:"started"`
	Ended    *time.Time     `json:"ended,omitempty"`
	Users    *ReportUsers   `json:"users,omitempty"` // of the plan
	Tables   []bundleTable  `json:"tables"`
}

// bundleTable counts what has arrived of one table.
type bundleTable struct {
	Table   string `json:"table"`
	Ranges  int    `json:"ranges"`
	Done    int    `json:"done"`
	Members int    `json:"members"`
	Bytes   int64  `json:"bytes"`
}

func (b *bundler) journal(ctx context.Context) any {
	if b.Journal == nil {
		if b.JournalErr == nil {
			return nil
		}
		return b.problem(b.JournalErr)
	}
	out := &bundleJournal{Runs: []bundleRun{}, Counts: map[string]map[string]Tally{}}
	if err := b.readJournal(ctx, out); err != nil {
		out.Error = b.text(err.Error())
	}
	return out
}

func (b *bundler) readJournal(ctx context.Context, out *bundleJournal) error {
	runs, err := b.Journal.Runs(ctx)
	if err != nil {
		return fmt.Errorf("read runs of journal: %w", err)
	}
	for _, r := range runs {
		one, err := b.run(ctx, r)
		out.Runs = append(out.Runs, one)
		if err != nil {
			return err
		}
	}
	totals, err := b.Journal.Totals(ctx)
	if err != nil {
		return fmt.Errorf("count objects of journal: %w", err)
	}
	for kind, outcomes := range totals {
		out.Counts[kind] = map[string]Tally{}
		for o, t := range outcomes {
			if o == "" {
				o = "planned"
			}
			out.Counts[kind][o] = Tally(t)
		}
	}
	return nil
}

func (b *bundler) run(ctx context.Context, r journal.Run) (bundleRun, error) {
	out := bundleRun{
		ID: r.ID, Mode: r.Mode, State: r.State, Reason: b.text(r.Reason), Ticket: b.name("ticket", r.TicketID), Host: b.name("host", r.Host),
		Tool: r.Tool, Target: b.name("path", r.Target), Started: r.Started, Tables: []bundleTable{},
	}
	if !r.Ended.IsZero() {
		out.Ended = &r.Ended
	}
	set, err := settingsOf(r)
	if err != nil {
		return out, err
	}
	out.Recovery, out.Base = set.Recovery, set.Base
	p, err := PlanOf(ctx, b.Journal, r.ID)
	if err != nil {
		return out, err
	}
	if p != nil {
		out.Users = &ReportUsers{Total: len(p.Users), WithPlan: len(p.Users)}
		for _, u := range p.Users {
			if u.Confidential {
				out.Users.Confidential++
			}
		}
	}
	return out, b.tables(ctx, &out)
}

// tables counts ranges and members of each table in the order of their first range.
func (b *bundler) tables(ctx context.Context, r *bundleRun) error {
	at := map[string]int{}
	of := func(table string) *bundleTable {
		i, ok := at[table]
		if !ok {
			i = len(r.Tables)
			at[table] = i
			r.Tables = append(r.Tables, bundleTable{Table: b.table(table)})
		}
		return &r.Tables[i]
	}
	err := b.Journal.Ranges(ctx, r.ID, func(x journal.Range) error {
		t := of(x.Table)
		if t.Ranges++; x.Done {
			t.Done++
		}
		return nil
	})
	if err == nil {
		err = b.Journal.Members(ctx, r.ID, func(x journal.Member) error {
			t := of(x.Table)
			if !isDataBlock(x) {
				t.Members++
			}
			t.Bytes += x.Size
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read parts of journal: %w", err)
	}
	return nil
}

// table keeps the names of SuperOffice's own tables. A customer gives names to
// tables of his own, which begin with y_, or lie in another schema.
func (b *bundler) table(name string) string {
	schema, table, found := strings.Cut(strings.NewReplacer("[", "", "]", "").Replace(name), ".")
	if !found || !strings.EqualFold(schema, "CRM7") || strings.HasPrefix(strings.ToLower(table), "y_") {
		return b.name("table", name)
	}
	return name
}

// checks are how the checks ended, of this start or of the last run that has some.
func (b *bundler) checks(ctx context.Context) any {
	rec := b.Checks
	if rec == nil && b.Journal != nil {
		var err error
		if rec, err = b.lastChecks(ctx); err != nil {
			return b.problem(err)
		}
	}
	if rec == nil {
		return nil
	}
	out := *rec
	out.AcknowledgedBy = b.name("word", rec.AcknowledgedBy)
	// A share is named after its server, a folder after its owner.
	if rec.Volume != nil {
		v := *rec.Volume
		v.Name = b.name("path", v.Name)
		out.Volume = &v
	}
	return out
}

func (b *bundler) lastChecks(ctx context.Context) (*CheckRecord, error) {
	runs, err := b.Journal.Runs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read runs of journal: %w", err)
	}
	for i := len(runs) - 1; i >= 0; i-- {
		m := &Migration{Journal: b.Journal}
		if err := m.loadChecks(ctx, runs[i].ID); err != nil || m.Checks != nil {
			return m.Checks, err
		}
	}
	return nil, nil
}

// The versions of an installation are read when somebody connects, and a bundle
// may be made without its database.
const (
	versionsOwner = "installation"
	noteVersions  = "versions"
)

// KeepVersions stores the versions of the installation for later bundles.
func KeepVersions(ctx context.Context, j *journal.Journal, id Identity) error {
	body, err := json.Marshal(BundleVersions{SQLServer: id.Server, SuperOffice: id.Version, Release: id.Release, OldTLS: id.OldTLS})
	if err != nil {
		return fmt.Errorf("encode versions: %w", err)
	}
	if err := j.PutNote(ctx, versionsOwner, noteVersions, body); err != nil {
		return fmt.Errorf("keep versions: %w", err)
	}
	return nil
}

// versions fills in what an earlier start has read. What cannot be read stays
// empty: journal.json says what is wrong with the journal.
func (b *bundler) versions(ctx context.Context) {
	b.Versions.Taken = b.Taken.UTC()
	if b.Versions.SQLServer != "" || b.Journal == nil {
		return
	}
	body, found, err := b.Journal.Note(ctx, versionsOwner, noteVersions)
	var was BundleVersions
	if err == nil && found && json.Unmarshal(body, &was) == nil {
		b.Versions.SQLServer, b.Versions.SuperOffice, b.Versions.Release = was.SQLServer, was.SuperOffice, was.Release
		b.Versions.OldTLS = was.OldTLS
	}
}
