package migration_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"omt/migration"
)

// uploadedWorld has a finished test migration: 8 documents sent, 3 missing
// (101 to 103).
func uploadedWorld(t *testing.T) *world {
	w := newWorld(t, newFakeSource(2, 20, 8))
	for id := int64(101); id <= 103; id++ {
		w.src.addDocument(id, fmt.Sprintf("lost %d.docx", id), nil)
	}
	w.mustRun(w.plan)
	return w
}

// content is every object of the target by its bytes.
func (w *world) content() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(w.target, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(w.target, p)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); rel == "session.lock" || strings.HasPrefix(rel, ".omt-tmp/") {
			return nil
		}
		b, err := os.ReadFile(p)
		out[rel] = string(b)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// differing are the paths whose bytes are others, without manifests.
func differing(before, after map[string]string) []string {
	var out []string
	for p, b := range after {
		if was, ok := before[p]; (!ok || was != b) && !strings.HasPrefix(p, "manifest/") {
			out = append(out, p)
		}
	}
	for p := range before {
		if _, ok := after[p]; !ok {
			out = append(out, p+" is gone")
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) recover(choice migration.RecoveryChoice, changed ...string) *migration.Result {
	w.t.Helper()
	w.recovery, w.changed = choice, changed
	plan := w.plan
	if choice == migration.RecoverMissing {
		plan = nil
	}
	return w.mustRun(plan)
}

func (w *world) preview() *migration.RecoveryPreview {
	w.t.Helper()
	var p *migration.RecoveryPreview
	err := w.open(nil, w.src, func(m *migration.Migration) (err error) {
		p, err = m.Preview(context.Background())
		return err
	})
	if err != nil {
		w.t.Fatalf("preview: %v", err)
	}
	return p
}

const folder20 = "documents/ADM/2020.1/"

// lostAndChanged puts two of three missing files in place, changes what was
// sent in every way, and adds a row.
func lostAndChanged(src *fakeSource) {
	src.write(101, "found again", 20)
	src.write(103, "found too", 30)
	src.write(2, "edited on-site", 40)                             // other bytes
	src.write(3, strings.Repeat("z", len(src.files["mem/3"])), 50) // other bytes, same size
	src.times["mem/4"] = time.Unix(60, 0)                          // touched only
	src.remove(5)                                                  // the row is gone
	src.addDocument(200, "new.docx", []byte("after the migration"))
	src.rows["CRM7.table01"] = append(src.rows["CRM7.table01"], 9999)
	src.usage["CRM7.table01"]++
}

func TestRecoverMissingSendsExactlyThose(t *testing.T) {
	for _, untold := range []bool{false, true} {
		w := uploadedWorld(t)
		w.src.untold = untold
		before := w.content()
		lostAndChanged(w.src)

		p := w.preview()
		if got := differing(before, w.content()); len(got) > 0 {
			t.Errorf("the preview wrote %q", got)
		}
		if p.Missing != 3 || p.FoundTotal != 2 || p.FoundBytes != 20 || p.ChangedTotal != 3 || p.Newer != 1 {
			t.Errorf("preview = %+v", p)
		}
		if len(p.Found) != 2 || p.Found[0].ID != "document/101" || p.Found[0].Target != folder20+"lost 101.docx" {
			t.Errorf("found = %+v", p.Found)
		}
		if c := p.Changed[0]; c.ID != "document/2" || !c.Sent.Equal(time.Unix(1, 0)) || !c.Modified.Equal(time.Unix(40, 0)) || c.SentSize != 101 || c.Size != 14 {
			t.Errorf("changed = %+v", c)
		}

		res := w.recover(migration.RecoverMissing)
		want := []string{folder20 + "lost 101.docx", folder20 + "lost 103.docx", "report.html", "report.json", "session.json"}
		if got := differing(before, w.content()); !slices.Equal(got, want) {
			t.Errorf("the recovery wrote %q, want %q", got, want)
		}
		r := res.Report
		if k := r.Kinds["document"]; k[migration.Uploaded].Count != 2 || k[migration.Unchanged].Count != 8 || k[migration.Missing].Count != 1 {
			t.Errorf("documents = %+v", k)
		}
		if r.Recovery == nil || r.Recovery.Newer != 1 || r.Recovery.ChangedTotal != 2 || r.Recovery.Changed[0].Key != "2" || r.Recovery.Changed[1].Key != "3" {
			t.Errorf("recovery = %+v", r.Recovery)
		}
		if res.Begin != migration.BeginRecovery || res.Recovery != migration.RecoverMissing || w.session() != migration.StateUploaded {
			t.Errorf("begin %s, recovery %s, state %s", res.Begin, res.Recovery, w.session())
		}
		// What was only touched is known by its new time now.
		if p := w.preview(); p.ChangedTotal != 2 || p.FoundTotal != 0 || p.Missing != 1 || p.Run != res.Run {
			t.Errorf("second preview = %+v", p)
		}
		// A further recovery goes on from this one.
		w.src.write(102, "the last one", 70)
		before = w.content()
		if res := w.recover(migration.RecoverMissing); res.Counts.Sent != 1 {
			t.Errorf("second recovery: %+v", res.Counts)
		}
		if got := differing(before, w.content()); len(got) != 4 || got[0] != folder20+"lost 102.docx" {
			t.Errorf("the second recovery wrote %q", got)
		}
	}
}

func TestChangedFilesAreSentWhenNamed(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	before := w.content()
	res := w.recover(migration.RecoverMissing, "document/3", "document/4", "document/77")
	want := []string{folder20 + "brief 3.docx", folder20 + "lost 101.docx", folder20 + "lost 103.docx", "report.html", "report.json", "session.json"}
	if got := differing(before, w.content()); !slices.Equal(got, want) {
		t.Errorf("the recovery wrote %q, want %q", got, want)
	}
	if !slices.ContainsFunc(res.Report.Warnings, func(m migration.Message) bool {
		return m.ID == "warn.recovery.unknown" && m.Args["ID"] == "document/77"
	}) {
		t.Errorf("warnings = %v", res.Report.Warnings)
	}
	if c := res.Report.Recovery.Changed; len(c) != 1 || c[0].Key != "2" {
		t.Errorf("changed = %+v", c)
	}
}

// A found file goes to where the uploaded database looks for it, although its
// row has another name today, and never over the file of another row.
func TestFoundFileKeepsItsPlace(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 10, 2))
	w.src.addDocument(101, "lost.docx", nil)
	w.src.addDocument(102, "BRIEF 1.docx", nil)
	w.mustRun(w.plan)
	before := w.content()
	w.src.write(101, "found again", 20)
	w.src.write(102, "another letter", 20)
	w.src.items[2].Elements[3] = "renamed.docx"
	w.recover(migration.RecoverMissing)
	after := w.content()
	if after[folder20+"lost.docx"] != "found again" || after[folder20+"BRIEF 1~102.docx"] != "another letter" {
		t.Errorf("written: %q", differing(before, after))
	}
	if after[folder20+"brief 1.docx"] != before[folder20+"brief 1.docx"] {
		t.Error("the file of another row was overwritten")
	}
}

