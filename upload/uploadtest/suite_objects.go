package uploadtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

func (s *suite) describe(t *testing.T) {
	if s.open(t).Describe() == "" {
		t.Error("the target has no name for people")
	}
}

func (s *suite) probe(t *testing.T) {
	x := s.open(t)
	for range 2 {
		r, err := x.Probe(t.Context())
		must(t, err)
		if !r.Read || !r.Write || !r.List || r.Free < -1 || r.Free == 0 {
			t.Errorf("rights %+v, want all", r)
		}
	}
	if left := paths(t, x, ""); len(left) != 0 {
		t.Errorf("probe left %v", left)
	}
}

func (s *suite) put(t *testing.T) {
	x := s.open(t)
	for name, b := range map[string][]byte{"empty": nil, "one": {0}, "small": content(1, 5000), "large": content(2, 3<<20)} {
		path := "documents/abc/2026.1/" + name
		put(t, x, path, b)
		same(t, x, path, b)
	}
	if s.reopen != nil {
		x = s.restart(t, x)
		same(t, x, "documents/abc/2026.1/large", content(2, 3<<20))
		same(t, x, "documents/abc/2026.1/empty", nil)
	}
}

func (s *suite) putReplaces(t *testing.T) {
	x := s.open(t)
	for i, n := range []int{5000, 10, 0, 70000, 70000} {
		put(t, x, "a/b", content(i, n))
		same(t, x, "a/b", content(i, n))
	}
	if got := paths(t, x, ""); !slices.Equal(got, []string{"a/b"}) {
		t.Errorf("listed %v", got)
	}
}

// putVerifies: a body that is not what was announced is refused, and what was
// there before is still there, whole.
func (s *suite) putVerifies(t *testing.T) {
	x := s.open(t)
	b := content(1, 10000)
	wrong := sumOf(b)
	wrong.MD5[3] ^= 1
	for name, c := range map[string]struct {
		body []byte
		sum  migration.Sum
	}{
		"wrong MD5": {b, wrong}, "cut off": {b[:9999], sumOf(b)}, "too long": {append(slices.Clone(b), 0), sumOf(b)},
	} {
		if err := x.Put(t.Context(), "new", bytes.NewReader(c.body), c.sum); err == nil {
			t.Fatalf("%s: accepted", name)
		}
		absent(t, x, "new")
		put(t, x, "old", []byte("before"))
		if err := x.Put(t.Context(), "old", bytes.NewReader(c.body), c.sum); err == nil {
			t.Fatalf("%s: accepted over an object", name)
		}
		same(t, x, "old", []byte("before"))
	}
	broken := io.MultiReader(bytes.NewReader(b[:5000]), failingReader{})
	if err := x.Put(t.Context(), "new", readSeeker{broken}, sumOf(b)); err == nil {
		t.Fatal("a body that fails was accepted")
	}
	absent(t, x, "new")
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("disk read error") }

// readSeeker gives a reader that can be rewound only at its start.
type readSeeker struct{ io.Reader }

func (readSeeker) Seek(int64, int) (int64, error) { return 0, nil }

