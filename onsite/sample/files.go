package sample

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Folders of an installation below its own.
const (
	archiveFolder = "so_arc"     // ArchivePath
	oldFolder     = "so_arc_old" // ArchivePath2
	systemFolder  = "system"     // stands for the system drive: programs and Customer Service
	dataFolder    = "database"
)

// fileBuilder writes the files of one installation.
type fileBuilder struct {
	ctx    context.Context
	o      Options
	dir    string
	world  *world
	expect *Expect
	made   map[string]bool // folders that exist
	buf    []byte
	cased  bool // the file system tells names apart that differ in case only
	count  int
}

func (b *fileBuilder) build() error {
	cased, err := caseSensitive(b.dir)
	if err != nil {
		return err
	}
	b.cased = cased
	steps := []func() error{b.documents, b.templates, b.personal, b.strays, b.twins, b.service, b.attachments}
	if b.o.Defects.has(DefectNoService) {
		steps = steps[:5]
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// caseSensitive tries whether two names that differ in case are two files.
func caseSensitive(dir string) (bool, error) {
	probe := filepath.Join(dir, "case.probe")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		return false, fmt.Errorf("probe file system: %w", err)
	}
	_, err := os.Stat(filepath.Join(dir, "CASE.PROBE"))
	if rmErr := os.Remove(probe); rmErr != nil {
		return false, fmt.Errorf("probe file system: %w", rmErr)
	}
	return os.IsNotExist(err), nil
}

// write makes one file of size bytes below root. Its bytes follow from seed,
// section and n; its date is at.
func (b *fileBuilder) write(root, rel, section string, n int64, size int, at time.Time) (string, error) {
	if b.count++; b.count%64 == 0 {
		if err := b.ctx.Err(); err != nil {
			return "", err
		}
	}
	full := filepath.Join(b.dir, root, filepath.FromSlash(rel))
	if folder := filepath.Dir(full); !b.made[folder] {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return "", fmt.Errorf("make folder: %w", err)
		}
		b.made[folder] = true
	}
	if cap(b.buf) < size {
		b.buf = make([]byte, size)
	}
	data := b.buf[:size]
	content(newRand(b.o.Seed, section, n), path.Ext(rel), data)
	if err := os.WriteFile(full, data, 0o644); err != nil {
		return "", fmt.Errorf("write file: %w", err)
	}
	if err := os.Chtimes(full, at, at); err != nil {
		return "", fmt.Errorf("date file: %w", err)
	}
	return full, nil
}

// content begins like a file of its kind; text files are text to their end.
func content(r *rand.Rand, ending string, data []byte) {
	var head string
	switch strings.ToLower(ending) {
	case ".docx", ".xlsx", ".pptx", ".dotx", ".potx":
		head = "PK\x03\x04\x14\x00\x06\x00"
	case ".doc", ".msg", ".dot":
		head = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	case ".pdf":
		head = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
	case ".png":
		head = "\x89PNG\r\n\x1a\n"
	case ".eml", ".txt", ".htm", ".html", ".log", ".somail", ".sxf":
		text(r, strings.ToLower(ending), data)
		return
	}
	fill(r, data[copy(data, head):])
}

func text(r *rand.Rand, ending string, data []byte) {
	head := ""
	switch ending {
	case ".eml":
		head = "From: kunde@kunde5.example\r\nTo: support@" + mailDomain + "\r\nSubject: " + ticketTitles[4] + "\r\n" +
			"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
	case ".htm", ".html":
		head = "<html><head><meta charset=\"utf-8\"></head><body>\r\n"
	}
	n := copy(data, head)
	for n < len(data) {
		n += copy(data[n:], pick(r, phrases)+"\r\n")
	}
}

// documents writes every document file that is to exist, with older versions
// and working copies.
func (b *fileBuilder) documents() error {
	for i := range b.o.Documents {
		d := b.o.document(b.world, i)
		if !d.hasFile() || d.kind == caseShared || (d.kind == caseClash && !b.cased) {
			continue
		}
		root := archiveFolder
		if d.old {
			root = oldFolder
			b.expect.SecondArchive++
		}
		rel := d.folder() + "/" + d.name
		if _, err := b.write(root, rel, "content", int64(d.content), d.size, d.registered); err != nil {
			return err
		}
		b.expect.DocumentFiles.add(d.size)
		if err := b.versions(root, &d); err != nil {
			return err
		}
	}
	return nil
}

func (b *fileBuilder) versions(root string, d *document) error {
	ending := path.Ext(d.name)
	base := strings.TrimSuffix(d.name, ending)
	for n := 1; n <= versionCount(d); n++ {
		rel := fmt.Sprintf("%s/%s/%s-%03d%s", d.folder(), base, base, n, ending)
		size := max(1024, d.size-n*100)
		if _, err := b.write(root, rel, "version", int64(d.index*10+n), size, d.registered); err != nil {
			return err
		}
		b.expect.Versions.add(size)
	}
	if d.kind != caseCheckedOut {
		return nil
	}
	// SuperOffice marks checked-out files as read-only.
	full, err := b.write(root, path.Join(d.folder(), base, d.name), "working copy", int64(d.index), d.size+77, lastDay)
	if err != nil {
		return err
	}
	b.expect.CheckedOut.add(d.size + 77)
	if err := os.Chmod(full, 0o444); err != nil {
		return fmt.Errorf("mark read-only: %w", err)
	}
	return nil
}
