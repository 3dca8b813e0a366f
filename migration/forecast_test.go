package migration_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/bacpac"
	"omt/upload/uploadtest"
)

// forecastOf is the estimate for a source at a target.
func forecastOf(t *testing.T, src migration.Source, dst migration.Target, counting time.Duration) migration.CheckResult {
	t.Helper()
	c := &migration.Checker{
		Source: src, Facts: &fakeFacts{}, Packager: bacpac.New(), Target: dst, Tool: "omt test", Now: time.Now, Counting: counting,
	}
	r := one(t, c, migration.CheckEstimate)
	if r.Forecast == nil {
		t.Fatalf("no figures: %+v", r)
	}
	return r
}

// TestForecastHoldsWhatTheRunTakes: on lines of all sorts, in a world where time
// passes by itself, a run takes as long as was said before it, and what was said
// is narrow enough to be of use.
func TestForecastHoldsWhatTheRunTakes(t *testing.T) {
	onMemoryDisk(t)
	for _, c := range []struct {
		name  string
		line  uploadtest.Line
		items int
		size  int
	}{
		{"office line", uploadtest.Line{RTT: 50 * time.Millisecond, Rate: 100_000_000 / 8}, 4_000, 49_000},
		{"slow line", uploadtest.Line{RTT: 30 * time.Millisecond, Rate: 10_000_000 / 8}, 1_500, 49_000},
		{"very slow line", uploadtest.Line{RTT: 80 * time.Millisecond, Rate: 1_000_000 / 8}, 200, 49_000},
		{"fast line, far away, small files", uploadtest.Line{RTT: 200 * time.Millisecond, Rate: 1_000_000_000 / 8}, 6_000, 2_000},
		{"fast line, large files", uploadtest.Line{RTT: 10 * time.Millisecond, Rate: 1_000_000_000 / 8}, 300, 4_000_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Line: c.line, Forget: uploadtest.IsDocument})
				w := newWorld(t, newFakeSource(1, 10, 0))
				w.onServer(s)
				src := &loadSource{fakeSource: w.src, role: loadRole{Items: c.items, Size: c.size}, content: make([]byte, c.size)}
				begin := time.Now()
				r := forecastOf(t, src, w.memory, 0)
				f, measured := r.Forecast, time.Since(begin)
				if r.Found.ID != "check.estimate.passed" || f.Files != int64(c.items) || f.Bytes != int64(c.items*c.size) || f.Extent != migration.ExtentAll {
					t.Fatalf("%v, %+v", r.Found, f)
				}
				// Begun now it ends between the two, by the clock of this computer.
				for what, d := range map[string]time.Duration{"From": f.Least, "To": f.Most + time.Minute - 1} {
					at := time.Now().Add(d)
					said, _ := r.Found.Args[what].(string)
					if !strings.HasSuffix(said, at.Format("15:04")) && !strings.HasSuffix(said, at.Add(-time.Minute).Format("15:04")) {
						t.Errorf("%s is %q, that is %s", what, said, at.Format("15:04"))
					}
				}
				if part := float64(f.Line.High) / float64(c.line.Rate); part < 0.5 || part > 1.05 {
					t.Errorf("measured %.2f of the line", part)
				}
				if measured > 20*time.Second {
					t.Errorf("the measurement took %s", measured)
				}
				begin = time.Now()
				err := w.open(w.plan, src, func(m *migration.Migration) error {
					m.Limits, m.Wait = migration.DefaultLimits(), realWait
					_, err := m.Run(t.Context())
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(begin)
				t.Logf("said %s to %s, took %s; measured in %s with %d bytes", f.Least.Round(time.Second), f.Most.Round(time.Second), took.Round(time.Second), measured.Round(time.Millisecond), f.Line.Sent)
				if took < f.Least || took > f.Most {
					t.Errorf("it took %s, outside of %s to %s", took, f.Least, f.Most)
				}
				if f.Most > 4*f.Least+time.Minute {
					t.Errorf("%s to %s says nothing", f.Least, f.Most)
				}
			})
		})
	}
}

// pacedSource has rows of documents and attachments that take a while to be
// looked at, as on a slow share.
type pacedSource struct {
	*loadSource
	pace time.Duration
}

func (s *pacedSource) Items(ctx context.Context, kind migration.ItemKind, yield func(migration.Item) error) error {
	return s.loadSource.Items(ctx, kind, func(it migration.Item) error {
		select {
		case <-time.After(s.pace):
		case <-ctx.Done():
			return ctx.Err()
		}
		return yield(it)
	})
}

func (s *pacedSource) Count(_ context.Context, t *migration.Table) (int64, error) {
	if t.Name == "document" {
		return int64(s.role.Items), nil
	}
	return 0, nil
}

