package migration_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omt/migration"
	"omt/migration/journal"
	"omt/upload/bacpac"
	"omt/upload/folder"
	"omt/upload/uploadtest"
)

type noLog struct{}

func (noLog) Infow(string, ...any) {}
func (noLog) Warnw(string, ...any) {}

func TestMain(m *testing.M) {
	if spec := os.Getenv(drillEnv); spec != "" {
		os.Exit(drillChild(spec))
	}
	if spec := os.Getenv(loadEnv); spec != "" {
		os.Exit(loadChild(spec))
	}
	goleak.VerifyTestMain(m)
}

// onMemoryDisk has the folders of a test lie in memory where that is possible:
// what a disk takes to flush is no matter of the test, and would be most of its
// time.
func onMemoryDisk(t *testing.T) {
	t.Helper()
	if st, err := os.Stat("/dev/shm"); err == nil && st.IsDir() {
		t.Setenv("TMPDIR", "/dev/shm")
	}
}

var testKey = journal.Key{Environment: "test", Tenant: "Cust12345", Company: "Fjordlys", Serial: "17"}

// world is one customer's disk: journal, target and installation stay while
// processes come and go.
type world struct {
	t      *testing.T
	src    *fakeSource
	state  string
	target string
	memory migration.Target // instead of the folder, if not nil
	// wrap puts something between engine and target; nil for nothing.
	wrap func(migration.Target) migration.Target
	plan *migration.Plan
	mode migration.Mode
	// What a test may put in place of the usual: nil for none.
	ticket *migration.Ticket
	now    func() time.Time
	fail   func(point string) error // of the journal
	audit  func()                   // called before its check beside the work
	// checks are those that each process hands over.
	checks *migration.CheckRecord
	// How to go on after an uploaded run, and on which computer.
	recovery migration.RecoveryChoice
	changed  []string
	// confirmed are files that a person has chosen for missing rows.
	confirmed map[string]string
	host      string
	// freezer of a live run; nil for none.
	freezer  migration.Freezer
	snapshot bool // consents
	keep     bool
	align    migration.AlignChoice
}

// passed is a record of checks with one warning that somebody acknowledged.
func passed() *migration.CheckRecord {
	at := time.Unix(3, 0).UTC()
	return &migration.CheckRecord{
		Taken: time.Unix(2, 0).UTC(), AcknowledgedBy: "ADM", Acknowledged: &at,
		Outcomes: []migration.CheckOutcome{
			{ID: migration.CheckVersion, State: migration.CheckPassed}, {ID: migration.CheckPathless, State: migration.CheckWarning, Total: 4},
		},
	}
}

func newWorld(t *testing.T, src *fakeSource) *world {
	dir := t.TempDir()
	return &world{t: t, src: src, state: filepath.Join(dir, "state"), target: filepath.Join(dir, "target"), plan: worldPlan(src), mode: migration.ModeTest, checks: passed()}
}

func worldPlan(src *fakeSource) *migration.Plan {
	p, _ := migration.Suggest(worldTicket(), src.users, migration.ModeTest)
	p.Contact = migration.Contact{Name: "Hanna Berg", Email: "hanna@fjordlys.no", Phone: "+47 22 00 00 00"}
	p.Accept("https://terms.example/1", time.Unix(1, 0))
	return p
}

func worldTicket() *migration.Ticket {
	return &migration.Ticket{
		ID: "t1", Tenant: "Cust12345", Environment: "test", Company: "Fjordlys", Serial: "17",
		Plans: []migration.TicketPlan{{ID: "sales", Name: "Sales", Seats: 5}}, Modes: []migration.Mode{migration.ModeTest, migration.ModeLive},
		Languages: []string{"en"}, TermsURL: "https://terms.example/1",
	}
}

// process runs one process of the program until it ends.
func (w *world) process(ctx context.Context, plan *migration.Plan) (*migration.Result, error) {
	w.t.Helper()
	return w.processWith(ctx, plan, w.src)
}