// putRewinds: the caller may have hashed the body before.
func (s *suite) putRewinds(t *testing.T) {
	x := s.open(t)
	b := content(1, 1000)
	r := bytes.NewReader(b)
	if _, err := r.Seek(0, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	must(t, x.Put(t.Context(), "a", r, sumOf(b)))
	same(t, x, "a", b)
}

// names are paths as migration.TargetPath makes them: whatever a customer's
// file was called comes back under the same path.
func (s *suite) names(t *testing.T) {
	x := s.open(t)
	var want []string
	for i, raw := range []string{
		"plain.docx", "with space.txt", "æøå ÆØÅ ß.txt", "日本語.docx", "😀.msg", "a%b.txt", "100%.txt", "what?.txt", `q"uote.txt`,
		"a#b&c=d+e;f,g'h!.txt", "x.partial", "x", ".hidden", "trailing.", "trailing ", "a:b", `back\slash`, "CON", "nul.txt", "..", ".",
		"e\u0301.txt", "[1].doc", "{x}~1.doc", "%2E%2E", strings.Repeat("long name ", 40) + ".docx", "session.lock", "tab\there",
	} {
		path := migration.TargetPath("documents", "user", raw)
		put(t, x, path, content(i, 10+i))
		want = append(want, path)
	}
	for i, path := range want {
		same(t, x, path, content(i, 10+i))
	}
	slices.Sort(want)
	if got := paths(t, x, "documents/"); !slices.Equal(got, want) {
		t.Errorf("listed\n%q\nwant\n%q", got, want)
	}
}

func (s *suite) parallelPut(t *testing.T) {
	x := s.open(t)
	const n = 24
	each(t, n, func(i int) error {
		b := content(i, 20000)
		return x.Put(t.Context(), fmt.Sprintf("p/%d/%d", i%3, i), bytes.NewReader(b), sumOf(b))
	})
	for i := range n {
		same(t, x, fmt.Sprintf("p/%d/%d", i%3, i), content(i, 20000))
	}
	// Several writers of one object: one of them wins, whole.
	each(t, 8, func(i int) error {
		b := content(i, 50000)
		return x.Put(t.Context(), "one", bytes.NewReader(b), sumOf(b))
	})
	got := read(t, x, "one", 0, -1)
	for i := range 8 {
		if bytes.Equal(got, content(i, 50000)) {
			return
		}
	}
	t.Error("the object is a mixture of several writes")
}

func (s *suite) ranges(t *testing.T) {
	x := s.open(t)
	b := content(1, 100000)
	put(t, x, "a", b)
	for _, r := range []struct{ offset, length int64 }{{0, -1}, {0, 10}, {99990, 10}, {99990, -1}, {50000, 1}, {1, 99999}, {0, 100000}} {
		want := b[r.offset:]
		if r.length >= 0 {
			want = want[:r.length]
		}
		if got := read(t, x, "a", r.offset, r.length); !bytes.Equal(got, want) {
			t.Errorf("range %d+%d: %d bytes, want %d", r.offset, r.length, len(got), len(want))
		}
	}
}

func (s *suite) notFound(t *testing.T) {
	x := s.open(t)
	put(t, x, "a/b", []byte("x"))
	for _, path := range []string{"none", "a", "a/none", "none/b", "a/b/c"} {
		absent(t, x, path)
	}
}

func (s *suite) list(t *testing.T) {
	x := s.open(t)
	if got := paths(t, x, ""); len(got) != 0 {
		t.Fatalf("a new target lists %v", got)
	}
	all := []string{"a.txt", "a/b", "a/b.c", "a/é", "ab", "b/1", "b/10", "b/2", "session.json"}
	before := time.Now().Add(-time.Minute)
	for _, i := range []int{6, 2, 8, 0, 7, 4, 1, 5, 3} {
		put(t, x, all[i], content(i, 1+i))
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "b/1", "b/", "c", "session.json", "a/b.c/"} {
		var want []string
		for _, p := range all {
			if strings.HasPrefix(p, prefix) {
				want = append(want, p)
			}
		}
		if got := paths(t, x, prefix); !slices.Equal(got, want) {
			t.Errorf("prefix %q: listed %q, want %q", prefix, got, want)
		}
	}
	must(t, x.List(t.Context(), "b/10", func(o migration.Object) error {
		if o.Size != 7 || o.Modified.Before(before) {
			t.Errorf("object %+v, want 7 bytes written just now", o)
		}
		return nil
	}))
}

func (s *suite) listStops(t *testing.T) {
	x := s.open(t)
	for i := range 5 {
		put(t, x, fmt.Sprintf("d/%d", i), []byte("x"))
	}
	enough := errors.New("enough")
	calls := 0
	err := x.List(t.Context(), "", func(migration.Object) error {
		if calls++; calls == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || calls != 2 {
		t.Errorf("%d calls, error %v; want the error of the second", calls, err)
	}
}

func (s *suite) cancelled(t *testing.T) {
	x := s.open(t)
	put(t, x, "old", []byte("x"))
	ctx := stopped(t)
	b := content(1, 1000)
	ref := stage(t, x, "part", block(1, b))
	for name, f := range map[string]func() error{
		"put":     func() error { return x.Put(ctx, "new", bytes.NewReader(b), sumOf(b)) },
		"stage":   func() error { _, err := x.Stage(ctx, "new", block(1, b)); return err },
		"restore": func() error { _, err := x.Restore(ctx, "part", nil); return err },
		"commit":  func() error { return x.Commit(ctx, "part", []migration.BlockRef{ref}) },
		"open":    func() error { _, err := x.Open(ctx, "old", 0, -1); return err },
		"list":    func() error { return x.List(ctx, "", func(migration.Object) error { return nil }) },
		"probe":   func() error { _, err := x.Probe(ctx); return err },
		"lease":   func() error { _, err := x.Lease(ctx, "h"); return err },
	} {
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
	absent(t, x, "new")
	absent(t, x, "part")
	must(t, x.Commit(t.Context(), "part", []migration.BlockRef{ref}))
	// Cancelled in the middle of the body.
	mid, cancel := context.WithCancel(t.Context())
	body := &cancelling{Reader: bytes.NewReader(content(2, 4<<20)), after: 1 << 20, cancel: cancel}
	if err := x.Put(mid, "new", body, sumOf(content(2, 4<<20))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled on the way: %v", err)
	}
	absent(t, x, "new")
}

// cancelling cancels once enough of it was read.
type cancelling struct {
	*bytes.Reader
	after  int64
	cancel func()
}

func (c *cancelling) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p[:min(len(p), 32<<10)])
	if c.Size()-int64(c.Len()) >= c.after {
		c.cancel()
	}
	return n, err
}
