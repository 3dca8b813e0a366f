package migration_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"omt/migration"
)

// twinSource is an installation that finds two files for the rows 101 and 102.
type twinSource struct{ *fakeSource }

func (s twinSource) Twins(_ context.Context, wanted []migration.Wanted, belongs func(string) bool, looked func(string), yield func(int, []migration.Candidate) error) (int64, error) {
	for i, w := range wanted {
		var c []migration.Candidate
		for _, source := range []string{fmt.Sprintf("mem/twin %d", w.Row), "mem/1"} {
			looked(source)
			if _, there := s.files[source]; there && !belongs(source) {
				c = append(c, migration.Candidate{Source: source, Size: 4, Modified: time.Unix(5, 0), Fits: []migration.Fit{migration.FitName, migration.FitPeriod}})
			}
		}
		if len(c) > 0 {
			if err := yield(i, c); err != nil {
				return 0, err
			}
		}
	}
	return 3, nil
}

func twinWorld(t *testing.T) (*world, twinSource) {
	w := uploadedWorld(t)
	w.src.files["mem/twin 101"], w.src.files["mem/twin 102"] = []byte("=one"), []byte("=two")
	return w, twinSource{w.src}
}

func (w *world) findMissing(s migration.Source, use func(*migration.Migration, *migration.RecoveryPreview) error) {
	w.t.Helper()
	err := w.open(nil, s, func(m *migration.Migration) error {
		p, err := m.FindMissing(context.Background())
		if err != nil {
			return err
		}
		return use(m, p)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// What is found, marked in the list and given back is sent, and nothing else:
// under the row's own target path, with the file's own source path.
func TestConfirmedFilesAreSent(t *testing.T) {
	w, src := twinWorld(t)
	before := w.content()
	var list bytes.Buffer
	w.findMissing(src, func(m *migration.Migration, p *migration.RecoveryPreview) error {
		if len(p.Candidates) != 2 || len(p.Candidates[0].Candidates) != 1 || p.Unsearched != 3 || p.Looked != 6 {
			t.Errorf("found %+v", p)
		}
		return m.MissingCSV(context.Background(), &list, p, "en")
	})
	// Whoever opens the list and marks one line.
	edited := strings.Replace(list.String(), "\n,document/102", "\nx,document/102", 1)
	taken, err := migration.ReadTake(strings.NewReader(edited))
	if err != nil || !maps.Equal(taken, map[string]string{"document/102": "mem/twin 102"}) {
		t.Fatalf("%v %v of\n%s", taken, err, edited)
	}
	w.confirmed = taken
	res := w.recover(migration.RecoverMissing)
	after := w.content()
	want := []string{folder20 + "lost 102.docx", "report.html", "report.json", "session.json"}
	if got := differing(before, after); !slices.Equal(got, want) || after[want[0]] != "=two" {
		t.Errorf("written %q, want %q", got, want)
	}
	line := w.fingerprint()["manifest document 102"]
	if !strings.Contains(line, `"source":"mem/twin 102"`) || !strings.Contains(line, `"state":"uploaded"`) {
		t.Errorf("manifest line %s", line)
	}
	if k := res.Report.Kinds["document"]; k[migration.Missing].Count != 2 || k[migration.Uploaded].Count != 1 {
		t.Errorf("report says %v", k)
	}
	// It is there now: it is neither looked for nor lost again by the next one.
	w.confirmed = nil
	w.recover(migration.RecoverMissing)
	if w.content()[folder20+"lost 102.docx"] != "=two" {
		t.Error("the next recovery lost the file")
	}
	w.findMissing(src, func(_ *migration.Migration, p *migration.RecoveryPreview) error {
		if len(p.Candidates) != 1 || p.Candidates[0].ID != "document/101" {
			t.Errorf("still looked for: %+v", p.Candidates)
		}
		return nil
	})
}

func TestConfirmedFilesThatAreRefused(t *testing.T) {
	w, _ := twinWorld(t)
	before := w.content()
	w.recovery = migration.RecoverMissing
	for name, c := range map[string]struct {
		confirmed map[string]string
		hint      string
	}{
		"no such file":       {map[string]string{"document/101": "mem/../../etc/passwd"}, "hint.take.open"},
		"was sent":           {map[string]string{"document/1": "mem/twin 101"}, "hint.take.there"},
		"unknown row":        {map[string]string{"document/4711": "mem/twin 101"}, "hint.take.unknown"},
		"no id":              {map[string]string{"session.json": "mem/twin 101"}, "hint.take.unknown"},
		"one file, two rows": {map[string]string{"document/101": "mem/twin 101", "document/102": "mem/twin 101"}, "hint.take.twice"},
	} {
		w.confirmed = c.confirmed
		_, err := w.process(context.Background(), nil)
		if !errors.Is(err, migration.ErrCandidate) || migration.HintOf(err).ID != c.hint {
			t.Errorf("%s: %v, hint %q", name, err, migration.HintOf(err).ID)
		}
		if got := differing(before, w.content()); len(got) > 0 {
			t.Errorf("%s: wrote %q", name, got)
		}
	}
}

// A file that is back at its own place counts more than the one that was chosen.
func TestOwnPlaceCountsMore(t *testing.T) {
	w, _ := twinWorld(t)
	w.src.write(101, "at its place", 9)
	w.confirmed = map[string]string{"document/101": "mem/twin 101"}
	res := w.recover(migration.RecoverMissing)
	if got := w.content()[folder20+"lost 101.docx"]; got != "at its place" {
		t.Errorf("sent %q", got)
	}
	if !slices.ContainsFunc(res.Report.Warnings, func(m migration.Message) bool { return m.ID == "warn.recovery.place" }) {
		t.Errorf("warnings %v", res.Report.Warnings)
	}
}

// A recovery that is interrupted goes on with what was confirmed for it.
func TestResumeKeepsConfirmedFiles(t *testing.T) {
	w, src := twinWorld(t)
	w.recovery, w.confirmed = migration.RecoverMissing, map[string]string{"document/102": "mem/twin 102"}
	ctx, cancel := context.WithCancel(context.Background())
	opened := 0
	src.onOpen = func(it migration.Item) error {
		if it.Row == 102 {
			if opened++; opened == 2 { // the first is the test of the list
				cancel()
			}
		}
		return nil
	}
	if _, err := w.process(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended with %v", err)
	}
	src.onOpen, w.confirmed, w.recovery = nil, nil, migration.RecoverNone
	w.mustRun(nil)
	if got := w.content()[folder20+"lost 102.docx"]; got != "=two" {
		t.Errorf("sent %q", got)
	}
}

func TestMissingLists(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 10, 2))
	w.src.addDocument(101, "=cmd|' /C calc'!A0.docx", nil)
	w.src.addDocument(102, "other <b>.docx", nil)
	w.src.items[3].Outcome, w.src.items[3].Reason = migration.OtherProvider, migration.Msg("reason.document.provider", "Provider", 2)
	w.src.items[2].Owner = "=HYPERLINK(1)"
	w.mustRun(w.plan)
	w.src.files["mem/twin 101"] = []byte("x")
	w.findMissing(twinSource{w.src}, func(m *migration.Migration, p *migration.RecoveryPreview) error {
		p.Candidates[0].Candidates[0].Source = "<script>alert(1)</script>"
		var list bytes.Buffer
		if err := m.MissingCSV(context.Background(), &list, p, "en"); err != nil {
			return err
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(list.String(), "\ufeff"))).ReadAll()
		if err != nil {
			return err
		}
		if len(lines) != 3 || lines[1][1] != "document/101" || lines[2][6] != "kept by another document system" || lines[1][8] != "'=HYPERLINK(1)" {
			t.Errorf("list %q", lines)
		}
		page, err := m.MissingHTML(context.Background(), p, "en")
		if err != nil {
			return err
		}
		for _, want := range []string{"default-src 'none'", "not on disk: 1", "kept by another document system: 1", "&lt;script&gt;", "same name, other period"} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("the page has no %q", want)
			}
		}
		if bytes.Contains(page, []byte("<script")) {
			t.Error("the page has a script")
		}
		return nil
	})
}

