package migration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// CheckID names one check; it is the word of omtctl check --only.
type CheckID string

// The checks in the order in which they are shown.
const (
	CheckVersion        CheckID = "version"
	CheckCentral        CheckID = "central"
	CheckTravel         CheckID = "travel"
	CheckSatellites     CheckID = "satellites"
	CheckAddons         CheckID = "addons"
	CheckDictionary     CheckID = "dictionary"
	CheckSignedOn       CheckID = "signed-on"
	CheckAdministrator  CheckID = "administrator"
	CheckDuplicates     CheckID = "duplicates"
	CheckInvalid        CheckID = "invalid"
	CheckLicences       CheckID = "licences"
	CheckAddresses      CheckID = "addresses"
	CheckFolders        CheckID = "folders"
	CheckPathless       CheckID = "pathless"
	CheckColumns        CheckID = "columns"
	CheckRights         CheckID = "rights"
	CheckSpace          CheckID = "space"
	CheckVolume         CheckID = "volume"
	CheckCustomisations CheckID = "customisations"
	CheckEstimate       CheckID = "estimate"
)

// CheckState is how a check ended. A failed one closes the upload, a warning
// needs an acknowledgement that is recorded.
type CheckState string

// The states of a check.
const (
	CheckPassed  CheckState = "passed"
	CheckWarning CheckState = "warning"
	CheckFailed  CheckState = "failed"
)

// maxCheckRows bounds the rows that a result holds; Total counts them all. A
// thousand show what is wrong, and a list of a million documents helps nobody.
const maxCheckRows = 1000

// CheckResult is one check with what it found. Its words are message ids, so
// that window, command line and exported list say the same in any language.
type CheckResult struct {
	ID      CheckID    `json:"id"`
	Group   string     `json:"group"`
	State   CheckState `json:"state"`
	Title   Message    `json:"title"`
	Found   Message    `json:"found"`   // what was found, in one sentence
	Why     Message    `json:"why"`     // why it matters
	Todo    Message    `json:"todo"`    // what to do; zero if nothing is to be done
	Columns []Message  `json:"columns"` // headings of the cells of Rows
	Rows    [][]Cell   `json:"rows"`    // at most 1000 of Total
	Total   int64      `json:"total"`   // rows concerned
	// Forecast has the figures of CheckEstimate, Volume what CheckVolume found out;
	// nil for every other check.
	Forecast *Forecast `json:"forecast,omitempty"`
	Volume   *Volume   `json:"volume,omitempty"`

	err error // why the check could not be carried out
}

// Cell is a value from the installation, or words of ours if Message is set.
type Cell struct {
	Text    string   `json:"text,omitempty"`
	Message *Message `json:"message,omitempty"`
}

func value(v any) Cell { return Cell{Text: fmt.Sprint(v)} }

func words(m Message) Cell { return Cell{Message: &m} }

// local is a moment or a version of ours, in the form of English, which is shown
// in that of the reader; what comes from the customer never is.
func local(s string) Cell { return words(Msg("check.value", "Value", s)) }

// Decisions about checks.
var (
	// ErrChecksFailed: at least one check failed.
	ErrChecksFailed = errors.New("checks failed")
	// ErrNotAcknowledged: there are warnings that nobody acknowledged.
	ErrNotAcknowledged = errors.New("warnings were not acknowledged")
	// ErrUnchecked: a new run was started without checks.
	ErrUnchecked = errors.New("the installation was not checked")
	// ErrUnknownCheck: there is no check of that id.
	ErrUnknownCheck = errors.New("there is no such check")
)

// Checker carries out the checks before a migration. It only reads, apart from
// the probe of the target, which leaves nothing behind. Ticket is not needed,
// so that a list can be sent ahead of a migration.
type Checker struct {
	Source    Source
	Facts     CheckSource
	Packager  Packager
	Target    Target // nil leaves out the checks of the target
	Principal Principal
	// LeaveOut are the columns that the plan leaves out, nil before there is one.
	LeaveOut []PlanColumn
	Tool     string
	Now      func() time.Time
	// Counting is how long files are counted for CheckEstimate, 0 a minute.
	Counting time.Duration
	// Found, if set, is called by Run as each check ends.
	Found func(CheckResult)
}

// CheckReport is the result of all checks, or of those that were asked for.
type CheckReport struct {
	Taken    time.Time     `json:"taken"`
	Tool     string        `json:"tool"`
	Identity Identity      `json:"identity"`
	Checks   []CheckResult `json:"checks"`
}

// check is one entry of the list of checks.
type check struct {
	id      CheckID
	group   string   // id below check.group.
	columns []string // ids below check.column.
	target  bool     // needs a target
	run     func(context.Context, *checking, *finding) error
}

// unable is the state of a check that cannot be carried out. What only informs
// does not close the upload, for instance because a version of SuperOffice has
// no such column.
func (c check) unable() CheckState {
	switch c.id {
	case CheckSignedOn, CheckSpace, CheckVolume, CheckEstimate, CheckCustomisations:
		return CheckWarning
	}
	return CheckFailed
}

