package onsite_test

import (
	"bytes"
	"image"
	_ "image/png"
	"testing"

	"omt/migration"
)

// TestPortraits: every picture of the sample can be read and is one; what is too
// large, packed or of somebody who is no user is not offered.
func TestPortraits(t *testing.T) {
	s := newServer(t, nil)
	in := s.connect(t)
	got, err := in.Portraits(t.Context())
	if err != nil || len(got) == 0 {
		t.Fatalf("%d pictures, %v", len(got), err)
	}
	for _, id := range got {
		data, err := in.Portrait(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if c, kind, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || kind != "png" || c.Width != 24 {
			t.Errorf("picture %d is %v, %q, %v", id, c, kind, err)
		}
	}
	if data, err := in.Portrait(t.Context(), 1<<30); err != nil || data != nil {
		t.Errorf("a picture that is not there: %v, %v", data, err)
	}
}

func TestPortraitsThatAreNotOffered(t *testing.T) {
	s := newServer(t, nil)
	before, err := s.connect(t).Portraits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var one, two, three int64
	for _, id := range before {
		one, two, three = two, three, id
	}
	s.exec(t, "UPDATE CRM7.BinaryObject SET isZipped = 1 WHERE BinaryObject_id = ?", one)
	s.exec(t, "UPDATE CRM7.BinaryObject SET blobSize = 262145 WHERE BinaryObject_id = ?", two)
	s.exec(t, "UPDATE CRM7.BinaryObject SET binaryData = zeroblob(262145) WHERE BinaryObject_id = ?", three)
	in := s.connect(t)
	after, err := in.Portraits(t.Context())
	if err != nil || len(after) != len(before)-2 {
		t.Errorf("%d of %d pictures are offered, %v", len(after), len(before), err)
	}
	// One whose column lies about its size is offered and not read.
	if data, err := in.Portrait(t.Context(), three); err != nil || data != nil {
		t.Errorf("%d bytes of one that is too large, %v", len(data), err)
	}
}

// TestPortraitsWithoutTables: an older database has none.
func TestPortraitsWithoutTables(t *testing.T) {
	s := old(t, func(c *migration.Catalog) { drop(c, "BinaryObjectLink") })
	if got, err := s.connect(t).Portraits(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
