package onsite

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"omt/migration"
)

// Finding is what Find returns.
type Finding struct {
	// Installations are those found, the one of the first place first. Which one
	// is to be moved is for a person to say when there are several.
	Installations []Settings
	// Notes say what could not be read, and installations that cannot be used.
	Notes []migration.Message
}

// Find looks for installations in the usual places of a computer: the program
// folders, what the registry says of installed programs and of Customer Service,
// and the files of the person who is signed in. Files in several folders belong
// to one installation if they lead to the same database. A nil computer has no
// usual places.
//
// If nothing usable was found there is an error: that of the first broken
// installation, with what was read of it, or one that wraps
// migration.ErrNotFound.
func Find(ctx context.Context, c Computer) (Finding, error) {
	var out Finding
	if c == nil {
		return out, notInstalled()
	}
	files, first, err := out.search(ctx, c)
	if err != nil {
		return out, err
	}
	lookups := []DSNLookup{registryDSN{c}}
	for _, path := range files.odbc {
		lookups = append(lookups, ODBCFile(path))
	}
	var partial []Settings
	for _, group := range files.grouped(lookups) {
		s, err := group.asked(ctx, c, lookups)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		s.onShares(c)
		if err == nil {
			out.Installations = append(out.Installations, s)
			continue
		}
		if partial == nil {
			partial = []Settings{s}
		}
		if first == nil {
			first = err
		} else {
			out.note(err)
		}
	}
	switch {
	case len(out.Installations) > 0:
		if first != nil {
			out.note(first)
		}
		return out, nil
	case first != nil:
		return Finding{Installations: partial, Notes: out.Notes}, first
	}
	return out, notInstalled()
}

// search reads the files in all places. What cannot be read becomes a note and
// the rest is used: a broken file of one installation must not hide another.
func (f *Finding) search(ctx context.Context, c Computer) (all configFiles, first error, err error) {
	seen := map[string]bool{}
	for _, p := range placesOf(c) {
		found, err := searchConfig(ctx, p.dir, p.depth, maxSearchEntries)
		if ctx.Err() != nil {
			return all, nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			found.faults = append(found.faults, err)
		}
		for _, err := range found.faults {
			if first == nil {
				first = err
			} else {
				f.note(err)
			}
		}
		all.add(found, seen)
	}
	return all, first, nil
}

// add takes over the files that another place has not found already.
func (c *configFiles) add(more configFiles, seen map[string]bool) {
	isNew := func(path string) bool {
		path = strings.ToLower(path)
		was := seen[path]
		seen[path] = true
		return !was
	}
	for _, x := range []struct{ to, from *[]entries }{
		{&c.ini, &more.ini}, {&c.user, &more.user}, {&c.config, &more.config}, {&c.service, &more.service},
	} {
		for _, e := range *x.from {
			if isNew(e.file) {
				*x.to = append(*x.to, e)
			}
		}
	}
	for _, x := range []struct{ to, from *[]string }{{&c.odbc, &more.odbc}, {&c.clients, &more.clients}} {
		for _, path := range *x.from {
			if isNew(path) {
				*x.to = append(*x.to, path)
			}
		}
	}
}

// asked merges the files and, if they do not tell enough, asks the client. It
// is not asked otherwise: an old one would open its window.
func (c configFiles) asked(ctx context.Context, computer Computer, lookups []DSNLookup) (Settings, error) {
	s, err := c.settings(lookups)
	if err == nil || errors.Is(err, errDiffers) || errors.Is(err, ErrUnsupported) {
		return s, err
	}
	for _, client := range c.clients {
		e, cerr := clientConfig(ctx, computer, client)
		if cerr != nil {
			err = errors.Join(err, cerr)
			continue
		}
		c.config = []entries{e} // it has the files and what overrides them
		return c.settings(lookups)
	}
	return s, err
}

func notInstalled() error {
	return migration.Fail("find installation", "", migration.ErrNotFound, migration.Msg("hint.config.usual"))
}

func (f *Finding) note(err error) {
	m := migration.HintOf(err)
	if m.IsZero() {
		m = migration.Msg("note.find", "Error", err.Error())
	}
	f.Notes = append(f.Notes, m)
}
