package migration_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/bacpac/decode"
	"omt/upload/uploadtest"
)

func verified(t *testing.T, tg migration.Target, full bool) *migration.VerifyResult {
	t.Helper()
	v := migration.Verifier{Ticket: worldTicket(), Target: tg, Package: decode.Opener{}, Full: full}
	r, err := v.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readObject(t *testing.T, tg migration.Target, path string) []byte {
	t.Helper()
	r, err := tg.Open(context.Background(), path, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func putObject(t *testing.T, tg migration.Target, path string, b []byte) {
	t.Helper()
	sum := migration.Sum{Size: int64(len(b)), MD5: md5.Sum(b), SHA256: sha256.Sum256(b)}
	if err := tg.Put(context.Background(), path, bytes.NewReader(b), sum); err != nil {
		t.Fatal(err)
	}
}

// liar lists an object with the MD5 of what was there before, hides one, or may
// not list at all.
type liar struct {
	migration.Target
	md5    map[string][]byte
	hidden string
	mute   bool
}

func (l *liar) List(ctx context.Context, prefix string, yield func(migration.Object) error) error {
	if l.mute {
		return migration.Fail("list", "", migration.ErrForbidden, migration.Msg("hint.azure.forbidden"))
	}
	return l.Target.List(ctx, prefix, func(o migration.Object) error {
		if o.Path == l.hidden {
			return nil
		}
		if sum, ok := l.md5[o.Path]; ok {
			o.MD5 = sum
		}
		return yield(o)
	})
}

func (l *liar) Open(ctx context.Context, path string, offset, length int64) (io.ReadCloser, error) {
	if path == l.hidden {
		return nil, migration.Fail("open", path, migration.ErrNotFound, migration.Msg("hint.azure.no-object", "Path", path))
	}
	return l.Target.Open(ctx, path, offset, length)
}

// TestVerifierCountsAndFindsDifferences: as many objects are verified as were sent,
// by their MD5 where the target tells it and by reading where it does not or where
// that is asked for; and whatever differs is found and called what it is.
func TestVerifierCountsAndFindsDifferences(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 40, 9))
	store := uploadtest.NewMemory(uploadtest.Faults{})
	w.memory = store
	res := w.mustRun(w.plan)
	const document = folder20 + "brief 3.docx"
	sent := res.Report.Kinds["document"][migration.Uploaded].Count
	for full, want := range map[bool][2]int64{false: {sent, 2}, true: {0, sent + 2}} { // plan and package have no MD5 in the manifest
		r := verified(t, store, full)
		if r.Total != 0 || r.ByMD5 != want[0] || r.ByReading != want[1] || r.Rows != res.Report.Database.Rows || int(r.Tables) != res.Report.Database.Tables || r.Undigest != 0 {
			t.Errorf("full %v: %+v, want %v", full, r, want)
		}
		if r.Manifest != res.Report.Manifest.SHA256 || r.Run != res.Run {
			t.Errorf("verified %s of %s", r.Manifest, r.Run)
		}
	}
	if r := verified(t, &liar{Target: store, mute: true}, false); r.Total != 0 || r.ByMD5 != 0 || r.ByReading != sent+2 {
		t.Errorf("a target that may not be listed: %+v", r)
	}
	was := map[string][]byte{}
	for _, path := range []string{document, "plan.json", "report.json", "database/SuperOffice.bacpac", res.Report.Manifest.Path} {
		was[path] = readObject(t, store, path)
	}
	sum := md5.Sum(was[document])
	other := bytes.Clone(was[document])
	other[len(other)-1] ^= 1
	report := func(change func(r *migration.Report)) []byte {
		var r migration.Report
		if err := json.Unmarshal(was["report.json"], &r); err != nil {
			t.Fatal(err)
		}
		change(&r)
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	flipped := bytes.Clone(was["database/SuperOffice.bacpac"])
	flipped[bytes.Index(flipped, []byte("Data/CRM7."))+80] ^= 4
	for name, c := range map[string]struct {
		path    string
		bytes   []byte
		lie     liar
		full    bool
		finding string
		object  string
	}{
		"other bytes":                    {path: document, bytes: other, finding: "verify.bytes", object: document},
		"other bytes, read":              {path: document, bytes: other, full: true, finding: "verify.bytes", object: document},
		"other bytes behind the old MD5": {path: document, bytes: other, lie: liar{md5: map[string][]byte{document: sum[:]}}, full: true, finding: "verify.bytes", object: document},
		"other bytes and no list":        {path: document, bytes: other, lie: liar{mute: true}, finding: "verify.bytes", object: document},
		"shorter":                        {path: document, bytes: other[:5], finding: "verify.size", object: document},
		"shorter and no list":            {path: document, bytes: other[:5], lie: liar{mute: true}, finding: "verify.size", object: document},
		"gone":                           {lie: liar{hidden: document}, finding: "verify.gone", object: document},
		"gone and no list":               {lie: liar{hidden: document, mute: true}, finding: "verify.gone", object: document},
		"other plan":                     {path: "plan.json", bytes: bytes.Replace(was["plan.json"], []byte("sales"), []byte("salex"), 1), finding: "verify.bytes", object: "plan.json"},
		"report counts one document more": {path: "report.json", bytes: report(func(r *migration.Report) {
			x := r.Kinds["document"][migration.Uploaded]
			x.Count++
			r.Kinds["document"][migration.Uploaded] = x
		}), finding: "verify.counts", object: "report.json"},
		"report without a kind":   {path: "report.json", bytes: report(func(r *migration.Report) { delete(r.Kinds, "document") }), finding: "verify.counts", object: "report.json"},
		"report of another run":   {path: "report.json", bytes: report(func(r *migration.Report) { r.Run = "another" }), finding: "verify.report", object: "report.json"},
		"digest of another index": {path: "report.json", bytes: report(func(r *migration.Report) { r.Manifest.SHA256 = strings.Repeat("0", 64) }), finding: "verify.manifest", object: res.Report.Manifest.Path},
		"other index":             {path: res.Report.Manifest.Path, bytes: append(bytes.Clone(was[res.Report.Manifest.Path]), ' '), finding: "verify.manifest", object: res.Report.Manifest.Path},
		"a bit of the package":    {path: "database/SuperOffice.bacpac", bytes: flipped, finding: "verify.bytes", object: "database/SuperOffice.bacpac"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.path != "" {
				putObject(t, store, c.path, c.bytes)
				defer putObject(t, store, c.path, was[c.path])
			}
			c.lie.Target = store
			r := verified(t, &c.lie, c.full)
			found := slices.ContainsFunc(r.Findings, func(f migration.Finding) bool { return f.What.ID == c.finding && f.Object == c.object })
			if r.Total == 0 || !found {
				t.Errorf("found %+v, want %s of %s", r.Findings, c.finding, c.object)
			}
		})
	}
	if r := verified(t, store, true); r.Total != 0 {
		t.Errorf("put right again: %+v", r.Findings)
	}
}

// TestVerifyNamesWhatNobodySent: an object that the manifest does not name is no
// difference, but it is said; a report for people that is gone is one.
func TestVerifyNamesWhatNobodySent(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 20, 5))
	w.src.addDocument(21, "brief 3.DOCX", w.src.files["mem/3"]) // one object for two rows
	tg := uploadtest.NewMemory(uploadtest.Faults{})
	w.memory = tg
	w.mustRun(w.plan)
	if r := verified(t, tg, false); r.Total != 0 || r.Unnamed != 0 {
		t.Fatalf("%+v", r)
	}
	putObject(t, tg, "documents/ADM/2020.1/added.docx", []byte("x"))
	putObject(t, tg, "database/scripts/0009.sql", []byte("DROP TABLE x"))
	putObject(t, tg, "notes.txt", []byte("not among the objects"))
	r := verified(t, tg, false)
	if r.Total != 0 || r.Unnamed != 2 || !slices.Equal(r.UnnamedPaths, []string{"database/scripts/0009.sql", "documents/ADM/2020.1/added.docx"}) {
		t.Errorf("%+v", r)
	}
	hidden := &liar{Target: tg, hidden: "report.html"}
	if r := verified(t, hidden, false); r.Total != 1 || r.Findings[0].Object != "report.html" || r.Findings[0].What.ID != "verify.gone" {
		t.Errorf("without the page: %+v", r)
	}
}

// TestVerifyOfAPackageThatWasNotReadBack: sent where nothing may be read, the package
// has no sum of its own in the manifest; who may read it later compares its rows and
// blames it for nothing.
func TestVerifyOfAPackageThatWasNotReadBack(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 20, 5))
	tg := uploadtest.NewMemory(uploadtest.Faults{NoRead: true, NoList: true})
	w.memory = tg
	w.mustRun(w.plan)
	r := verified(t, tg.Reopen(uploadtest.Faults{}), true)
	if r.Total != 0 || r.Rows != 40 || r.Tables != 2 {
		t.Errorf("%+v", r)
	}
}
