package onsite

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"omt/migration"
)

// TestFoldersOfAnOffice counts how often the folder changes while the documents of
// an office are read: fifty people who write at the same time, for two years.
func TestFoldersOfAnOffice(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	folder := func(d documentRow) string { return strings.Join(d.formula()[:2], "/") }
	was, byID, byFolder := "", 0, 0
	last := ""
	var window []documentRow
	const rows = 40_000
	for id := int64(1); id <= rows; id++ {
		d := documentRow{
			id: id, name: fmt.Sprintf("letter %d.docx", id), dated: true, appointment: true, ownerID: 1, owner: fmt.Sprintf("P%02d", rng.IntN(50)),
			registered: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(id) * 2 * 365 * 24 * time.Hour / rows),
		}
		if f := folder(d); f != was {
			was = f
			byID++
		}
		if window = append(window, d); id < rows && migration.Window(id+1) == migration.Window(id) {
			continue
		}
		err := inOrder(t.Context(), window, func(d documentRow) error {
			if f := folder(d); f != last {
				last = f
				byFolder++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		window = window[:0]
	}
	t.Logf("%d documents: another folder %d times in the order of ids, %d times by windows", rows, byID, byFolder)
	if byFolder*15 > byID {
		t.Errorf("another folder %d times, in the order of ids %d times", byFolder, byID)
	}
}

// TestOrderOfWindow: whatever rows a window has, each is handed on once, a folder
// is met once, and rows of one path come by their ids, so that the first of them
// is the same in every run.
func TestOrderOfWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []documentRow
		for id := range rapid.IntRange(0, 60).Draw(t, "rows") {
			d := documentRow{
				id: int64(id), name: rapid.SampledFrom([]string{"a.docx", "A.DOCX", "b.pdf", "..", ""}).Draw(t, "name"), dated: true,
				registered:  time.Date(2015+rapid.IntRange(0, 2).Draw(t, "year"), time.Month(1+rapid.IntRange(0, 11).Draw(t, "month")), 3, 0, 0, 0, 0, time.UTC),
				appointment: rapid.IntRange(0, 5).Draw(t, "appointment") > 0, ownerID: 1,
				owner: rapid.SampledFrom([]string{"HH", "hh", "GB", ""}).Draw(t, "owner"),
			}
			rows = append(rows, d)
		}
		seen, met := map[int64]bool{}, map[string]bool{}
		folder, path, last := "", "", int64(-1)
		err := inOrder(t.Context(), rows, func(d documentRow) error {
			if seen[d.id] {
				t.Errorf("row %d comes twice", d.id)
			}
			seen[d.id] = true
			f, p := "", ""
			if e := d.formula(); e != nil {
				f, p = foldName(e[0])+"/"+e[1], foldName(e[0])+"/"+e[1]+"/"+foldName(e[2])
			}
			if f != folder && met[f] {
				t.Errorf("folder %s is met again", f)
			}
			if p == path && d.id < last {
				t.Errorf("row %d after row %d of the same path %q", d.id, last, p)
			}
			met[f], folder, path, last = true, f, p, d.id
			return nil
		})
		if err != nil || len(seen) != len(rows) {
			t.Errorf("%s of %d rows, %v", fmt.Sprint(len(seen)), len(rows), err)
		}
	})
}