func (w *world) processWith(ctx context.Context, plan *migration.Plan, src migration.Source) (res *migration.Result, err error) {
	w.t.Helper()
	err = w.open(plan, src, func(m *migration.Migration) error {
		res, err = m.Run(ctx)
		return err
	})
	return res, err
}

// open makes the migration of one process and closes everything after its use.
func (w *world) open(plan *migration.Plan, src migration.Source, use func(*migration.Migration) error) error {
	w.t.Helper()
	j, err := journal.Open(context.Background(), w.state, testKey, journal.Options{GroupSize: 4, AuditFrom: 1, FailPoint: w.fail, BeforeAudit: w.audit})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil && w.fail == nil {
			w.t.Error(err)
		}
	}()
	tk, now := w.ticket, w.now
	if tk == nil {
		tk = worldTicket()
	}
	if now == nil {
		now = time.Now
	}
	target := w.memory
	if target == nil {
		if target, err = folder.Open(w.target); err != nil {
			w.t.Fatal(err)
		}
		defer target.Close()
	}
	if w.wrap != nil {
		target = w.wrap(target)
	}
	m := &migration.Migration{
		Ticket: tk, Source: src, Target: target, Packager: bacpac.New(), Journal: j, Mode: w.mode, Plan: plan,
		Principal: migration.Principal{AssociateID: 1, UserName: "ADM", FullName: "Hanna Berg", Proved: true, Via: "rest"},
		Tool:      "omt test", Host: cmp.Or(w.host, "here"), Now: now, Progress: migration.NewProgress(time.Now), Log: noLog{},
		Wait:   func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Limits: migration.Limits{Readers: 2, Senders: 3, PartSize: 1 << 10},
		Checks: w.checks, Recovery: w.recovery, Changed: w.changed, Confirmed: w.confirmed, Snapshot: w.snapshot, KeepParts: w.keep, Align: w.align,
	}
	if w.freezer != nil {
		m.Freezer = w.freezer
	}
	return use(m)
}

func (w *world) mustRun(plan *migration.Plan) *migration.Result {
	w.t.Helper()
	res, err := w.process(context.Background(), plan)
	if err != nil {
		w.t.Fatalf("run: %v", err)
	}
	return res
}

func (w *world) fingerprint() map[string]string {
	w.t.Helper()
	f, err := uploadtest.Fingerprint(w.target)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// sameAs compares two targets and names what differs.
func (w *world) sameAs(want map[string]string) {
	w.t.Helper()
	got := w.fingerprint()
	if maps.Equal(got, want) {
		return
	}
	for k := range want {
		if got[k] != want[k] {
			w.t.Errorf("%s:\n got %s\nwant %s", k, got[k], want[k])
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			w.t.Errorf("%s is not in the other: %s", k, got[k])
		}
	}
}

func (w *world) session() migration.State {
	b, err := os.ReadFile(filepath.Join(w.target, "session.json"))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(b), `"state": "`)
	s, _, _ := strings.Cut(rest, `"`)
	return migration.State(s)
}

