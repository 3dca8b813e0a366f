package wiring

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"omt/migration"
	"omt/migration/journal"
)

// Remembered is what the next start with a ticket of the same key proposes
// again. It holds no secrets.
type Remembered struct {
	Format   string             `json:"format"`
	Location migration.Location `json:"location"`
	Folder   string             `json:"folder"` // of a folder ticket
}

const (
	rememberedFormat = "omt-last/1"
	maxRemembered    = 1 << 20
)

// rememberedPath is the file of a key, named like its journal by a digest: the
// company's name may have letters that a disk refuses.
func rememberedPath(dir string, k journal.Key) string {
	h := sha256.New()
	for _, s := range []string{k.Environment, k.Tenant, k.Company, k.Serial} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return filepath.Join(dir, "omt-last-"+hex.EncodeToString(h.Sum(nil)[:8])+".json")
}

// remember stores what was used. It replaces the file in one step.
func (s *Session) remember(dir string) error {
	b, err := json.MarshalIndent(Remembered{Format: rememberedFormat, Location: s.located, Folder: s.Options.Target}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode last location: %w", err)
	}
	if err := writeFile(rememberedPath(dir, keyOf(s.Ticket)), append(b, '\n')); err != nil {
		return migration.Fail("remember location in", dir, err, migration.Msg("hint.journal.open", "Path", dir))
	}
	return nil
}

// remembered reads what remember stored; nothing is remembered by a first start.
func remembered(dir string, k journal.Key) (Remembered, error) {
	path := rememberedPath(dir, k)
	broken := func(err error) error {
		return migration.Fail("read last location", path, err, migration.Msg("hint.remembered", "Path", path))
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Remembered{}, nil
	}
	if err != nil {
		return Remembered{}, broken(err)
	}
	defer f.Close()
	var r Remembered
	if err := json.NewDecoder(io.LimitReader(f, maxRemembered)).Decode(&r); err != nil {
		return Remembered{}, broken(errors.New("file is not JSON of its form"))
	}
	if r.Format != rememberedFormat {
		return Remembered{}, broken(errors.New("format is not " + rememberedFormat))
	}
	return r, nil
}

// writeFile replaces a file in one step, readable for whoever runs the program
// alone: a reader finds the old one or the new one, never half of it.
func writeFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".omt-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
