package migration

import (
	"context"
	"fmt"
	"time"
)

// What is assumed where nothing was measured. The range has to hold the truth,
// so its ends are the better and the worse case.
const (
	// A package is this part of the size of the database: 0.28 in the mean of CRM
	// rows, less of text that repeats, more of pictures in the rows.
	packageLeast, packageMost = 0.1, 0.7
	// Bytes a second at which a database is read and compressed.
	readFast, readSlow = 100 << 20, 5 << 20
	// Files at once; the run finds out by itself what the line takes.
	sendersFast, sendersSlow = mostSenders, 24
	// What a file takes that no number of connections makes shorter: reading it,
	// its sums, the journal.
	fileFast, fileSlow = 200 * time.Microsecond, 2 * time.Millisecond
	// Start, manifest and certificate, on a slow computer.
	overhead = time.Minute
	// Figures that were raised to the number of rows may be off by this part.
	raised = 0.25
)

// Extent tells how much of what there is a Forecast has counted.
type Extent string

// The extents, the worse ones last.
const (
	ExtentAll   Extent = "all"      // every file
	ExtentAbout Extent = "about"    // a part, raised to the number of rows
	ExtentLeast Extent = "at-least" // a part, and nobody knows of how many
)

// Forecast is what can be said of an upload before its start.
type Forecast struct {
	Extent   Extent             `json:"extent"`
	Kinds    map[ItemKind]Tally `json:"kinds"` // files that would be sent
	Files    int64              `json:"files"` // of all kinds
	Bytes    int64              `json:"bytes"`
	Database int64              `json:"database"` // size of the database before it is compressed, in bytes
	Free     int64              `json:"free"`     // bytes free at the target, -1 if unknown
	Line     *Line              `json:"line,omitempty"`
	// Least and Most are how long the upload takes; 0 where that cannot be told.
	Least time.Duration `json:"leastNanoseconds"`
	Most  time.Duration `json:"mostNanoseconds"`
}

// Needs is how many bytes arrive at the target at least.
func (f *Forecast) Needs() int64 { return f.Bytes + int64(packageLeast*float64(f.Database)) }

// judge works out the range. The line and the reading of the database overlap,
// so the best case is the longest of them; in the worst case the requests come
// on top of the bytes.
func (f *Forecast) judge() {
	if f.Line == nil || f.Line.Low <= 0 {
		return
	}
	files, bytes := float64(f.Files), float64(f.Bytes)
	more := 1.0
	if f.Extent == ExtentAbout {
		more = 1 + raised
	}
	database, request := float64(f.Database), f.Line.Request.Seconds()
	least := max(
		(bytes/more+packageLeast*database)/float64(f.Line.High),
		files/more*max(request/sendersFast, fileFast.Seconds()),
		database/readFast,
	)
	most := max(
		(bytes*more+packageMost*database)/float64(f.Line.Low)+files*more*max(request/sendersSlow, fileSlow.Seconds()),
		database/readSlow,
	)
	f.Least = seconds(least * (1 - doubt))
	if f.Extent != ExtentLeast {
		f.Most = seconds(most*(1+doubt)) + overhead
	}
}

// forecaster counts what a source has and measures the way to a target.
type forecaster struct {
	src   Source
	dst   Target
	limit time.Duration // for counting
	now   func() time.Time
	marks []int64 // ids of every markEvery-th row of document, to tell how far a pass has come
	rows  int64   // of document, in all
}

const markEvery = 1000

// forecast fails if the source cannot be read. That the line cannot be measured
// is no failure, there is only no time then.
func (k *forecaster) forecast(ctx context.Context, cat *Catalog) (*Forecast, error) {
	f := &Forecast{Extent: ExtentAll, Kinds: map[ItemKind]Tally{}, Database: cat.SizeKB << 10}
	rights, err := k.dst.Probe(ctx)
	if err != nil {
		return nil, fmt.Errorf("probe target: %w", err)
	}
	f.Free = rights.Free
	if rights.Write {
		if line, err := measureLine(ctx, k.dst, k.now); err == nil {
			f.Line = &line
		}
	}
	left := k.limit
	for _, kind := range ItemKinds() {
		// Half of what is left, so that a large kind leaves time for the others.
		begin := k.now()
		c, err := k.count(ctx, cat, kind, left/2)
		if err != nil {
			return nil, fmt.Errorf("count files of kind %s: %w", kind, err)
		}
		left -= k.now().Sub(begin)
		f.Kinds[kind] = c.Tally
		f.Files, f.Bytes = f.Files+c.Count, f.Bytes+c.Bytes
		if c.extent == ExtentLeast || f.Extent == ExtentAll {
			f.Extent = c.extent
		}
	}
	f.judge()
	return f, nil
}

type kindCount struct {
	Tally
	extent Extent
}

// count goes through the files of a kind. When the time is over it raises the
// figures to the number of rows, if it can tell how many of them it has seen.
func (k *forecaster) count(ctx context.Context, cat *Catalog, kind ItemKind, limit time.Duration) (kindCount, error) {
	c := kindCount{extent: ExtentAll}
	inTime, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	seen, last := int64(0), int64(0)
	err := k.src.Items(inTime, kind, func(it Item) error {
		if seen++; kind == KindDocument && seen%markEvery == 0 {
			k.marks = append(k.marks, it.Row)
		}
		last = it.Row
		if it.Outcome == "" {
			c.Count, c.Bytes = c.Count+1, c.Bytes+it.Size
		}
		return inTime.Err()
	})
	switch {
	case ctx.Err() != nil:
		return c, ctx.Err()
	case inTime.Err() == nil || err == nil:
		if kind == KindDocument {
			k.rows = seen
		}
		return c, err
	}
	of := int64(0)
	switch kind {
	case KindDocument:
		of, err = k.rowsOf(ctx, cat, "document")
		k.rows = of
	case KindAttachment:
		of, err = k.rowsOf(ctx, cat, "attachment")
	case KindVersion:
		seen, of = k.passed(last), k.rows
	}
	c.extent = ExtentLeast
	if err == nil && seen >= markEvery && of >= seen {
		c.extent = ExtentAbout
		part := float64(of) / float64(seen)
		c.Count, c.Bytes = int64(float64(c.Count)*part), int64(float64(c.Bytes)*part)
	}
	return c, err
}

// rowsOf is the number of rows of a table of SuperOffice, 0 if there is none.
func (k *forecaster) rowsOf(ctx context.Context, cat *Catalog, name string) (int64, error) {
	t := cat.Find(cat.Schema, name)
	if t == nil {
		return 0, nil
	}
	return k.src.Count(ctx, t)
}

// passed is how many rows of document have been passed at this id; 0 where the
// documents were not counted so far.
func (k *forecaster) passed(id int64) int64 {
	for i, mark := range k.marks {
		if mark >= id {
			return int64(i+1) * markEvery
		}
	}
	return 0
}