// When the time for counting is over the figures are raised to the number of
// rows, and where nobody knows that number only a least is told.
func TestForecastOfMoreThanCanBeCounted(t *testing.T) {
	for _, c := range []struct {
		table  string
		found  string
		extent migration.Extent
	}{{"document", "check.estimate.about", migration.ExtentAbout}, {"other", "check.estimate.least", migration.ExtentLeast}} {
		synctest.Test(t, func(t *testing.T) {
			src := &pacedSource{&loadSource{fakeSource: newFakeSource(1, 10, 0), role: loadRole{Items: 100_000, Size: 30_000}}, time.Millisecond}
			src.tables[0].Schema, src.tables[0].Name = "crm7", c.table
			begin := time.Now()
			r := forecastOf(t, src, uploadtest.NewMemory(uploadtest.Faults{}), 40*time.Second)
			f := r.Forecast
			if took := time.Since(begin); took > 41*time.Second {
				t.Errorf("counted for %s", took)
			}
			if f.Extent != c.extent {
				t.Fatalf("%s: %v %+v", c.table, r.Found, f)
			}
			switch c.extent {
			case migration.ExtentAbout:
				if f.Files < 95_000 || f.Files > 105_000 || f.Bytes/f.Files != 30_000 {
					t.Errorf("%+v, there are 100,000 files of 30,000 bytes", f)
				}
			default:
				if f.Files < 15_000 || f.Files > 25_000 || f.Most != 0 {
					t.Errorf("%+v, a fifth was counted", f)
				}
			}
		})
	}
}

// A source that cannot be read is no estimate, and a target that cannot be
// measured only one of sizes.
func TestForecastWithoutMeasurement(t *testing.T) {
	c, src, _ := checker(t)
	src.sizeKB = 4 << 10
	c.Target = rightsTarget{c.Target, migration.Rights{Write: true, Free: -1}}
	r := one(t, c, migration.CheckEstimate)
	if r.State != migration.CheckPassed || r.Found.ID != "check.estimate.unmeasured" || r.Forecast.Most != 0 || r.Forecast.Files == 0 {
		t.Errorf("%+v", r)
	}
	c.Target = rightsTarget{c.Target, migration.Rights{Write: true, Free: 100}}
	if r = one(t, c, migration.CheckEstimate); r.State != migration.CheckWarning || r.Found.ID != "check.estimate.found" || r.Todo.IsZero() {
		t.Errorf("little room: %+v", r)
	}
	c.Source = &deafSource{src}
	if r = one(t, c, migration.CheckEstimate); r.State != migration.CheckWarning || r.Found.ID != "check.error" || !strings.Contains(fmt.Sprint(r.Found.Args), "is away") {
		t.Errorf("a source that cannot be listed: %+v", r)
	}
}

type deafSource struct{ *fakeSource }

func (*deafSource) Items(context.Context, migration.ItemKind, func(migration.Item) error) error {
	return errors.New("the share is away")
}

// housed is a target on a disk of the test's choice.
type housed struct {
	migration.Target
	volume migration.Volume
}

func (h housed) Volume(context.Context) migration.Volume { return h.volume }

// A disk that anybody can read is a warning; what is not known is never called
// safe, and the record of an acknowledgement has the disk.
func TestCheckOfTheDisk(t *testing.T) {
	const y, n, u = migration.AnswerYes, migration.AnswerNo, migration.AnswerUnknown
	for _, tc := range []struct {
		removable, encrypted migration.Answer
		remote               bool
		state                migration.CheckState
		found                string
	}{
		{n, y, false, migration.CheckPassed, "passed"}, {y, y, false, migration.CheckPassed, "passed"}, {u, y, false, migration.CheckPassed, "passed"},
		{y, n, false, migration.CheckWarning, "removable"}, {n, n, false, migration.CheckWarning, "found"}, {u, n, false, migration.CheckWarning, "found"},
		{y, u, false, migration.CheckWarning, "open"}, {u, u, false, migration.CheckWarning, "open"}, {n, u, false, migration.CheckPassed, "unknown"},
		{u, u, true, migration.CheckPassed, "remote"},
	} {
		c, _, _ := checker(t)
		c.Target = housed{c.Target, migration.Volume{Name: "E:", Remote: tc.remote, Removable: tc.removable, Encrypted: tc.encrypted}}
		r, err := c.Run(t.Context(), migration.CheckVolume)
		if err != nil {
			t.Fatal(err)
		}
		k := r.Checks[0]
		if k.State != tc.state || k.Found.ID != "check.volume."+tc.found || (k.State == migration.CheckWarning) == k.Todo.IsZero() {
			t.Errorf("%+v: %s, %s", tc, k.State, k.Found.ID)
		}
		rec := r.Acknowledge("ADM", time.Unix(5, 0))
		if rec.Volume == nil || rec.Volume.Removable != tc.removable || rec.Volume.Encrypted != tc.encrypted || (rec.AcknowledgedBy == "ADM") != (k.State == migration.CheckWarning) {
			t.Errorf("%+v: recorded %+v", tc, rec)
		}
	}
	c, _, _ := checker(t)
	c.Target = rightsTarget{c.Target, migration.Rights{}}
	if k := one(t, c, migration.CheckVolume); k.State != migration.CheckPassed || k.Found.ID != "check.volume.none" || k.Volume != nil {
		t.Errorf("a container: %+v", k)
	}
}

