package app

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// What was looked at and accepted lies in looksDir: the sums of the dots of every
// page in every state, the markup of each, and pictures of the main ones.
const (
	looksDir  = "testdata/looks"
	looksSums = looksDir + "/pixels.txt"
	failedDir = "testdata/failed"
	howAccept = "Look at it. If this is how it should be: make accept, and commit app/" + looksDir
)

// looksDrawn are the languages and appearances that are compared dot by dot.
var looksDrawn = map[string][]Appearance{
	"en": {AppearanceLight, AppearanceDark, AppearanceContrast},
	"de": {AppearanceLight},
}

// TestLooks compares every page in every state with what was looked at: the dots
// of the whole window, and its markup, which says in words what is where. What
// differs is drawn into testdata/failed. With OMT_ACCEPT set it is accepted
// instead: make accept.
func TestLooks(t *testing.T) {
	drawn(t)
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round the edges of letters in another way")
	}
	l := &looks{accept: os.Getenv("OMT_ACCEPT") != "", sums: readSums(t), made: map[string]bool{filepath.Base(looksSums): true}, seen: map[string]bool{}}
	for _, language := range slices.Sorted(maps.Keys(looksDrawn)) {
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			for _, c := range screens() {
				t.Run(c.name, func(t *testing.T) { l.page(t, c, language) })
			}
		})
	}
	t.Run("sheets", func(t *testing.T) {
		speak(t, "en")
		for _, s := range sheets() {
			t.Run(s.name, func(t *testing.T) { l.sheet(t, s) })
		}
	})
	if !strings.Contains(flag.Lookup("test.run").Value.String(), "/") { // else only some were drawn
		l.leftOver(t)
	}
	if l.accept {
		l.write(t)
	}
}

// looks is what was accepted, and what of it was drawn again.
type looks struct {
	accept bool
	sums   map[string]string // of a picture by its name
	seen   map[string]bool   // of sums
	made   map[string]bool   // files of looksDir
}

// page draws a page in all appearances of a language.
func (l *looks) page(t *testing.T, c pageCase, language string) {
	synctest.Test(t, func(t *testing.T) {
		w, q := openCase(t, c, AppearanceLight)
		if language == "en" {
			l.markup(t, c.name+".xml", test.RenderToMarkup(w.win.Canvas()))
		}
		for _, a := range looksDrawn[language] {
			if a == AppearanceContrast && !c.main() {
				continue
			}
			if a != AppearanceLight {
				fyne.CurrentApp().Settings().SetTheme(newLook(a))
			}
			l.picture(t, c, language, a, w.win.Canvas().Capture())
		}
		end(w, q)
	})
}

// markup compares what is where, in words.
func (l *looks) markup(t *testing.T, name, got string) {
	t.Helper()
	l.made[name] = true
	path := filepath.Join(looksDir, name)
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	if l.accept {
		store(t, path, []byte(got))
		return
	}
	failed := filepath.Join(failedDir, name)
	store(t, failed, []byte(got))
	t.Errorf("the markup is another one than in %s: compare it with %s. %s", path, failed, howAccept)
}

// picture compares dots. Of a main state the accepted picture is kept; of all
// others its sum, and make screens at the commit before draws it.
func (l *looks) picture(t *testing.T, c pageCase, language string, a Appearance, got image.Image) {
	t.Helper()
	name, main := fmt.Sprintf("%s-%s-%s", c.name, language, a), c.main() && a != AppearanceContrast
	l.seen[name] = true
	file := filepath.Join(looksDir, name+".png")
	if main {
		l.made[name+".png"] = true
	}
	dots := dotsOf(got)
	sum := sumOf(dots)
	old := l.sums[name]
	if main {
		if _, err := os.Stat(file); err != nil {
			old = ""
		}
	}
	if sum == old && !(l.accept && main) { // the encoder may have changed
		return
	}
	if l.accept {
		l.sums[name] = sum
		if main {
			writePNG(t, file, dots)
		}
		return
	}
	failed := filepath.Join(failedDir, name+".png")
	writePNG(t, failed, dots)
	kept, err := readPNG(file)
	if err != nil {
		t.Errorf("drawn otherwise than accepted: %s. How it was: OMT_SCREENS_ONLY=%s make screens LANGUAGES=%s at the commit before. %s", failed, c.name, language, howAccept)
		return
	}
	marked, where := difference(dotsOf(kept), dots)
	other := filepath.Join(failedDir, name+"-difference.png")
	writePNG(t, other, marked)
	t.Errorf("drawn otherwise than accepted, within %v: %s; accepted is %s, what differs is red in %s. %s", where, failed, file, other, howAccept)
}

