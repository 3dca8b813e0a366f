package journal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is the journal as plain maps.
type model struct {
	dir     string
	j       *Journal
	runs    []Run
	notes   map[[2]string]string
	ranges  map[string]Range
	members map[string]Member
	objects map[[2]string]Object
	claims  map[string][2]string
	pending atomic.Int64
}

var (
	someText = rapid.OneOf(rapid.SampledFrom([]string{"", "a", "A", "ø", "日本 😀", "a\x00b", "\xff\xfe", "'; DROP TABLE runs"}), rapid.String())
	someName = rapid.SampledFrom([]string{"a", "b", "A", "ø\x00", "\xff", "a b"})
	someInt  = rapid.OneOf(rapid.Int64Range(-3, 3), rapid.Int64())
	someTime = rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-70_000_000_000, 300_000_000_000).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	})
	someHash = rapid.Custom(func(t *rapid.T) (h [32]byte) {
		copy(h[:], rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, "hash"))
		return h
	})
	someBytes = rapid.Custom(func(t *rapid.T) []byte {
		return append([]byte(nil), rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")...)
	})
	someObject = rapid.Custom(func(t *rapid.T) Object {
		name := someName.Draw(t, "key")
		o := Object{
			Kind: rapid.SampledFrom([]string{"document", "template"}).Draw(t, "kind"), Key: name, Row: int64(len(name)),
			Target: someText.Draw(t, "target"), Folded: rapid.SampledFrom([]string{"", "f", "g"}).Draw(t, "folded"),
			Source: someText.Draw(t, "source"), Owner: someText.Draw(t, "owner"), Size: someInt.Draw(t, "size"),
			ModTime: someTime.Draw(t, "mtime"), SHA256: someHash.Draw(t, "sha"), Reason: someBytes.Draw(t, "reason"),
			Outcome: someText.Draw(t, "outcome"), Run: someText.Draw(t, "run"), Attempts: rapid.Int().Draw(t, "attempts"),
			SharedKind: someText.Draw(t, "sk"), SharedKey: someText.Draw(t, "skey"), At: someTime.Draw(t, "at"),
		}
		copy(o.MD5[:], o.SHA256[5:])
		return o
	})
	someRange = rapid.Custom(func(t *rapid.T) Range {
		return Range{
			Table: someName.Draw(t, "table"), Seq: rapid.IntRange(0, 3).Draw(t, "seq"), Lo: rapid.Ptr(someInt, true).Draw(t, "lo"),
			Hi: rapid.Ptr(someInt, true).Draw(t, "hi"), Rows: someInt.Draw(t, "rows"), Done: rapid.Bool().Draw(t, "done"),
		}
	})
	someMember = rapid.Custom(func(t *rapid.T) Member {
		return Member{
			Run: someName.Draw(t, "run"), Name: someName.Draw(t, "name"), Table: someText.Draw(t, "table"), Part: rapid.Int().Draw(t, "part"),
			Range: rapid.Int().Draw(t, "range"), Rows: someInt.Draw(t, "rows"), CRC32: rapid.Uint32().Draw(t, "crc"),
			RawSize: someInt.Draw(t, "raw"), PackedSize: someInt.Draw(t, "packed"), Size: someInt.Draw(t, "size"),
			Method: rapid.Uint16().Draw(t, "method"), SHA256: someHash.Draw(t, "sha"), BlockID: someText.Draw(t, "block"),
			Offset: someInt.Draw(t, "offset"), At: someTime.Draw(t, "at"),
		}
	})
)

func TestAgainstModel(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		m := &model{dir: dir, notes: map[[2]string]string{}, ranges: map[string]Range{}, members: map[string]Member{},
			objects: map[[2]string]Object{}, claims: map[string][2]string{}}
		m.ok(t, err)
		m.open(t)
		defer func() { m.ok(t, m.j.Close()) }()
		t.Repeat(map[string]func(*rapid.T){
			"run": m.putRun, "note": m.putNote, "ranges": m.planRanges, "member": m.ackMember, "drop": m.drop,
			"plan": m.plan, "ack": m.ack, "flush": m.flush, "reopen": m.reopen, "": m.check,
		})
	})
}

func (m *model) ok(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *model) open(t *rapid.T) {
	j, err := Open(context.Background(), m.dir, testKey, Options{GroupSize: 3, GroupDelay: time.Hour})
	m.ok(t, err)
	m.j = j
}

func (m *model) reopen(t *rapid.T) {
	m.ok(t, m.j.Close())
	if m.pending.Load() != 0 {
		t.Fatalf("%d acknowledgements lost by Close", m.pending.Load())
	}
	m.open(t)
}

func (m *model) done(t *rapid.T) func(error) {
	m.pending.Add(1)
	return func(err error) {
		if m.pending.Add(-1); err != nil {
			t.Errorf("done: %v", err)
		}
	}
}

func (m *model) putRun(t *rapid.T) {
	r := Run{ID: someName.Draw(t, "id"), Mode: someText.Draw(t, "mode"), State: someText.Draw(t, "state"), Reason: someText.Draw(t, "reason"),
		TicketID: someText.Draw(t, "ticket"), Host: someText.Draw(t, "host"), Tool: someText.Draw(t, "tool"), Target: someText.Draw(t, "target"),
		Started: someTime.Draw(t, "started"), Ended: someTime.Draw(t, "ended"), Settings: someBytes.Draw(t, "settings")}
	m.ok(t, m.j.PutRun(context.Background(), r))
	if i := slices.IndexFunc(m.runs, func(x Run) bool { return x.ID == r.ID }); i >= 0 {
		m.runs[i] = r
	} else {
		m.runs = append(m.runs, r)
	}
}

