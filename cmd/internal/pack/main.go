// Command pack makes the archive that a consultant downloads: the executables,
// README, licence, the licence texts of everything that is built into them, and
// checksums. The same input gives the same bytes.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	out := flag.String("o", "", "archive to write")
	target := flag.String("target", "windows", "operating system whose dependencies are listed")
	flag.Parse()
	if err := pack(*out, *target, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "pack: %v\n", err)
		os.Exit(1)
	}
}

// entry is one file of the archive.
type entry struct {
	name string
	data []byte
}

func pack(out, target string, files []string) error {
	if out == "" || len(files) == 0 {
		return errors.New("pack: name an archive with -o and the files that go into it")
	}
	var entries []entry
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		entries = append(entries, entry{filepath.Base(f), b})
	}
	mods, err := modules(target)
	if err != nil {
		return err
	}
	texts, err := notices(mods)
	if err != nil {
		return err
	}
	entries = append(entries, entry{"THIRD-PARTY-LICENCES.txt", texts})
	entries = append(entries, entry{"SHA256SUMS", sums(entries)})
	var b bytes.Buffer
	if err := writeZip(&b, entries); err != nil {
		return err
	}
	if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	return nil
}

// sums lists the files in the form that sha256sum -c reads.
func sums(entries []entry) []byte {
	var b bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(e.data), e.name)
	}
	return b.Bytes()
}

// epoch is the time of every file in the archive: with the time of the build no
// two archives would be the same.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func writeZip(w io.Writer, entries []entry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		f, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: epoch})
		if err != nil {
			return fmt.Errorf("add %s: %w", e.name, err)
		}
		if _, err := f.Write(e.data); err != nil {
			return fmt.Errorf("add %s: %w", e.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("end archive: %w", err)
	}
	return nil
}