func TestReadTake(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want map[string]string
	}{
		"comma":       {"\ufefftake,id,source\r\nx,document/1,C:\\a b.doc\r\n,document/2,b\r\nno,document/3,c\r\n", map[string]string{"document/1": `C:\a b.doc`}},
		"semicolon":   {"sep=;\nid;take;more;source\ndocument/1;1;;a\n", map[string]string{"document/1": "a"}},
		"windows1252": {"take,id,source\nx,document/1,Br\xf8d.doc\n", map[string]string{"document/1": "Brød.doc"}},
		"none":        {"take,id,source\n", map[string]string{}},
		"utf-16":      {wide("take\tid\tsource\r\nx\tdocument/1\tBrød 😀.doc\r\n", binary.LittleEndian), map[string]string{"document/1": "Brød 😀.doc"}},
		"utf-16 be":   {wide("take;id;source\r\nx;document/1;Brød.doc\r\n", binary.BigEndian), map[string]string{"document/1": "Brød.doc"}},
		"no by Excel in every language": {
			"take,id,source\nnej,document/1,a\nNee,document/2,b\nFALSCH,document/3,c\nUSANN,document/4,d\nONWAAR,document/5,e\n-,document/6,f\nja,document/7,g\nWAHR,document/8,h\n",
			map[string]string{"document/7": "g", "document/8": "h"},
		},
	} {
		got, err := migration.ReadTake(strings.NewReader(c.text))
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for name, c := range map[string]struct{ text, hint string }{
		"empty": {"", "hint.take.head"}, "other list": {"a,b,c\n", "hint.take.head"}, "quote": {"take,id,source\nx,\"a\n", "hint.take.line"}, "binary": {"a\x00", "hint.take.file"},
	} {
		_, err := migration.ReadTake(strings.NewReader(c.text))
		if !errors.Is(err, migration.ErrTakeFile) || migration.HintOf(err).ID != c.hint {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := migration.ReadTake(strings.NewReader("sep=,\ntake,id,source\nx,report.json,a\nx,document/1,\nx,document/2,a\nx,document/2,b\nx\n"))
	var faults *migration.TakeFaults
	if !errors.As(err, &faults) {
		t.Fatalf("read, or %v", err)
	}
	var got []string
	for _, f := range faults.Faults {
		got = append(got, fmt.Sprint(f.ID, " ", f.Args["Line"]))
	}
	want := []string{"take.line.id 3", "take.line.source 4", "take.line.again 6", "take.line.id 7"}
	if !slices.Equal(got, want) {
		t.Errorf("faults %q, want %q", got, want)
	}
}

// wide is a text in UTF-16 with its mark.
func wide(text string, order binary.AppendByteOrder) string {
	b := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func FuzzReadTake(f *testing.F) {
	f.Add([]byte("take,id,source\nx,document/1,a\n"))
	f.Add([]byte("sep=;\ntake;id;source\nx;document/%2F;\"a\nb\"\n"))
	f.Add([]byte("take\tid\tsource\nx\tpersonal/../x\t\xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := migration.ReadTake(io.LimitReader(bytes.NewReader(data), 1<<20))
		if err != nil && (got != nil || !errors.Is(err, migration.ErrTakeFile)) {
			t.Fatalf("%v and %v", got, err)
		}
		for id, source := range got {
			kind, _, _ := strings.Cut(id, "/")
			if !slices.Contains(migration.ItemKinds(), migration.ItemKind(kind)) || strings.TrimSpace(source) == "" {
				t.Fatalf("took %q from %q", id, source)
			}
		}
	})
}