// checks is the list. The order is that of the window and of the exported list.
func checks() []check {
	return []check{
		{CheckVersion, "installation", []string{"version"}, false, checkVersion},
		{CheckCentral, "installation", []string{"id", "kind"}, false, checkCentral},
		{CheckTravel, "installation", []string{"id", "user"}, false, checkTravel},
		{CheckSatellites, "installation", []string{"id", "company"}, false, checkSatellites},
		{CheckAddons, "installation", []string{"id", "user", "section", "key"}, false, checkAddons},
		{CheckDictionary, "installation", []string{"table"}, false, checkDictionary},
		{CheckSignedOn, "installation", []string{"id", "user", "computer", "since"}, false, checkSignedOn},
		{CheckAdministrator, "users", []string{"id", "user", "name"}, false, checkAdministrator},
		{CheckDuplicates, "users", []string{"address", "users"}, false, checkDuplicates},
		{CheckInvalid, "users", []string{"id", "user", "name", "address"}, false, checkInvalid},
		{CheckLicences, "users", []string{"id", "user", "name"}, false, checkLicences},
		{CheckAddresses, "users", []string{"id", "user", "name"}, false, checkAddresses},
		{CheckFolders, "files", []string{"folder", "kind", "reason"}, false, checkFolders},
		{CheckPathless, "files", []string{"document", "reason"}, false, checkPathless},
		{CheckColumns, "database", []string{"table", "column", "type"}, false, checkColumns},
		{CheckRights, "target", []string{"right"}, true, checkRights},
		{CheckSpace, "target", nil, true, checkSpace},
		{CheckVolume, "target", nil, true, checkVolume},
		{CheckCustomisations, "customisations", []string{"kind", "name", "ask"}, false, checkCustomisations},
		// At the end: it takes the longest.
		{CheckEstimate, "estimate", []string{"kind", "files", "size"}, true, checkEstimate},
	}
}

// CheckIDs lists the ids of all checks in their order.
func CheckIDs() []CheckID {
	var out []CheckID
	for _, c := range checks() {
		out = append(out, c.id)
	}
	return out
}

// Group is the id below check.group. under which the check is shown, empty for
// one that does not exist.
func (id CheckID) Group() string {
	for _, c := range checks() {
		if c.id == id {
			return c.group
		}
	}
	return ""
}

// Run carries out all checks, or those of only. A check that cannot be carried
// out is a failed one that says why, or a warning if it only informs; the
// others go on. An error is returned
// only if the identity cannot be read, an id is not known (ErrUnknownCheck) or
// ctx ends.
func (c *Checker) Run(ctx context.Context, only ...CheckID) (*CheckReport, error) {
	for _, id := range only {
		if !slices.Contains(CheckIDs(), id) {
			return nil, Fail("check", string(id), ErrUnknownCheck, Msg("hint.check.unknown", "Check", string(id)))
		}
	}
	identity, err := c.Source.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("read company and serial: %w", err)
	}
	k := &checking{Checker: c, identity: identity}
	r := &CheckReport{Taken: c.Now().UTC(), Tool: c.Tool, Identity: identity, Checks: []CheckResult{}}
	for _, e := range checks() {
		if len(only) > 0 && !slices.Contains(only, e.id) || e.target && c.Target == nil {
			continue
		}
		res := k.carryOut(ctx, e)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check %s: %w", e.id, ctx.Err())
		}
		r.Checks = append(r.Checks, res)
		if c.Found != nil {
			c.Found(res)
		}
	}
	return r, nil
}

// checking is one run of the checks; what several of them need is read once.
type checking struct {
	*Checker
	identity   Identity
	catalog    *Catalog
	people     []User
	registered []string
}

func (k *checking) carryOut(ctx context.Context, e check) CheckResult {
	f := &finding{CheckResult{ID: e.id, Group: e.group, State: CheckPassed, Rows: [][]Cell{}, Columns: []Message{}}}
	for _, col := range e.columns {
		f.Columns = append(f.Columns, Msg("check.column."+col))
	}
	text := func(part string) Message { return Msg("check." + string(e.id) + "." + part) }
	f.Title, f.Why = text("title"), text("why")
	if err := e.run(ctx, k, f); err != nil {
		f.State, f.err = e.unable(), err
		f.Found = Msg("check.error", "Error", err.Error())
		f.Todo = HintOf(err)
		return f.CheckResult
	}
	if f.State != CheckPassed && f.Todo.IsZero() {
		f.Todo = text("todo")
	}
	return f.CheckResult
}

// finding is a result while its check runs.
type finding struct{ CheckResult }

func (f *finding) row(cells ...Cell) {
	f.Total++
	if len(f.Rows) < maxCheckRows {
		f.Rows = append(f.Rows, cells)
	}
}

// end sets state and words: passed without rows, else bad. Found has the
// number of rows as argument.
func (f *finding) end(bad CheckState, pairs ...any) {
	pairs = append(pairs, "Count", f.Total)
	if f.Total == 0 {
		f.say(CheckPassed, "passed", pairs...)
		return
	}
	f.say(bad, "found", pairs...)
}

func (f *finding) say(s CheckState, part string, pairs ...any) {
	f.State, f.Found = s, Msg("check."+string(f.ID)+"."+part, pairs...)
}

// tables reads the catalogue once.
func (k *checking) tables(ctx context.Context) (*Catalog, error) {
	if k.catalog == nil {
		cat, err := k.Source.Catalog(ctx)
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
		k.catalog = cat
	}
	return k.catalog, nil
}

// candidates reads once the people who can become users online.
func (k *checking) candidates(ctx context.Context) ([]User, error) {
	if k.people == nil {
		users, err := k.Source.Users(ctx)
		if err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
		k.people = []User{}
		for _, u := range users {
			if u.Candidate() {
				k.people = append(k.people, u)
			}
		}
	}
	return k.people, nil
}

// dictionary reads once the tables that SuperOffice's own list names.
func (k *checking) dictionary(ctx context.Context) ([]string, error) {
	if k.registered == nil {
		names, err := k.Facts.Registered(ctx)
		if err != nil {
			return nil, fmt.Errorf("read list of tables: %w", err)
		}
		k.registered = append([]string{}, names...)
	}
	return k.registered, nil
}
