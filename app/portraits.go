package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // SuperOffice takes what Windows can show
	_ "image/jpeg" // see above
	_ "image/png"  // see above
	"slices"

	_ "golang.org/x/image/bmp" // see above
	"golang.org/x/image/draw"

	"omt/migration"
)

const (
	portraitEdge  = 64   // pixels of a picture as it is kept: 16 KiB each
	portraitSide  = 4096 // pixels of a side above which one is not decoded
	portraitArea  = 4 << 20
	portraitMost  = 2000 // kept at once, so that they never need more than 32 MiB
	portraitBatch = 100  // read in one go; other work gets in between
)

var errPortraitSize = errors.New("picture is too large")

// thumbnail decodes a picture that somebody stored and cuts it to a square. What
// it says of its size is looked at first: a few bytes can stand for gigabytes.
func thumbnail(data []byte) (image.Image, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read size of picture: %w", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > portraitSide || c.Height > portraitSide || c.Width*c.Height > portraitArea {
		return nil, fmt.Errorf("decode picture of %d x %d: %w", c.Width, c.Height, errPortraitSize)
	}
	whole, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode picture: %w", err)
	}
	b := whole.Bounds()
	// Faces are in the upper half of a tall picture and in the middle of a wide one.
	edge := min(b.Dx(), b.Dy())
	left := b.Min.X + (b.Dx()-edge)/2
	out := image.NewNRGBA(image.Rect(0, 0, portraitEdge, portraitEdge))
	draw.BiLinear.Scale(out, out.Bounds(), whole, image.Rect(left, b.Min.Y, left+edge, b.Min.Y+edge), draw.Src, nil)
	return out, nil
}

// portraits are the pictures of the people of one installation, as far as they
// have been read. All methods are called on fyne's goroutine.
type portraits struct {
	h       host
	of      keptPlace // the installation
	people  []int64   // in the order in which their pictures are wanted
	images  map[int64]image.Image
	rest    []portrait // to be read
	listed  bool
	reading bool
	shown   bool   // the page is in front: nobody waits for pictures that nobody sees
	changed func() // some have come
}

// portrait is whose picture it is and what the database calls it.
type portrait struct{ associate, picture int64 }

// image is that of a person, nil if there is none.
func (p *portraits) image(id int64) image.Image { return p.images[id] }

// show reads what was not read yet, in the order of the people.
func (p *portraits) show(people []int64) {
	if at := keptAt(p.h.flow().location); at != p.of || p.images == nil {
		p.of, p.images, p.rest, p.listed = at, map[int64]image.Image{}, nil, false
	}
	p.people, p.shown = people, true
	p.read()
}

func (p *portraits) hide() { p.shown = false }

// read asks for the list first and then for one batch after the other. A failure
// ends it until the page comes again: initials stand in the place of pictures, and
// nothing depends on them.
func (p *portraits) read() {
	if p.reading || !p.shown || p.listed && len(p.rest) == 0 {
		return
	}
	p.reading = true
	g, of, people := p.h.guide(), p.of, p.people
	job := func(ctx context.Context) (func(), error) {
		have, err := g.Portraits(ctx)
		if err != nil {
			return nil, err
		}
		rest := listed(people, have)
		return func() { p.take(of, rest, nil) }, nil
	}
	if p.listed {
		batch := p.rest[:min(portraitBatch, len(p.rest))]
		rest := p.rest[len(batch):]
		job = func(ctx context.Context) (func(), error) {
			found, err := decode(ctx, g, batch)
			if err != nil {
				return nil, err
			}
			return func() { p.take(of, rest, found) }, nil
		}
	}
	p.h.quietly(migration.Msg("doing.portraits"), job, func(error) bool {
		p.reading = false
		return true
	})
}

// take shows what was found and goes on with the rest. The answer of another
// installation comes too late.
func (p *portraits) take(of keptPlace, rest []portrait, found map[int64]image.Image) {
	p.reading = false
	if of == p.of {
		p.listed, p.rest = true, rest
		for id, img := range found {
			p.images[id] = img
		}
		if len(found) > 0 {
			p.changed()
		}
	}
	p.read()
}

// listed are the people who have a picture, in their order, and no more of them
// than are kept.
func listed(people []int64, of map[int64]int64) []portrait {
	var out []portrait
	for _, id := range people {
		if picture, ok := of[id]; ok {
			out = append(out, portrait{id, picture})
		}
	}
	return slices.Clip(out[:min(len(out), portraitMost)])
}

// decode reads a batch. A picture that is none is left out.
func decode(ctx context.Context, g Guide, batch []portrait) (map[int64]image.Image, error) {
	out := map[int64]image.Image{}
	for _, p := range batch {
		data, err := g.Portrait(ctx, p.picture)
		if err != nil {
			return nil, err
		}
		if img, err := thumbnail(data); err == nil {
			out[p.associate] = img
		}
	}
	return out, nil
}
