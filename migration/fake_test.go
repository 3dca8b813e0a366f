package migration_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"omt/migration"
)

// fakeSource is an installation in memory whose state a test can change.
type fakeSource struct {
	mu        sync.Mutex
	identity  migration.Identity
	tables    []*migration.Table
	rows      map[string][]int64 // by table: the keys
	usage     map[string]int64
	noUsage   bool
	proofs    int // how often the state was asked for, counted by lateSource
	collation string
	modules   []migration.Module
	keyed     string // table whose ranges are told by keys instead of numbers
	users     []migration.User
	sizeKB    int64
	items     []migration.Item
	files     map[string][]byte
	times     map[string]time.Time // by source; others are of second 1
	untold    bool                 // the listing has no times
	// onRow is called before each row, onOpen before each file; an error is
	// what the database or the disk says.
	onRow  func(table string, key int64) error
	onOpen func(it migration.Item) error
}

func newFakeSource(tables, rows, documents int) *fakeSource {
	s := &fakeSource{
		identity: migration.Identity{Company: "Fjordlys", Serial: "17", Database: "SuperOffice"},
		rows:     map[string][]int64{}, usage: map[string]int64{}, files: map[string][]byte{}, times: map[string]time.Time{},
	}
	for i := range tables {
		t := &migration.Table{
			Schema: "CRM7", Name: fmt.Sprintf("table%02d", i),
			Columns: []migration.Column{
				{Name: "id", Type: "int", MaxLength: 4},
				{Name: "text", Type: "nvarchar", MaxLength: 200, Nullable: true, Collation: "Latin1_General_CI_AS"},
			},
			DataBytes: int64(rows * 64),
		}
		if i > 0 { // table00 is a heap
			t.Indexes = []migration.Index{{Name: "PK", Kind: migration.PrimaryKey, Clustered: true, Unique: true, Columns: []migration.IndexColumn{{Name: "id"}}}}
		}
		s.tables = append(s.tables, t)
		for k := range rows {
			s.rows[t.FullName()] = append(s.rows[t.FullName()], int64(k*3+1))
		}
	}
	s.users = []migration.User{{AssociateID: 1, PersonID: 1, Initials: "ADM", FullName: "Hanna Berg", Admin: true, Emails: []string{"hanna@fjordlys.no"}, Licences: []string{"user"}}}
	for i := range documents {
		s.addDocument(int64(i+1), fmt.Sprintf("brief %d.docx", i+1), bytes.Repeat([]byte{byte(i)}, 100+i))
	}
	return s
}

func (s *fakeSource) addDocument(id int64, name string, content []byte) {
	it := migration.Item{
		Kind: migration.KindDocument, Key: fmt.Sprint(id), Row: id, Owner: "ADM",
		Elements: []string{"documents", "ADM", "2020.1", name},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if content == nil {
		it.Outcome, it.Reason = migration.Missing, migration.Msg("reason.gone")
	} else {
		it.Source = fmt.Sprintf("mem/%d", id)
		s.files[it.Source] = content
	}
	s.items = append(s.items, it)
}

// touch counts a modification of a table.
func (s *fakeSource) touch(table string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage[table]++
}

func (s *fakeSource) Identity(context.Context) (migration.Identity, error) { return s.identity, nil }

func (s *fakeSource) Catalog(context.Context) (*migration.Catalog, error) {
	return &migration.Catalog{Database: "SuperOffice", Schema: "CRM7", Collation: cmp.Or(s.collation, "Latin1_General_CI_AS"), LCID: 1033, SizeKB: s.sizeKB, Tables: s.tables, Modules: s.modules}, nil
}

func (s *fakeSource) Count(_ context.Context, t *migration.Table) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.rows[t.FullName()])), nil
}

func (s *fakeSource) Bounds(_ context.Context, t *migration.Table, rows int64) ([]migration.Range, error) {
	if t.Clustered() == nil {
		return []migration.Range{{}}, nil
	}
	keys := s.rows[t.FullName()]
	var out []migration.Range
	var lo *int64
	for i := int(rows); i < len(keys); i += int(rows) {
		hi := keys[i-1]
		out = append(out, migration.Range{Lo: lo, Hi: &hi})
		lo = &hi
	}
	out = append(out, migration.Range{Lo: lo})
	if s.keyed == t.FullName() {
		for i, r := range out {
			out[i] = migration.Range{From: keyOf(r.Lo), To: keyOf(r.Hi)}
		}
	}
	return out, nil
}

// keyOf writes a number as a key of two columns, the first of them NULL.
func keyOf(n *int64) migration.Key {
	if n == nil {
		return nil
	}
	text := fmt.Sprint("key ", *n)
	return migration.Key{nil, &text}
}