func TestRunMovesEverything(t *testing.T) {
	w := newWorld(t, newFakeSource(4, 100, 30))
	w.src.addDocument(1000, "lost.docx", nil)
	res := w.mustRun(w.plan)
	if res.Begin != migration.BeginInitial || w.session() != migration.StateUploaded {
		t.Errorf("begin %s, state %s", res.Begin, w.session())
	}
	if r := res.Report.Database; r.Rows != 400 || r.Tables != 4 {
		t.Errorf("database = %+v", r)
	}
	if !res.Report.Consistency.Proved {
		t.Error("an unchanged database was not proved unchanged")
	}
	if k := res.Report.Kinds["document"]; k[migration.Uploaded].Count != 30 || k[migration.Missing].Count != 1 {
		t.Errorf("documents = %+v", k)
	}
	z, err := zip.OpenReader(filepath.Join(w.target, "database", "SuperOffice.bacpac"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	parts := 0
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "Data/") {
			parts++
		}
	}
	if parts != res.Report.Database.Parts || parts < 8 {
		t.Errorf("%d parts in the package, %d in the report, want at least 8", parts, res.Report.Database.Parts)
	}
	for i, it := range w.src.items[:30] {
		b, err := os.ReadFile(filepath.Join(w.target, filepath.FromSlash(migration.TargetPath(it.Elements...))))
		if err != nil || !bytes.Equal(b, w.src.files[it.Source]) {
			t.Errorf("document %d: %v, %d bytes", i, err, len(b))
		}
	}
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrUploaded) {
		t.Errorf("second start: %v, want ErrUploaded", err)
	}
}

func TestRunRefusesBeforeWriting(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(w *world)
		want   error
	}{
		{"other serial", func(w *world) { w.src.identity.Serial = "18" }, migration.ErrCompanyChanged},
		{"other company", func(w *world) { w.src.identity.Company = "Fjordlys AS" }, migration.ErrCompanyChanged},
		{"live without freeze", func(w *world) { w.mode = migration.ModeLive }, migration.ErrModeNotAllowed},
		{"nothing to resume", func(w *world) { w.plan = nil }, migration.ErrNothingToResume},
		{"plan with a fault", func(w *world) { w.plan.Users[0].UserName = "" }, migration.ErrPlan},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, newFakeSource(2, 5, 3))
			tc.change(w)
			if _, err := w.process(context.Background(), w.plan); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			} else if migration.HintOf(err).IsZero() {
				t.Errorf("%v has no hint", err)
			}
			if s := w.session(); s != "" {
				t.Errorf("the target has a session in state %s", s)
			}
			// Nothing that a rerun does not repair.
			again := newWorld(t, newFakeSource(2, 5, 3))
			w.src, w.mode = again.src, again.mode
			w.mustRun(again.plan)
		})
	}
}

func TestFileFaultsAreOutcomes(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 1, 6))
	w.src.onOpen = func(it migration.Item) error {
		switch it.Row {
		case 2:
			return &fs.PathError{Op: "open", Path: it.Source, Err: fs.ErrNotExist}
		case 3:
			return &fs.PathError{Op: "open", Path: it.Source, Err: syscall.EACCES}
		}
		return nil
	}
	w.src.addDocument(7, "BRIEF 1.docx", []byte("other bytes"))
	w.src.addDocument(8, "brief 4.DOCX", w.src.files["mem/4"])
	w.src.addDocument(9, "BRIEF 1~7.docx", []byte("third"))
	res := w.mustRun(w.plan)
	k := res.Report.Kinds["document"]
	if k[migration.Uploaded].Count != 7 || k[migration.Missing].Count != 1 || k[migration.Unreadable].Count != 1 {
		t.Errorf("documents = %+v", k)
	}
	f := w.fingerprint()
	for path, want := range map[string]string{
		"documents/ADM/2020.1/brief 1.docx":     "mem/1",
		"documents/ADM/2020.1/BRIEF 1~7.docx":   "mem/9",
		"documents/ADM/2020.1/BRIEF 1~7~7.docx": "mem/7",
		"documents/ADM/2020.1/brief 4.docx":     "mem/4",
	} {
		b, err := os.ReadFile(filepath.Join(w.target, filepath.FromSlash(path)))
		if err != nil || !bytes.Equal(b, w.src.files[want]) {
			t.Errorf("%s: %v, %q", path, err, b)
		}
	}
	if l := f["manifest document 4"]; !strings.Contains(l, `"rows":[4,8]`) {
		t.Errorf("shared object = %s", l)
	}
	if l := f["manifest document 3"]; !strings.Contains(l, syscall.EACCES.Error()) {
		t.Errorf("unreadable = %s", l)
	}
}
