package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"omt/migration"
	"omt/onsite/sample/mssql"
)

// Options say how large the sample is. Zero values mean the default.
type Options struct {
	Users     int   `json:"users"`     // associates of all types, 120; 20 to 50,000
	Documents int   `json:"documents"` // rows of document, 3000; at least 20
	Missing   int   `json:"missing"`   // document rows without a file, 60 but a fifth of Documents at most; -1 none
	Rows      int64 `json:"rows"`      // in all tables, 60,000; more where users and documents need more
	Seed      int64 `json:"seed"`      // 1
	// Defects are what is wrong on purpose; none in the ordinary sample.
	Defects Defects `json:"defects,omitempty"`
}

// ErrOptions: the options ask for what cannot be built.
var ErrOptions = errors.New("options out of range")

func (o Options) filled() (Options, error) {
	if o.Users == 0 {
		o.Users = 120
	}
	if o.Documents == 0 {
		o.Documents = 3000
	}
	if o.Rows == 0 {
		o.Rows = 60_000
	}
	if o.Missing == 0 {
		o.Missing = min(60, o.Documents/5)
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	o.Missing = max(o.Missing, -1)
	if o.Users < 20 || o.Users > 50_000 || o.Documents < 20 || o.Missing > o.Documents/2 || o.Rows < 0 {
		return o, fmt.Errorf("build sample: %w: %+v", ErrOptions, o)
	}
	return o, nil
}

// Files that tell how far an installation is.
const (
	markerFile   = "sample.json"     // written last: complete
	buildingFile = "sample.building" // written first, removed last
	storeFile    = "superoffice.db"
	buildVersion = 4 // of the content; raise it when the same options give something else
)

// buildingLine is what buildingFile holds: a file of that name alone could be
// anybody's.
const buildingLine = "This folder holds a sample installation of omt that is being built and may be deleted.\n"

// marker is what a complete installation says of itself.
type marker struct {
	Version int     `json:"version"`
	Options Options `json:"options"`
	Expect  *Expect `json:"expect"`
}

// Build makes the sample installation in dir, or opens it if dir already holds
// one of the same options. A half-built one is built anew. A folder with
// anything else in it is refused (fs.ErrExist), so that nothing of anybody's is
// overwritten.
func Build(ctx context.Context, dir string, o Options) (*Installation, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("build sample: %w", err)
	}
	if m, err := readMarker(dir); err == nil && m.Options == o && m.Version == buildVersion {
		return Load(ctx, dir)
	}
	if err := prepare(dir); err != nil {
		return nil, fmt.Errorf("build sample: %w", err)
	}
	e, err := fillDir(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("build sample: %w", err)
	}
	in := newInstallation(dir, o, e)
	if err := in.writeConfig(ports{}); err != nil {
		return nil, fmt.Errorf("build sample: %w", err)
	}
	if err := writeMarker(dir, marker{buildVersion, o, e}); err != nil {
		return nil, fmt.Errorf("build sample: %w", err)
	}
	return in, nil
}

// Load opens an installation that Build completed. fs.ErrNotExist if there is
// none in dir.
func Load(_ context.Context, dir string) (*Installation, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open sample: %w", err)
	}
	m, err := readMarker(dir)
	if err != nil {
		return nil, fmt.Errorf("open sample: %w", err)
	}
	return newInstallation(dir, m.Options, m.Expect), nil
}

func readMarker(dir string) (marker, error) {
	var m marker
	data, err := os.ReadFile(filepath.Join(dir, markerFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("decode %s: %w", markerFile, err)
	}
	return m, nil
}

func writeMarker(dir string, m marker) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", markerFile, err)
	}
	tmp := filepath.Join(dir, markerFile+".new")
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, markerFile)); err != nil {
		return err
	}
	return os.Remove(filepath.Join(dir, buildingFile))
}

// prepare makes dir empty if it is ours, and refuses it if it is not.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(list) > 0 && !ours(dir) {
		return fmt.Errorf("folder %s is not empty and holds no sample: %w", dir, fs.ErrExist)
	}
	if err := os.WriteFile(filepath.Join(dir, buildingFile), []byte(buildingLine), 0o644); err != nil {
		return err
	}
	// Only what a build makes is removed; the marker first, because without it
	// nothing else is believed.
	for _, name := range []string{markerFile, markerFile + ".new", dataFolder, archiveFolder, oldFolder, systemFolder} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// ours tells whether a build made the folder: by what its files say, because
// what prepare deletes cannot be had again.
func ours(dir string) bool {
	m, err := readMarker(dir)
	if err == nil && m.Version > 0 && m.Expect != nil {
		return true
	}
	line, err := os.ReadFile(filepath.Join(dir, buildingFile))
	return err == nil && string(line) == buildingLine
}

// fillDir makes rows and files side by side: one waits for SQLite, the other
// for the disk.
func fillDir(ctx context.Context, dir string, o Options) (*Expect, error) {
	w := newWorld(o.Seed, o.Users)
	e := newExpect()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var fileErr error
	wg.Go(func() {
		b := &fileBuilder{ctx: ctx, o: o, dir: dir, world: w, expect: e, made: map[string]bool{}}
		if fileErr = b.build(); fileErr != nil {
			cancel()
		}
	})
	rowErr := fillStore(ctx, dir, o, w, e)
	if rowErr != nil {
		cancel()
	}
	wg.Wait()
	if rowErr == nil || (fileErr != nil && !errors.Is(fileErr, context.Canceled)) {
		return e, fileErr // the other half was only cancelled with it
	}
	return nil, rowErr
}

func fillStore(ctx context.Context, dir string, o Options, w *world, e *Expect) (err error) {
	catalog, err := Schema()
	if err != nil {
		return err
	}
	o.Defects.spoil(catalog)
	if err := os.MkdirAll(filepath.Join(dir, dataFolder), 0o755); err != nil {
		return err
	}
	store, err := mssql.Create(ctx, filepath.Join(dir, dataFolder, storeFile), catalog)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	loader, err := store.Loader(ctx)
	if err != nil {
		return err
	}
	err = fillRows(ctx, dir, o, w, catalog, loader, e)
	return errors.Join(err, loader.Close())
}

func fillRows(ctx context.Context, dir string, o Options, w *world, c *migration.Catalog, l rowLoader, e *Expect) error {
	b, err := newRowBuilder(ctx, o, dir, w, c, l, e)
	if err != nil {
		return err
	}
	return b.build()
}
