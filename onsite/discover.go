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
// (SuperOffice.ini, SOUser.ini, SuperOffice.config, NetServer's web.config, the
// config file of Customer Service, odbc.ini) and merges them by the rules of a Windows installation: data source
// and archive from the ini, server and database from the data source, user and
// password from SuperOffice.config or, where that is unreadable, from the
// Customer Service file. Data sources are asked of lookups first, then of the
// odbc.ini files found, then of the registry. Folders on mapped drives get the
// names of their shares.
//
// A missing password is no error (see Settings.Missing); a broken file, another
// database than SQL Server, or a missing mandatory key is.
func Discover(ctx context.Context, dir string, lookups ...DSNLookup) (Settings, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Settings{}, cannotRead(dir, err)
	}
	found, err := searchConfig(ctx, dir, maxSearchDepth, maxSearchEntries)
	if err != nil {
		return Settings{}, err
	}
	if len(found.faults) > 0 {
		return Settings{}, found.faults[0]
	}
	if found.none() {
		return Settings{}, migration.Fail("find installation", dir, migration.ErrNotFound,
			migration.Msg("hint.config.none", "Folder", dir))
	}
	for _, f := range found.odbc {
		lookups = append(lookups, ODBCFile(f))
	}
	// Copied files bring their own data sources with them; those of this computer
	// may be of the same name and another installation.
	c := ThisComputer()
	if c != nil {
		lookups = append(lookups, registryDSN{c})
	}
	s, err := found.settings(lookups)
	if c != nil {
		s.onShares(c)
	}
	return s, err
}

func (c configFiles) none() bool { return len(c.ini)+len(c.user)+len(c.config)+len(c.service) == 0 }

// settings merges what the files say.
func (c configFiles) settings(lookups []DSNLookup) (Settings, error) {
	m := merger{s: Settings{DatabaseType: "MSSQL"}, lookups: lookups}
	return m.merge(c)
}

// configFiles are the files found, each kind in the order of its paths.
type configFiles struct {
	ini, config, service []entries
	user                 []entries // SOUser.ini, of one person
	odbc, clients        []string  // paths
	faults               []error   // files that could not be read as what they are
}

// searchConfig fails when there are more than budget files and folders: what it
// had found by then may be half of an installation, or another one.
func searchConfig(ctx context.Context, dir string, levels, budget int) (configFiles, error) {
	var out configFiles
	queue := []string{dir}
	left := budget
	for depth := 0; depth <= levels && len(queue) > 0; depth++ {
		var next []string
		for _, folder := range queue {
			if err := ctx.Err(); err != nil {
				return out, err
			}
			list, err := readFolder(ctx, folder)
			switch {
			case errors.Is(err, errNoAnswer):
				return out, err
			case err != nil && depth == 0:
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
				if err := out.take(ctx, path, e.Name()); err != nil {
					if ctx.Err() != nil {
						return out, ctx.Err()
					}
					out.faults = append(out.faults, err)
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
func readFolder(ctx context.Context, dir string) ([]fs.DirEntry, error) {
	list, err := within(ctx, answerLimit, dir, func() ([]fs.DirEntry, error) {
		f, err := os.Open(dir)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		list, err := f.ReadDir(maxFolderEntries)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return list, err
	})
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

// common are the names that files of other programs have too, with a word that
// ours hold. A file without it, or one that cannot be read, is passed over.
var common = map[string]string{"config": "dbdatabase", "web.config": "<superoffice"}

// take reads a file whose name is that of a configuration file.
func (c *configFiles) take(ctx context.Context, path, name string) error {
	var parse func(string, []byte) (entries, error)
	var to *[]entries
	switch strings.ToLower(name) {
	case "superoffice.ini":
		parse, to = parseINI, &c.ini
	case "souser.ini":
		parse, to = parseINI, &c.user
	case "superoffice.config", "web.config":
		parse, to = parseConfig, &c.config
	case "config":
		parse, to = parseService, &c.service
	case "odbc.ini":
		c.odbc = append(c.odbc, path)
		return nil
	case strings.ToLower(clientProgram):
		c.clients = append(c.clients, path)
		return nil
	default:
		return nil
	}
	data, err := readConfigContext(ctx, path)
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
