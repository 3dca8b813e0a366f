package onsite_test

import (
	"errors"
	"io"
	"reflect"
	"testing"

	"omt/migration"
	"omt/onsite/sample"
)

func TestDatabaseItems(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	if err := in.CheckPaths(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := s.in.Expect()
	outcomes := map[migration.Outcome]int64{}
	files, bytes := map[migration.ItemKind]int64{}, map[migration.ItemKind]int64{}
	sources := map[string]bool{}
	for _, kind := range migration.ItemKinds() {
		var first, second []migration.Item
		keys := map[string]bool{}
		collect := func(to *[]migration.Item) {
			if err := in.Items(t.Context(), kind, func(it migration.Item) error { *to = append(*to, it); return nil }); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
		collect(&first)
		collect(&second)
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: two passes differ", kind)
		}
		for _, it := range first {
			if it.Kind != kind || keys[it.Key] || it.Outcome != migration.WithoutPath && it.Outcome != migration.OtherProvider && len(it.Elements) < 2 {
				t.Errorf("%s: key %q again, or %+v", kind, it.Key, it)
			}
			keys[it.Key] = true
			if kind == migration.KindDocument {
				if it.Outcome == "" {
					outcomes[migration.Uploaded]++
				} else {
					outcomes[it.Outcome]++
				}
			}
			if it.Source != "" && !sources[it.Source] {
				sources[it.Source] = true
				files[kind]++
				bytes[kind] += it.Size
			}
			if it.Outcome == "" {
				f, err := in.Open(t.Context(), it)
				if err != nil {
					t.Fatal(err)
				}
				n, err := io.Copy(io.Discard, f)
				if err != nil || n != it.Size || f.Close() != nil {
					t.Errorf("%s %s: %d bytes, %v", kind, it.Key, n, err)
				}
				if it.Reason.ID != "" {
					t.Errorf("%s %s: %v", kind, it.Key, it.Reason)
				}
			}
		}
	}
	if !reflect.DeepEqual(outcomes, e.Documents) {
		t.Errorf("documents %v, want %v", outcomes, e.Documents)
	}
	service := sample.Files{Files: e.Service["text"].Files + e.Service["templates"].Files, Bytes: e.Service["text"].Bytes + e.Service["templates"].Bytes}
	for kind, want := range map[migration.ItemKind]sample.Files{
		migration.KindDocument: e.DocumentFiles, migration.KindPersonal: e.Personal, migration.KindTemplate: e.Templates, migration.KindService: service,
		migration.KindAttachment: e.Attachments,
		migration.KindVersion:    {Files: e.Versions.Files + e.CheckedOut.Files, Bytes: e.Versions.Bytes + e.CheckedOut.Bytes},
	} {
		if files[kind] != want.Files || bytes[kind] != want.Bytes {
			t.Errorf("%s: %d files, %d bytes, want %+v", kind, files[kind], bytes[kind], want)
		}
	}
	strays, err := in.Strays(t.Context())
	if err != nil || strays != e.Strays {
		t.Errorf("strays %+v %v, want %+v", strays, err, e.Strays)
	}
	stop := errors.New("stop")
	if err := in.Items(t.Context(), migration.KindDocument, func(migration.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("yield's error became %v", err)
	}
}