// A changed file that was named and cannot be read leaves what was sent.
func TestUnreadableChangedFileIsKept(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	before := w.content()
	w.src.onOpen = func(it migration.Item) error {
		if it.Row == 2 {
			return &fs.PathError{Op: "open", Path: it.Source, Err: fs.ErrPermission}
		}
		return nil
	}
	res := w.recover(migration.RecoverMissing, "document/2")
	if after := w.content(); after[folder20+"brief 2.docx"] != before[folder20+"brief 2.docx"] {
		t.Error("the object was changed")
	}
	if f := w.fingerprint()["manifest document 2"]; !strings.Contains(f, `"state":"unchanged"`) {
		t.Errorf("manifest line = %s", f)
	}
	if !slices.ContainsFunc(res.Report.Warnings, func(m migration.Message) bool { return m.ID == "warn.recovery.kept" }) {
		t.Errorf("warnings = %v", res.Report.Warnings)
	}
}

func TestOverwriteSendsDatabaseAndWhatChanged(t *testing.T) {
	w := uploadedWorld(t)
	lostAndChanged(w.src)
	w.src.items[5].Elements[3] = "renamed.docx" // row 7: row 5 is gone
	before := w.content()
	res := w.recover(migration.RecoverOverwrite)
	want := []string{
		"database/SuperOffice.bacpac",
		folder20 + "brief 2.docx", folder20 + "brief 3.docx", folder20 + "lost 101.docx", folder20 + "lost 103.docx",
		folder20 + "new.docx", folder20 + "renamed.docx", "report.html", "report.json", "session.json",
	}
	if got := differing(before, w.content()); !slices.Equal(got, want) {
		t.Errorf("the overwrite wrote %q, want %q", got, want)
	}
	r := res.Report
	if r.Orphans == nil || r.Orphans.Total != 2 || !slices.Equal(r.Orphans.Paths, []string{folder20 + "brief 5.docx", folder20 + "brief 7.docx"}) {
		t.Errorf("orphans = %+v", r.Orphans)
	}
	if r.Database.Rows != 41 {
		t.Errorf("%d rows", r.Database.Rows)
	}
	// But for orphans and what was unchanged, it is a new migration.
	fresh := newWorld(t, w.src)
	fresh.mustRun(fresh.plan)
	compareOverwritten(t, w.fingerprint(), fresh.fingerprint())
}

