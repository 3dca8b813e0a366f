package ticket

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"omt/migration"
)

// Extension is how the names of ticket files end.
const Extension = ".omt-ticket"

// Find lists the ticket files in dir, sorted by name; the program calls it
// with the folder of its executable. It does not read them.
func Find(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, migration.Fail("look for tickets in", dir, err, migration.Msg("hint.ticket.unreadable", "Path", dir))
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && strings.EqualFold(filepath.Ext(e.Name()), Extension) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out, nil
}

// Load reads and verifies the ticket file at path; see Verify for what comes
// back. A file that is not there is migration.ErrNotFound.
func Load(path string, keys Keys, now time.Time) (*migration.Ticket, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, migration.Fail("open ticket", path, fmt.Errorf("%w: %w", migration.ErrNotFound, err), migration.Msg("hint.ticket.none", "Path", path))
	}
	if err != nil {
		return nil, migration.Fail("open ticket", path, err, migration.Msg("hint.ticket.unreadable", "Path", path))
	}
	defer f.Close()
	// One byte more than allowed, so that Verify sees that it is too large.
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, migration.Fail("read ticket", path, err, migration.Msg("hint.ticket.unreadable", "Path", path))
	}
	return Verify(data, keys, now)
}