func (m *model) putNote(t *rapid.T) {
	k := [2]string{someName.Draw(t, "run"), someName.Draw(t, "name")}
	body := someBytes.Draw(t, "body")
	m.ok(t, m.j.PutNote(context.Background(), k[0], k[1], body))
	m.notes[k] = string(body)
}

func rangeID(r Range) string { return fmt.Sprintf("%q %q %d", r.Run, r.Table, r.Seq) }

func (m *model) planRanges(t *rapid.T) {
	run := someName.Draw(t, "run")
	rs := rapid.SliceOfNDistinct(someRange, 0, 4, rangeID).Draw(t, "ranges")
	m.ok(t, m.j.PlanRanges(context.Background(), run, rs))
	maps.DeleteFunc(m.ranges, func(_ string, r Range) bool { return r.Run == run })
	for _, r := range rs {
		r.Run = run
		m.ranges[rangeID(r)] = r
	}
}

func (m *model) ackMember(t *rapid.T) {
	x := someMember.Draw(t, "member")
	var done *Range
	if rapid.Bool().Draw(t, "complete") {
		r := someRange.Draw(t, "range")
		r.Run = x.Run
		done = &r
	}
	m.j.AckMember(x, done, m.done(t))
	m.flush(t) // the model has no group that is still open
	m.members[x.Run+"/"+x.Name] = x
	if done != nil {
		done.Done = true
		m.ranges[rangeID(*done)] = *done
	}
}

func (m *model) drop(t *rapid.T) {
	run := someName.Draw(t, "run")
	m.ok(t, m.j.DropParts(context.Background(), run))
	maps.DeleteFunc(m.ranges, func(_ string, r Range) bool { return r.Run == run })
	maps.DeleteFunc(m.members, func(_ string, x Member) bool { return x.Run == run })
}

func (m *model) claim(o Object) (c [2]string) {
	if o.Folded == "" {
		return c
	}
	if _, taken := m.claims[o.Folded]; !taken {
		m.claims[o.Folded] = [2]string{o.Kind, o.Key}
	}
	return m.claims[o.Folded]
}

func (m *model) plan(t *rapid.T) {
	batch := rapid.SliceOfN(someObject, 0, 4).Draw(t, "batch")
	got, err := m.j.Plan(context.Background(), batch)
	m.ok(t, err)
	for i, o := range batch {
		k := [2]string{o.Kind, o.Key}
		if _, known := m.objects[k]; !known {
			o.Outcome, o.Reason = "", nil
			m.objects[k] = o
		}
		c := m.claim(m.objects[k])
		if want := (Known{m.objects[k], c[0], c[1]}); !reflect.DeepEqual(got[i], want) {
			t.Fatalf("planned %+v, want %+v", got[i], want)
		}
	}
}

func (m *model) ack(t *rapid.T) {
	for _, o := range rapid.SliceOfN(someObject, 1, 7).Draw(t, "objects") {
		m.j.Ack(o, m.done(t))
		m.objects[[2]string{o.Kind, o.Key}] = o
		m.claim(o)
	}
	if rapid.Bool().Draw(t, "flush") {
		m.flush(t)
	} else {
		m.reopen(t)
	}
}

func (m *model) flush(t *rapid.T) {
	m.ok(t, m.j.Flush(context.Background()))
	if m.pending.Load() != 0 {
		t.Fatalf("%d acknowledgements open after Flush", m.pending.Load())
	}
}

func (m *model) check(t *rapid.T) {
	ctx := context.Background()
	runs, err := m.j.Runs(ctx)
	m.ok(t, err)
	if !reflect.DeepEqual(runs, m.runs) {
		t.Fatalf("runs %+v, want %+v", runs, m.runs)
	}
	for k, want := range m.notes {
		if body, found, err := m.j.Note(ctx, k[0], k[1]); err != nil || !found || string(body) != want {
			t.Fatalf("note %q is %q, %v, %v, want %q", k, body, found, err, want)
		}
	}
	want := slices.SortedFunc(maps.Values(m.objects), func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Key, b.Key))
	})
	var got []Object
	m.ok(t, m.j.Objects(ctx, "", func(o Object) error { got = append(got, o); return nil }))
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("objects %+v, want %+v", got, want)
	}
	m.checkParts(t)
}

func (m *model) checkParts(t *rapid.T) {
	ctx := context.Background()
	for _, run := range []string{"a", "b", "A", "ø\x00", "\xff", "a b"} {
		var rs, wantRanges []Range
		m.ok(t, m.j.Ranges(ctx, run, func(r Range) error { rs = append(rs, r); return nil }))
		for _, r := range m.ranges {
			if r.Run == run {
				wantRanges = append(wantRanges, r)
			}
		}
		slices.SortFunc(wantRanges, func(a, b Range) int { return cmp.Or(cmp.Compare(a.Table, b.Table), a.Seq-b.Seq) })
		if !reflect.DeepEqual(rs, wantRanges) {
			t.Fatalf("ranges of %q: %+v, want %+v", run, rs, wantRanges)
		}
		var ms, wantMembers []Member
		m.ok(t, m.j.Members(ctx, run, func(x Member) error { ms = append(ms, x); return nil }))
		for _, x := range m.members {
			if x.Run == run {
				wantMembers = append(wantMembers, x)
			}
		}
		slices.SortFunc(wantMembers, func(a, b Member) int {
			return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Name, b.Name))
		})
		if !reflect.DeepEqual(ms, wantMembers) {
			t.Fatalf("members of %q: %+v, want %+v", run, ms, wantMembers)
		}
	}
}
