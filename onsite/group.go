package onsite

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// unit is the files of one folder: an installer puts what belongs together into
// one.
type unit struct {
	configFiles
	dir      string
	database string // server and database that its files lead to, empty if they do not say
}

// grouped splits the files of a computer into installations: all units that
// lead to the same database are one. Where they contradict each other, for
// example in how the archive is reached, each is offered by itself.
func (c configFiles) grouped(lookups []DSNLookup) []configFiles {
	units := c.units()
	var keys []string
	for i := range units {
		units[i].database = units[i].leadsTo(lookups)
		if key := units[i].database; key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for i := range units {
		if units[i].database == "" {
			units[i].database = nearest(units, units[i].dir, keys)
		}
	}
	if len(keys) == 0 { // nothing says where the database is: together they may
		keys = []string{""}
	}
	var out []configFiles
	for _, key := range keys {
		var all configFiles
		var of []unit
		seen := map[string]bool{}
		for _, u := range units {
			if u.database == key {
				all.add(u.configFiles, seen)
				of = append(of, u)
			}
		}
		switch _, err := all.settings(lookups); {
		case len(of) == 0:
		case errors.Is(err, errDiffers):
			out = append(out, apart(of)...)
		default:
			out = append(out, all)
		}
	}
	return out
}

// units puts the files of each folder together, in the order of finding.
func (c configFiles) units() []unit {
	var out []unit
	at := func(path string) *unit {
		dir := filepath.Dir(path)
		for i := range out {
			if out[i].dir == dir {
				return &out[i]
			}
		}
		out = append(out, unit{dir: dir})
		return &out[len(out)-1]
	}
	for _, e := range c.ini {
		u := at(e.file)
		u.ini = append(u.ini, e)
	}
	for _, e := range c.config {
		u := at(e.file)
		u.config = append(u.config, e)
	}
	for _, e := range c.service {
		u := at(e.file)
		u.service = append(u.service, e)
	}
	for _, e := range c.user {
		u := at(e.file)
		u.user = append(u.user, e)
	}
	for _, path := range c.clients {
		u := at(path)
		u.clients = append(u.clients, path)
	}
	return out
}

// leadsTo names the database of the files. What is wrong with them is said when
// they are merged.
func (c configFiles) leadsTo(lookups []DSNLookup) string {
	m := merger{lookups: lookups}
	if err := m.database(c); err == nil && m.s.Server != "" && m.s.Database != "" {
		return strings.ToLower(m.s.serverName() + "|" + m.s.Database)
	}
	if name, _, _, err := m.dsnName(c); err == nil && name != "" {
		return "dsn|" + strings.ToLower(name)
	}
	return ""
}

// nearest finds the database of a unit whose files do not name one: that of the
// unit above or below it, else the only one there is. A unit of several that
// belongs to none stays out.
func nearest(units []unit, dir string, keys []string) string {
	for _, u := range units {
		if u.database != "" && (below(u.dir, dir) || below(dir, u.dir)) {
			return u.database
		}
	}
	if len(keys) == 1 {
		return keys[0]
	}
	return ""
}

// apart makes one installation of each unit that is a client or a server, with
// the Customer Service that they share.
func apart(units []unit) []configFiles {
	var service configFiles
	for _, u := range units {
		if len(u.ini)+len(u.config) == 0 {
			service.add(u.configFiles, map[string]bool{})
		}
	}
	var out []configFiles
	for _, u := range units {
		if len(u.ini)+len(u.config) > 0 {
			one := u.configFiles
			one.add(service, map[string]bool{})
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		out = []configFiles{service}
	}
	return out
}

// below tells whether dir lies in folder, or is it.
func below(folder, dir string) bool {
	rel, err := filepath.Rel(folder, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
