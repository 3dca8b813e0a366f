package migration

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// ManifestFormat names the format of the manifest's index.
const ManifestFormat = "omt-manifest/1"

// manifestLines is how many lines one file of the manifest holds: about 2 MB
// compressed, so that a receiver can read it in pieces.
const manifestLines = 20000

// ManifestLine is one object, or one row that has none.
type ManifestLine struct {
	Kind   string `json:"kind"`
	Key    string `json:"key"`
	Target string `json:"target"`
	Source string `json:"source,omitempty"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// MD5 and Modified are of a file that was sent: what storage says of the
	// object, and when the file on-site was last changed.
	MD5      string     `json:"md5,omitempty"`
	Modified *time.Time `json:"modified,omitempty"`
	Rows     []int64    `json:"rows"`
	Table    string     `json:"table,omitempty"`
	RowCount *int64     `json:"rowCount,omitempty"`
	CRC32    string     `json:"crc32,omitempty"`
	// Digest is that of the rows of a part as they were read, see RowDigest.
	Digest string   `json:"digest,omitempty"`
	State  Outcome  `json:"state"`
	Reason *Message `json:"reason,omitempty"`
	Owner  string   `json:"owner,omitempty"`
}

// ManifestFile is one file of lines as the index names it.
type ManifestFile struct {
	Name   string `json:"name"`
	Lines  int64  `json:"lines"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Tally counts objects and bytes.
type Tally struct {
	Count int64 `json:"count"`
	Bytes int64 `json:"bytes"`
}

// Tallies are counts by kind and outcome.
type Tallies map[string]map[Outcome]Tally

func (t Tallies) add(kind string, o Outcome, bytes int64) {
	if t[kind] == nil {
		t[kind] = map[Outcome]Tally{}
	}
	x := t[kind][o]
	x.Count++
	x.Bytes += bytes
	t[kind][o] = x
}

// ManifestIndex is manifest/<run>/index.json, written last of the manifest: a
// manifest without it is not complete.
type ManifestIndex struct {
	Format string         `json:"format"`
	Run    string         `json:"run"`
	Files  []ManifestFile `json:"files"`
	Counts Tallies        `json:"counts"`
}

// manifestWriter cuts lines into files and puts each when it is full; one file
// is in memory at a time.
type manifestWriter struct {
	target Target
	dir    string
	index  ManifestIndex
	buf    bytes.Buffer
	zip    *gzip.Writer
	lines  int64
}

func newManifestWriter(t Target, run string) *manifestWriter {
	w := &manifestWriter{target: t, dir: "manifest/" + run}
	w.index = ManifestIndex{Format: ManifestFormat, Run: run, Files: []ManifestFile{}, Counts: Tallies{}}
	w.zip = gzip.NewWriter(&w.buf)
	return w
}

func (w *manifestWriter) write(ctx context.Context, l ManifestLine) error {
	if l.Rows == nil {
		l.Rows = []int64{}
	}
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode manifest line %s %s: %w", l.Kind, l.Key, err)
	}
	if _, err := w.zip.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("compress manifest: %w", err)
	}
	// A shared object counts once for every row, its bytes once.
	w.index.Counts.add(l.Kind, l.State, l.Size)
	for range max(0, len(l.Rows)-1) {
		w.index.Counts.add(l.Kind, l.State, 0)
	}
	if w.lines++; w.lines == manifestLines {
		return w.flush(ctx)
	}
	return nil
}

func (w *manifestWriter) flush(ctx context.Context) error {
	if w.lines == 0 {
		return nil
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("compress manifest: %w", err)
	}
	name := fmt.Sprintf("%05d.jsonl.gz", len(w.index.Files))
	sum := sha256.Sum256(w.buf.Bytes())
	if err := putBytes(ctx, w.target, w.dir+"/"+name, w.buf.Bytes()); err != nil {
		return err
	}
	w.index.Files = append(w.index.Files, ManifestFile{
		Name: name, Lines: w.lines, Size: int64(w.buf.Len()), SHA256: hex.EncodeToString(sum[:]),
	})
	w.buf.Reset()
	w.zip.Reset(&w.buf)
	w.lines = 0
	return nil
}

// finish writes the last file and the index and returns path and SHA-256 of
// the index, which covers all lines through the sums of the files.
func (w *manifestWriter) finish(ctx context.Context) (path, digest string, err error) {
	if err := w.flush(ctx); err != nil {
		return "", "", err
	}
	b, err := json.MarshalIndent(w.index, "", "  ")
	if err != nil {
		return "", "", fmt.Errorf("encode manifest index: %w", err)
	}
	b = append(b, '\n')
	sum := sha256.Sum256(b)
	path = w.dir + "/index.json"
	return path, hex.EncodeToString(sum[:]), putBytes(ctx, w.target, path, b)
}