// compareOverwritten compares an overwritten target with one of a new run.
func compareOverwritten(t *testing.T, got, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if g := strings.Replace(got[k], `"state":"unchanged"`, `"state":"uploaded"`, 1); k != "report.json" && k != "session.json" && g != v {
			t.Errorf("%s:\n got %s\nwant %s", k, g, v)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok && !strings.HasSuffix(k, "brief 5.docx") && !strings.HasSuffix(k, "brief 7.docx") {
			t.Errorf("%s is in the overwritten one only", k)
		}
	}
}

// watchTarget notes the states that session.json goes through.
type watchTarget struct {
	migration.Target
	states *[]string
}

func (w *watchTarget) Put(ctx context.Context, path string, body io.ReadSeeker, sum migration.Sum) error {
	if path == "session.json" {
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(b), `"state": "`)
		s, _, _ := strings.Cut(rest, `"`)
		*w.states = append(*w.states, s)
	}
	return w.Target.Put(ctx, path, body, sum)
}

func TestStatesOfRecoveries(t *testing.T) {
	for choice, want := range map[migration.RecoveryChoice]string{
		migration.RecoverMissing: "[recovering uploaded]", migration.RecoverOverwrite: "[uploading uploaded]",
	} {
		w := uploadedWorld(t)
		lostAndChanged(w.src)
		var states []string
		w.wrap = func(tg migration.Target) migration.Target { return &watchTarget{tg, &states} }
		w.recover(choice)
		if got := fmt.Sprint(states); got != want {
			t.Errorf("%s: states %s, want %s", choice, got, want)
		}
	}
}

// Wherever a recovery is cut, the next start goes on with it, ends like an
// uninterrupted one and sends nothing twice that was committed. As long as the
// target says uploaded, nothing of it was touched.
func TestRecoveryAfterEveryCut(t *testing.T) {
	for _, choice := range []migration.RecoveryChoice{migration.RecoverMissing, migration.RecoverOverwrite} {
		start := func() *world {
			w := uploadedWorld(t)
			lostAndChanged(w.src)
			w.recovery = choice
			if choice == migration.RecoverMissing {
				w.changed = []string{"document/2"}
			}
			return w
		}
		whole, total := start(), &atomic.Int64{}
		whole.wrap = func(tg migration.Target) migration.Target {
			return &cutTarget{Target: tg, calls: total, at: 1 << 40}
		}
		whole.mustRun(whole.planFor(choice))
		want := whole.fingerprint()
		for at := int64(1); at <= total.Load(); at += cutStep {
			for _, lose := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %d lose=%v", choice, at, lose), func(t *testing.T) {
					w := start()
					w.t = t
					cutAndResume(t, w, choice, at, lose, total.Load())
					w.sameAs(want)
				})
			}
		}
	}
}

func (w *world) planFor(choice migration.RecoveryChoice) *migration.Plan {
	if choice == migration.RecoverMissing {
		return nil
	}
	return w.plan
}

func cutAndResume(t *testing.T, w *world, choice migration.RecoveryChoice, at int64, lose bool, total int64) {
	t.Helper()
	before := w.content()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.wrap = func(tg migration.Target) migration.Target {
		return &cutTarget{Target: tg, calls: &atomic.Int64{}, at: at, lose: lose, cancel: cancel}
	}
	if _, err := w.process(ctx, w.planFor(choice)); err == nil {
		t.Fatal("the recovery was not cut")
	}
	if w.session() == migration.StateUploaded && (at < total || !lose) {
		if got := differing(before, w.content()); len(got) > 0 {
			t.Fatalf("the target says uploaded and has other bytes in %q", got)
		}
	}
	e := w.detect()
	if last := at == total && lose; last != (e.Begin == migration.BeginRecovery) {
		t.Fatalf("detected %+v", e)
	} else if last {
		return // only the reply was lost
	}
	if e.Recovery != choice {
		t.Errorf("detected %+v", e)
	}
	known := w.known()
	var calls puts
	w.wrap = func(tg migration.Target) migration.Target { return calls.over(tg) }
	w.recovery, w.changed = migration.RecoverNone, nil
	res, err := w.process(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Recovery != choice || res.Begin != migration.BeginResume {
		t.Errorf("begin %s, recovery %s", res.Begin, res.Recovery)
	}
	for _, p := range calls.paths() {
		if known[p] {
			t.Errorf("%s was committed and is sent again", p)
		}
	}
}

func (w *world) detect() (e migration.Earlier) {
	w.t.Helper()
	err := w.open(nil, w.src, func(m *migration.Migration) (err error) {
		e, err = migration.DetectAt(context.Background(), m.Journal, m.Target, m.Ticket)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}
