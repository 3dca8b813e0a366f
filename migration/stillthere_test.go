package migration_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
	"omt/upload/folder"
)

// TestWhatIsGoneIsSentAgain: somebody tidies up at the target between two starts.
// The run that goes on does not call done what is not there: it sends again what
// is gone or cut, says so, and ends equal to one that nobody disturbed. A file that
// is gone in the archive as well ends as missing.
func TestWhatIsGoneIsSentAgain(t *testing.T) {
	source := func() *fakeSource {
		s := newFakeSource(2, 30, 12)
		s.addDocument(20, "BRIEF 2.docx", []byte("another one of that name"))
		s.addDocument(21, "brief 3.DOCX", s.files["mem/3"]) // one object with the third
		return s
	}
	whole := newWorld(t, source())
	whole.mustRun(whole.plan)
	want := whole.fingerprint()
	w := newWorld(t, source())
	interruptedAfterFiles(t, w, 13)
	at := filepath.Join(w.target, "documents", "ADM", "2020.1")
	for _, name := range []string{"brief 2.docx", "BRIEF 2~20.docx", "brief 3.docx"} {
		if err := os.Remove(filepath.Join(at, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(at, "brief 4.docx"), 3); err != nil {
		t.Fatal(err)
	}
	res := w.mustRun(nil)
	if res.Counts.Sent != 4 {
		t.Errorf("%d files were sent, not the four that were gone", res.Counts.Sent)
	}
	said := false
	for _, m := range res.Report.Warnings {
		said = said || m.ID == "warn.gone" && m.Args["Count"] == 4
	}
	if !said {
		t.Errorf("warnings %v", res.Report.Warnings)
	}
	want["report.json"] = w.fingerprint()["report.json"]
	w.sameAs(want)

	w = newWorld(t, source())
	interruptedAfterFiles(t, w, 13)
	if err := os.Remove(filepath.Join(w.target, "documents", "ADM", "2020.1", "brief 5.docx")); err != nil {
		t.Fatal(err)
	}
	delete(w.src.files, "mem/5")
	k := w.mustRun(nil).Report.Kinds["document"]
	if k[migration.Missing].Count != 1 || k[migration.Uploaded].Count != documentsIn(t, whole)-1 {
		t.Errorf("documents %+v", k)
	}
}

// TestWhatWasSentAheadIsStillThere: the same for files that were sent ahead, days
// before.
func TestWhatWasSentAheadIsStillThere(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 30, 12))
	w.mustSeed()
	if err := os.Remove(filepath.Join(w.target, "documents", "ADM", "2020.1", "brief 7.docx")); err != nil {
		t.Fatal(err)
	}
	res := w.mustRun(w.plan)
	if res.Counts.Sent != 1 || res.Counts.Unchanged != 12 {
		t.Errorf("%+v", res.Counts)
	}
	if _, err := os.Stat(filepath.Join(w.target, "documents", "ADM", "2020.1", "brief 7.docx")); err != nil {
		t.Error(err)
	}
}

// documentsIn counts the documents of a report at the target.
func documentsIn(t *testing.T, w *world) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(w.target, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r migration.Report
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Kinds["document"][migration.Uploaded].Count
}

// TestOwnerOfTargetIsNamed: a target of another customer is not blamed on the
// database, by a start and by verify.
func TestOwnerOfTargetIsNamed(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 5, 3))
	w.mustRun(w.plan)
	path := filepath.Join(w.target, "session.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), `"17"`, `"18"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(what string, err error) {
		h := migration.HintOf(err)
		if !errors.Is(err, migration.ErrCompanyChanged) || h.ID != "hint.target.customer" || h.Args["Serial"] != "18" || h.Args["TicketSerial"] != "17" {
			t.Errorf("%s: %v, %+v", what, err, h)
		}
	}
	_, err = w.process(context.Background(), w.plan)
	check("start", err)
	tg, err := folder.Open(w.target)
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close()
	v := migration.Verifier{Ticket: worldTicket(), Target: tg, Package: decode.Opener{}}
	_, err = v.Run(t.Context())
	check("verify", err)
}

// TestLostJournalIsNotElsewhere: a run of this very computer whose journal is gone
// sends nobody to another one.
func TestLostJournalIsNotElsewhere(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 30, 12))
	interruptedAfterFiles(t, w, 12)
	if err := os.RemoveAll(w.state); err != nil {
		t.Fatal(err)
	}
	_, err := w.process(context.Background(), nil)
	if !errors.Is(err, migration.ErrNothingToResume) || migration.HintOf(err).ID != "hint.resume.lost" {
		t.Errorf("resume: %v, %+v", err, migration.HintOf(err))
	}
	w.mustRun(w.plan)
}
