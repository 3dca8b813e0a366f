package onsite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"omt/migration"
)

// The search is bounded, so that pointing it at the root of a disk or at the
// archive itself ends soon. Configuration files lie near the top.
const (
	maxSearchDepth   = 8
	maxSearchEntries = 50_000
	maxFolderEntries = 2_000
)

// Discover searches dir for the configuration files of an installation
// (SuperOffice.ini, SuperOffice.config, NetServer's web.config, the config file
// of Customer Service, odbc.ini) and merges them by the rules of a Windows installation: data source
// and archive from the ini, server and database from the data source, user and
// password from SuperOffice.config or, where that is unreadable, from the
// Customer Service file. Data sources are asked of lookups first, then of the
// odbc.ini files found.
//
// A missing password is no error (see Settings.Missing); a broken file, another
// database than SQL Server, or a missing mandatory key is.
func Discover(ctx context.Context, dir string, lookups ...DSNLookup) (Settings, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Settings{}, cannotRead(dir, err)
	}
	found, err := searchConfig(ctx, dir, maxSearchEntries)
	if err != nil {
		return Settings{}, err
	}
	if found.none() {
		return Settings{}, migration.Fail("find installation", dir, migration.ErrNotFound,
			migration.Msg("hint.config.none", "Folder", dir))
	}
	return found.settings(lookups)
}

// DiscoverUsual searches the usual places of this computer, all together: client
// and server are often installed in different ones. Where no place is usual, or
// none holds a configuration file, the error wraps migration.ErrNotFound.
func DiscoverUsual(ctx context.Context) (Settings, error) {
	places, lookups := usualPlaces()
	return discoverIn(ctx, places, lookups)
}

func discoverIn(ctx context.Context, places []string, lookups []DSNLookup) (Settings, error) {
	var found configFiles
	for _, dir := range places {
		f, err := searchConfig(ctx, dir, maxSearchEntries)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Settings{}, err
		}
		found.ini, found.config, found.service = append(found.ini, f.ini...), append(found.config, f.config...), append(found.service, f.service...)
		found.odbc = append(found.odbc, f.odbc...)
	}
	if found.none() {
		return Settings{}, migration.Fail("find installation", "", migration.ErrNotFound, migration.Msg("hint.config.usual"))
	}
	return found.settings(lookups)
}

func (c configFiles) none() bool { return len(c.ini)+len(c.config)+len(c.service) == 0 }

// settings merges what the files say; data sources are asked of lookups first.
func (c configFiles) settings(lookups []DSNLookup) (Settings, error) {
	for _, f := range c.odbc {
		lookups = append(lookups, ODBCFile(f))
	}
	m := merger{s: Settings{DatabaseType: "MSSQL"}, lookups: lookups}
	return m.merge(c)
}

// configFiles are the files found, each kind in the order of its paths.
type configFiles struct {
	ini, config, service []entries
	odbc                 []string
}

// searchConfig fails when there are more than budget files and folders: what it
// had found by then may be half of an installation, or another one.
func searchConfig(ctx context.Context, dir string, budget int) (configFiles, error) {
	var out configFiles
	queue := []string{dir}
	left := budget
	for depth := 0; depth <= maxSearchDepth && len(queue) > 0; depth++ {
		var next []string
		for _, folder := range queue {
			if err := ctx.Err(); err != nil {
				return out, err
			}
			list, err := readFolder(folder)
			if err != nil && depth == 0 {
				return out, cannotRead(folder, err)
			}
			if left -= len(list); left < 0 {
				return out, migration.Fail("search", dir, fmt.Errorf("%w: more than %d files and folders", ErrConfiguration, budget),
					migration.Msg("hint.config.search", "Folder", dir, "Limit", budget))
			}
			for _, e := range list {
				path := filepath.Join(folder, e.Name())
				if e.IsDir() {
					next = append(next, path)
					continue
				}
				if err := out.take(path, e.Name()); err != nil {
					return out, err
				}
			}
		}
		queue = next
	}
	return out, nil
}

// readFolder lists the first entries of a folder in the order of names.
// Folders below the first that cannot be listed are passed over: program
// folders of other people are none of our business.
func readFolder(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := f.ReadDir(maxFolderEntries)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

// common are the names that files of other programs have too, with a word that
// ours hold. A file without it, or one that cannot be read, is passed over.
var common = map[string]string{"config": "dbdatabase", "web.config": "<superoffice"}

// take reads a file whose name is that of a configuration file.
func (c *configFiles) take(path, name string) error {
	var parse func(string, []byte) (entries, error)
	var to *[]entries
	switch strings.ToLower(name) {
	case "superoffice.ini":
		parse, to = parseINI, &c.ini
	case "superoffice.config", "web.config":
		parse, to = parseConfig, &c.config
	case "config":
		parse, to = parseService, &c.service
	case "odbc.ini":
		c.odbc = append(c.odbc, path)
		return nil
	default:
		return nil
	}
	data, err := readConfig(path)
	word, stranger := common[strings.ToLower(name)]
	if stranger && (err != nil || !strings.Contains(strings.ToLower(string(data)), word)) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := parse(path, data)
	if err != nil {
		return err
	}
	*to = append(*to, e)
	return nil
}

func readAll(r io.Reader, path string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxConfigBytes+1))
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return data, nil
}

func cannotRead(path string, err error) error {
	return migration.Fail("read", path, err, migration.Msg("hint.config.unreadable", "Path", path))
}

// missingKey is a configuration without a value that nothing else supplies.
func missingKey(file, key string) error {
	return migration.Fail("read configuration", file, fmt.Errorf("%w: %s is missing", ErrConfiguration, key),
		migration.Msg("hint.config.missing", "File", file, "Key", key))
}