// TestTargetInTheInstallation: a target in a folder that is read, or around one, is
// refused; one beside it is not, whatever its name begins with.
func TestTargetInTheInstallation(t *testing.T) {
	y := migration.AnswerYes
	for target, inside := range map[string]bool{"/crm/so_arc": true, "/crm/so_arc/omt/target": true, "/crm": true, "/": true, "/crm/so_arc2": false, "/crm/..so_arc": false, "/disk": false} {
		c, _, facts := checker(t)
		facts.folders = []migration.Folder{{Path: "/other", Kind: "templates"}, {Path: "/crm/so_arc", Kind: "archive"}}
		c.Target = named{housed{c.Target, migration.Volume{Name: "E:", Encrypted: y}}, target}
		k := one(t, c, migration.CheckVolume)
		if (k.State == migration.CheckFailed) != inside || inside && (k.Found.ID != "check.volume.inside" || k.Todo.ID != "check.volume.apart" || k.Volume != nil) {
			t.Errorf("%s: %+v", target, k)
		}
	}
}

type named struct {
	housed
	name string
}

func (n named) Describe() string { return n.name }

// Files go ahead onto a disk that anybody can read only with consent, and the
// journal has it.
func TestSeedNeedsConsentToTheDisk(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 10, 3))
	at := time.Unix(5, 0).UTC()
	rec := &migration.CheckRecord{
		Taken: at, Volume: &migration.Volume{Name: "E:", Removable: migration.AnswerYes, Encrypted: migration.AnswerNo},
		Outcomes: []migration.CheckOutcome{{ID: migration.CheckVolume, State: migration.CheckWarning}},
	}
	seed := func() (res *migration.Result, err error) {
		err = w.open(nil, w.src, func(m *migration.Migration) (err error) {
			m.Seed, m.Mode, m.Checks = true, "", rec
			if res, err = m.Run(t.Context()); err != nil {
				return err
			}
			body, found, err := m.Journal.Note(t.Context(), res.Run, "checks")
			if err != nil || !found || !strings.Contains(string(body), `"acknowledgedBy":"ADM"`) || !strings.Contains(string(body), `"removable":"yes"`) {
				t.Errorf("the journal has %s, %v", body, err)
			}
			return nil
		})
		return res, err
	}
	if _, err := seed(); !errors.Is(err, migration.ErrNotAcknowledged) {
		t.Fatalf("without consent: %v", err)
	}
	if got := w.content(); len(got) != 0 {
		t.Errorf("without consent the target has %v", got)
	}
	rec.AcknowledgedBy, rec.Acknowledged = "ADM", &at
	if res, err := seed(); err != nil || res.Counts.Sent != 3 {
		t.Fatalf("with consent: %+v, %v", res, err)
	}
}

// A line on which nothing moves, a service that refuses and one that is busy end
// the measurement within bounds, with the sizes alone, and nothing of it stays.
func TestForecastOnBrokenLine(t *testing.T) {
	for name, fault := range map[string]uploadtest.BlobFault{
		"stall": {Stall: true, After: 100}, "refused": {Status: 403, Code: "AuthorizationFailure"}, "busy": {Status: 503, Code: "ServerBusy"}, "reset": {Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
					if r.Op == uploadtest.BlobBlock && strings.HasPrefix(r.Block, "try") {
						return fault
					}
					return uploadtest.BlobFault{}
				}})
				w := newWorld(t, newFakeSource(1, 10, 5))
				w.onServer(s)
				begin := time.Now()
				r := forecastOf(t, w.src, w.memory, 0)
				if took := time.Since(begin); took > 70*time.Second {
					t.Errorf("it took %s", took)
				}
				if r.State != migration.CheckPassed || r.Found.ID != "check.estimate.unmeasured" || r.Forecast.Files != 5 || r.Forecast.Most != 0 {
					t.Errorf("%v, %+v", r.Found, r.Forecast)
				}
				// The ticket permits no removal, so the probe stays, as small as it was.
				if left := s.Objects("c"); len(left) != 1 || len(left[".omt-tmp/probe"]) != 10 {
					t.Errorf("the target has %v", left)
				}
			})
		})
	}
}
