package main

import (
	"bytes"
	"image"
	_ "image/png"
	"testing"

	"omt/onsite/sample"
)

// TestGuideReadsPictures: those of the sample's people come to the window, and
// before anybody has connected there are none.
func TestGuideReadsPictures(t *testing.T) {
	s := serveSample(t, small, sample.ServeOptions{})
	g := s.start(t)
	if of := do(g.Portraits(t.Context()))(t); len(of) != 0 || do(g.Portrait(t.Context(), 1))(t) != nil {
		t.Errorf("without a connection: %v", of)
	}
	g, _, _ = s.arrive(t)
	of := do(g.Portraits(t.Context()))(t)
	for _, picture := range of {
		if _, _, err := image.Decode(bytes.NewReader(do(g.Portrait(t.Context(), picture))(t))); err != nil {
			t.Errorf("picture %d: %v", picture, err)
		}
	}
	if len(of) == 0 {
		t.Error("nobody has a picture")
	}
}
