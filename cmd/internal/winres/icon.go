package main

import (
	"bytes"
	"fmt"
	"image"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"github.com/tc-hib/winres"
)

// sizes are the edges in pixels that Windows asks for: task bar, desktop and
// Explorer at 100 to 200%.
var sizes = []int{16, 20, 24, 32, 40, 48, 64, 128, 256}

// draw makes an icon of the program's own drawing, each size from the shapes
// themselves, so that the small ones are not a blurred large one.
func draw(svg []byte) (*winres.Icon, error) {
	var images []image.Image
	for _, n := range sizes {
		shapes, err := oksvg.ReadIconStream(bytes.NewReader(svg))
		if err != nil {
			return nil, fmt.Errorf("read icon: %w", err)
		}
		shapes.SetTarget(0, 0, float64(n), float64(n))
		img := image.NewNRGBA(image.Rect(0, 0, n, n))
		scan := rasterx.NewScannerGV(n, n, img, img.Bounds())
		shapes.Draw(rasterx.NewDasher(n, n, scan), 1)
		images = append(images, img)
	}
	icon, err := winres.NewIconFromImages(images)
	if err != nil {
		return nil, fmt.Errorf("make icon: %w", err)
	}
	return icon, nil
}
