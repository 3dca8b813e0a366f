package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
	"testing/synctest"

	"encoding/binary"

	"omt/migration"
)

// photo is a picture of two colours, split in the middle.
func photo(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 40, 40, 255}
			if x >= w/2 {
				c = color.RGBA{40, 40, 200, 255}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func photoPNG(t testing.TB, w, h int) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, photo(w, h)) })
}

// claims is the beginning of a PNG that says it has so many pixels.
func claims(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
}

func TestThumbnail(t *testing.T) {
	for name, data := range map[string][]byte{
		"small": photoPNG(t, 24, 24), "wide": photoPNG(t, 400, 100), "tall": photoPNG(t, 30, 300), "one pixel": photoPNG(t, 1, 1),
		"jpeg": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, photo(300, 300), nil) }),
		"gif":  encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, photo(90, 120), nil) }),
	} {
		img, err := thumbnail(data)
		if err != nil || img.Bounds() != image.Rect(0, 0, portraitEdge, portraitEdge) {
			t.Errorf("%s: %v, %v", name, img, err)
			continue
		}
		if r, _, b, _ := img.At(4, 30).RGBA(); name != "one pixel" && r < b {
			t.Errorf("%s: the left half is not the left one", name)
		}
	}
	for name, data := range map[string][]byte{
		"none": nil, "text": []byte("no picture"), "cut off": photoPNG(t, 24, 24)[:60], "nothing behind the size": claims(100, 100),
		"endless": claims(1<<30, 1<<30), "long": claims(1<<20, 1), "large": claims(4096, 4096), "no size": claims(0, 5),
	} {
		if img, err := thumbnail(data); err == nil || img != nil {
			t.Errorf("%s: %v", name, img)
		}
	}
	// A few bytes that stand for 51 MB must not be decoded to find that out.
	if _, err := thumbnail(claims(4096, 4096)); !errors.Is(err, errPortraitSize) {
		t.Errorf("too large: %v", err)
	}
}

// FuzzThumbnail: whatever is stored, it is a picture of one size or an error.
func FuzzThumbnail(f *testing.F) {
	f.Add(photoPNG(f, 3, 2))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return jpeg.Encode(b, photo(9, 9), nil) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return gif.Encode(b, photo(4, 4), nil) }))
	f.Add([]byte("BM"))
	f.Add(claims(1<<30, 7))
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := thumbnail(data)
		if (err == nil) != (img != nil) || err == nil && img.Bounds() != image.Rect(0, 0, portraitEdge, portraitEdge) {
			t.Errorf("%v, %v", img, err)
		}
	})
}

// withPictures gives two of the people a picture, one of them a broken one.
func withPictures(t testing.TB, g *fakeGuide) {
	g.portraits = map[int64]int64{11: 501, 12: 502, 13: 503}
	g.pictures = map[int64][]byte{501: photoPNG(t, 24, 24), 502: []byte("no picture")}
}

func TestPicturesComeToTheCards(t *testing.T) {
	h := newFakeHost(t)
	withPictures(t, h.g)
	v := newPlansView(h).(*plansView)
	h.page(v)
	if v.faces.image(11) == nil || v.faces.image(12) != nil || v.faces.image(13) != nil {
		t.Errorf("pictures %v", v.faces.images)
	}
	v.left()
	v.entered()
	if n := len(h.g.called("Portrait")); n != 3 || len(h.g.called("Portraits")) != 1 {
		t.Errorf("after two visits %d pictures were read", n)
	}
	// Another installation has other people.
	h.f.location.Database = "Other"
	h.g.portraits = nil
	v.left()
	v.entered()
	if v.faces.image(11) != nil {
		t.Error("the picture of another installation is shown")
	}
}

// TestPicturesAreReadInBatches: another piece of work comes in between, nobody
// gets more pictures than are kept, and none are read for a page that was left.
func TestPicturesAreReadInBatches(t *testing.T) {
	h := newFakeHost(t)
	h.f.draft = plansDraft(portraitMost + 300)
	h.g.portraits, h.g.pictures = map[int64]int64{}, map[int64][]byte{1: photoPNG(t, 8, 8)}
	for _, u := range h.f.draft.Users {
		h.g.portraits[u.AssociateID] = 1
	}
	h.hold = true
	v := newPlansView(h).(*plansView)
	h.page(v)
	step := func() {
		j := h.jobs[0]
		h.jobs = h.jobs[1:]
		done := make(chan func())
		go func() {
			apply, err := j.run(context.Background())
			if err != nil {
				t.Error(err)
			}
			done <- apply
		}()
		(<-done)()
	}
	step()
	step()
	if n := len(v.faces.images); n != portraitBatch {
		t.Errorf("the first batch brought %d pictures", n)
	}
	v.left()
	step()
	if len(h.jobs) != 0 {
		t.Error("pictures are read for a page that was left")
	}
	v.entered()
	for len(h.jobs) > 0 {
		step()
	}
	if n := len(v.faces.images); n != portraitMost {
		t.Errorf("%d pictures are kept, want %d", n, portraitMost)
	}
}

// TestPicturesThatCannotBeRead: the page works without, says nothing, and tries
// again when it comes again.
func TestPicturesThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newFakeGuide(t)
		withPictures(t, g)
		g.fail["Portrait"] = migration.Fail("read picture", "", errSample, migration.Msg("error.unknown"))
		w, q := open(t, g)
		w.shared = *sampleFlow()
		w.visit(placePlans)
		q.settle()
		v := w.pages[placePlans].view.(*plansView)
		if len(v.faces.images) != 0 || len(w.notices.Objects) != 0 {
			t.Errorf("%d pictures, notices %q", len(v.faces.images), texts(w.notices))
		}
		delete(g.fail, "Portrait")
		w.visit(placeChecklist)
		w.visit(placePlans)
		q.settle()
		if len(v.faces.images) != 1 {
			t.Errorf("%d pictures at the second visit", len(v.faces.images))
		}
		end(w, q)
	})
}

func BenchmarkThumbnail(b *testing.B) {
	for _, edge := range []int{24, 256, 1024} {
		data := encoded(b, func(o *bytes.Buffer) error { return jpeg.Encode(o, photo(edge, edge), nil) })
		b.Run(fmt.Sprint(edge), func(b *testing.B) {
			for b.Loop() {
				if _, err := thumbnail(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