// leftOver finds what was accepted and is drawn no more.
func (l *looks) leftOver(t *testing.T) {
	for name := range l.sums {
		if l.seen[name] {
			continue
		}
		if l.accept {
			delete(l.sums, name)
			continue
		}
		t.Errorf("%s has %s, which is not drawn any more. %s", looksSums, name, howAccept)
	}
	files, err := os.ReadDir(looksDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if l.made[f.Name()] {
			continue
		}
		path := filepath.Join(looksDir, f.Name())
		if !l.accept {
			t.Errorf("%s is not drawn any more. %s", path, howAccept)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// readSums reads the accepted sums, a line each.
func readSums(t *testing.T) map[string]string {
	out := map[string]string{}
	f, err := os.Open(looksSums)
	if errors.Is(err, fs.ErrNotExist) {
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, sum, ok := strings.Cut(lines.Text(), " "); ok {
			out[name] = sum
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func (l *looks) write(t *testing.T) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l.sums)) {
		fmt.Fprintf(&b, "%s %s\n", name, l.sums[name])
	}
	store(t, looksSums, []byte(b.String()))
}

// dotsOf are the dots of a picture in one form for all files.
func dotsOf(img image.Image) *image.NRGBA {
	if same, ok := img.(*image.NRGBA); ok && same.Rect.Min == (image.Point{}) {
		return same
	}
	out := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// sumOf is that of size and dots.
func sumOf(img *image.NRGBA) string {
	h := sha256.New()
	fmt.Fprintf(h, "%v\n", img.Rect)
	h.Write(img.Pix)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// near tells whether two colours are at most so far from each other.
func near(a, b color.NRGBA, far int) bool {
	apart := func(x, y uint8) bool { return max(int(x)-int(y), int(y)-int(x)) > far }
	return !apart(a.R, b.R) && !apart(a.G, b.G) && !apart(a.B, b.B) && !apart(a.A, b.A)
}

// keptWithin is how far the colours of a kept picture may be from those that were
// drawn; what differs by less is no difference to the eye.
const keptWithin = 40

// difference is the new picture, pale, with every dot that was another one in
// red, and the rectangle around those.
func difference(old, now *image.NRGBA) (*image.NRGBA, image.Rectangle) {
	out := image.NewNRGBA(now.Rect)
	var where image.Rectangle
	for y := range now.Rect.Dy() {
		for x := range now.Rect.Dx() {
			c := now.NRGBAAt(x, y)
			if near(c, old.NRGBAAt(x, y), keptWithin) {
				out.SetNRGBA(x, y, color.NRGBA{c.R/2 + 96, c.G/2 + 96, c.B/2 + 96, 255})
				continue
			}
			out.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
			where = where.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return out, where
}

func store(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// writePNG writes a picture as small as it gets while it looks the same.
func writePNG(t *testing.T, path string, img *image.NRGBA) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	coder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := errors.Join(coder.Encode(f, fewColours(img)), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// fewColours is the picture with a palette of those colours that it has most of,
// such that none of the others is far from one of them: they are dots at the
// edges of letters. With all colours a picture takes three times the room.
func fewColours(img *image.NRGBA) *image.Paletted {
	count := map[color.NRGBA]int{}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			count[img.NRGBAAt(x, y)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(count), func(a, b color.NRGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B), cmp.Compare(a.A, b.A))
	})
	var palette color.Palette
	for far := 0; palette == nil || len(palette) > 256; far += 4 {
		palette = nil
		for _, c := range most {
			if !slices.ContainsFunc(palette, func(p color.Color) bool { return near(c, p.(color.NRGBA), far) }) {
				palette = append(palette, c)
			}
			if len(palette) > 256 {
				break
			}
		}
	}
	at := map[color.NRGBA]uint8{}
	for _, c := range most {
		at[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(img.Rect, palette)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			out.Pix[y*out.Stride+x] = at[img.NRGBAAt(x, y)]
		}
	}
	return out
}

func readPNG(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}