func numberOf(k migration.Key) *int64 {
	if k == nil {
		return nil
	}
	var n int64
	if _, err := fmt.Sscanf(*k[1], "key %d", &n); err != nil || k[0] != nil {
		panic(fmt.Sprintf("key %v: %v", k, err))
	}
	return &n
}

func (s *fakeSource) Rows(_ context.Context, t *migration.Table, r migration.Range) (migration.RowReader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keyed == t.FullName() {
		r.Lo, r.Hi = numberOf(r.From), numberOf(r.To)
	}
	var keys []int64
	for _, k := range s.rows[t.FullName()] {
		if (r.Lo == nil || k > *r.Lo) && (r.Hi == nil || k <= *r.Hi) {
			keys = append(keys, k)
		}
	}
	return &fakeRows{s: s, table: t.FullName(), keys: keys}, nil
}

type fakeRows struct {
	s     *fakeSource
	table string
	keys  []int64
}

func (r *fakeRows) Next(ctx context.Context) ([]any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.keys) == 0 {
		return nil, io.EOF
	}
	k := r.keys[0]
	r.keys = r.keys[1:]
	if r.s.onRow != nil {
		if err := r.s.onRow(r.table, k); err != nil {
			return nil, err
		}
	}
	return []any{k, fmt.Sprintf("row %d of %s", k, r.table)}, nil
}

func (r *fakeRows) Close() error { return nil }

func (s *fakeSource) Proof(context.Context) (migration.Proof, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := migration.Proof{MaxLogID: 1, Counts: map[string]int64{}, Started: time.Unix(1000, 0)}
	for _, t := range s.tables {
		p.Counts[t.FullName()] = int64(len(s.rows[t.FullName()]))
	}
	if !s.noUsage {
		p.Usage = maps.Clone(s.usage)
	}
	return p, nil
}

func (s *fakeSource) Users(context.Context) ([]migration.User, error) { return s.users, nil }

func (s *fakeSource) Items(_ context.Context, kind migration.ItemKind, yield func(migration.Item) error) error {
	s.mu.Lock()
	items := slices.Clone(s.items)
	for i := range items {
		if b, ok := s.files[items[i].Source]; ok && !s.untold {
			items[i].Size, items[i].Modified = int64(len(b)), s.modified(items[i].Source)
		}
	}
	s.mu.Unlock()
	slices.SortStableFunc(items, func(a, b migration.Item) int { return cmp.Compare(a.Row, b.Row) })
	for _, it := range items {
		if it.Kind == kind {
			if err := yield(it); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *fakeSource) Tail(ctx context.Context, after int64, yield func(migration.Item) error) error {
	return s.Items(ctx, migration.KindDocument, func(it migration.Item) error {
		if it.Row <= after {
			return nil
		}
		return yield(it)
	})
}

func (s *fakeSource) Open(_ context.Context, it migration.Item) (migration.File, error) {
	if s.onOpen != nil {
		if err := s.onOpen(it); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.files[it.Source]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: it.Source, Err: fs.ErrNotExist}
	}
	return &fakeFile{bytes.NewReader(b), s.modified(it.Source)}, nil
}

func (s *fakeSource) Strays(context.Context) (migration.Strays, error) {
	return migration.Strays{Files: 2, Bytes: 20}, nil
}

// modified is the time of a file's last change.
func (s *fakeSource) modified(source string) time.Time {
	if at, ok := s.times[source]; ok {
		return at
	}
	return time.Unix(1, 0)
}

// write replaces the content of a document, at a second of its own.
func (s *fakeSource) write(id int64, content string, second int64) {
	source := fmt.Sprintf("mem/%d", id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[source], s.times[source] = []byte(content), time.Unix(second, 0)
	for i := range s.items {
		if it := &s.items[i]; it.Row == id {
			it.Source, it.Outcome, it.Reason = source, "", migration.Message{}
		}
	}
}

// remove takes a document's row away.
func (s *fakeSource) remove(id int64) {
	s.items = slices.DeleteFunc(s.items, func(it migration.Item) bool { return it.Row == id })
}

type fakeFile struct {
	*bytes.Reader
	at time.Time
}

func (f *fakeFile) Close() error               { return nil }
func (f *fakeFile) Stat() (fs.FileInfo, error) { return fakeInfo{f.Size(), f.at}, nil }

type fakeInfo struct {
	size int64
	at   time.Time
}

func (i fakeInfo) Name() string       { return "file" }
func (i fakeInfo) Size() int64        { return i.size }
func (i fakeInfo) Mode() fs.FileMode  { return 0o600 }
func (i fakeInfo) ModTime() time.Time { return i.at }
func (i fakeInfo) IsDir() bool        { return false }
func (i fakeInfo) Sys() any           { return nil }
