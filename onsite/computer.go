package onsite

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// Computer is what Find asks of the computer on which it runs, besides its
// files. ThisComputer is the real one; tests make their own.
type Computer interface {
	Registry
	// Env is a variable of the environment, empty if it is not set.
	Env(name string) string
	// Share is the path of the share that a drive ("S:") stands for, empty if it
	// is a drive of this computer or unknown.
	Share(drive string) string
	// Run starts a program without a window and waits for its end. With ctx the
	// program is ended.
	Run(ctx context.Context, program string, args ...string) error
}

// Registry is the part of the registry of Windows that discovery reads. A key
// that does not exist gives an error that wraps fs.ErrNotExist.
type Registry interface {
	// Keys lists the names of the keys below one.
	Keys(v View, path string) ([]string, error)
	// Values are the texts of a key by their names in lower case, with variables
	// expanded. Values of other types are left out.
	Values(v View, path string) (map[string]string, error)
}

// View says which registry is meant. Windows shows 32-bit programs another
// branch under the same name; SuperOffice's client is one of them.
type View int

// The views.
const (
	Machine32 View = iota // of the computer, as 32-bit programs see it
	Machine64             // of the computer, as 64-bit programs see it
	Person                // of the person who is signed in
)

// key is how regedit on 64-bit Windows writes a key of the view.
func (v View) key(path string) string {
	switch v {
	case Machine32:
		return `HKLM\SOFTWARE\WOW6432Node` + strings.TrimPrefix(path, "SOFTWARE")
	case Machine64:
		return `HKLM\` + path
	}
	return `HKCU\` + path
}

// Keys of the registry.
const (
	keyODBC      = `SOFTWARE\ODBC\ODBC.INI`
	keyUninstall = `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`
	keyService   = `SOFTWARE\SuperOffice Customer Service` // a key below it for each host
	keyMailLink  = `SOFTWARE\SuperOffice\MailLink`
	keyNetwork   = `Network` // mapped drives by their letters
)

// registryDSN finds data sources in the registry: those of 32-bit programs
// first, because SuperOffice's client is one.
type registryDSN struct{ Registry }

// LookupDSN implements DSNLookup.
func (r registryDSN) LookupDSN(name string) (DSN, bool, error) {
	if name == "" || strings.ContainsRune(name, '\\') { // would be a path to another key
		return DSN{}, false, nil
	}
	for _, v := range []View{Machine32, Machine64, Person} {
		path := keyODBC + `\` + name
		values, err := r.Values(v, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return DSN{}, false, cannotRead(v.key(path), err)
		}
		e := entries{file: v.key(path)}
		for _, key := range []string{"Driver", "Server", "Database"} {
			if text := strings.TrimSpace(values[strings.ToLower(key)]); text != "" {
				e.list = append(e.list, entry{section: name, key: key, value: text})
			}
		}
		if d, ok, err := e.dsn(name); ok || err != nil {
			return d, ok, err
		}
	}
	return DSN{}, false, nil
}

// usualPlace is a folder in which configuration files may lie, with how many levels
// below it are searched.
type usualPlace struct {
	dir   string
	depth int
}

// placesOf lists where SuperOffice's programs lie or may lie, each folder once.
// The registry is asked because installers let people choose another folder.
func placesOf(c Computer) []usualPlace {
	var out []usualPlace
	add := func(depth int, elements ...string) {
		if elements[0] == "" {
			return
		}
		dir := filepath.Join(elements...)
		if !filepath.IsAbs(dir) {
			return
		}
		for i, p := range out {
			if samePath(p.dir, dir) {
				out[i].depth = max(p.depth, depth)
				return
			}
		}
		out = append(out, usualPlace{dir, depth})
	}
	// A 32-bit program sees the 64-bit folder by its third name.
	for _, name := range []string{"ProgramFiles(x86)", "ProgramW6432", "ProgramFiles"} {
		add(maxSearchDepth, c.Env(name), "SuperOffice")
	}
	for _, dir := range installed(c) {
		add(maxSearchDepth, dir)
	}
	for _, dir := range services(c) {
		add(0, dir)
	}
	if drive := c.Env("SystemDrive"); drive != "" {
		add(1, drive+string(filepath.Separator), "SuperOffice")
	}
	if v, err := c.Values(Person, keyMailLink); err == nil {
		if ini := v["useinipathforwindowsclient"]; ini != "" {
			if strings.EqualFold(filepath.Ext(ini), ".ini") {
				ini = filepath.Dir(ini)
			}
			add(0, ini)
		}
	}
	for _, name := range []string{"APPDATA", "LOCALAPPDATA"} {
		add(0, c.Env(name), "SuperOffice")
	}
	return out
}

// installed are the folders that the list of installed programs names for
// SuperOffice. Keys that cannot be read belong to somebody else.
func installed(c Computer) []string {
	var out []string
	for _, v := range []View{Machine64, Machine32, Person} {
		names, err := c.Keys(v, keyUninstall)
		if err != nil {
			continue
		}
		for _, name := range names {
			values, err := c.Values(v, keyUninstall+`\`+name)
			if err != nil || !strings.Contains(strings.ToLower(values["displayname"]+" "+values["publisher"]), "superoffice") {
				continue
			}
			if dir := strings.Trim(strings.TrimSpace(values["installlocation"]), `"`); dir != "" {
				out = append(out, dir)
			}
		}
	}
	return out
}

// services are the folders that the keys of Customer Service name. How the
// values are called is not documented, so every absolute path counts: that of
// the folder itself or that of its config file.
func services(c Computer) []string {
	var out []string
	for _, v := range []View{Machine32, Machine64} {
		hosts, err := c.Keys(v, keyService)
		if err != nil {
			continue
		}
		for _, host := range hosts {
			values, err := c.Values(v, keyService+`\`+host)
			if err != nil {
				continue
			}
			for _, path := range values {
				if path = strings.Trim(strings.TrimSpace(path), `"`); !filepath.IsAbs(path) {
					continue
				}
				if strings.EqualFold(filepath.Base(path), "config") {
					path = filepath.Dir(path)
				}
				out = append(out, path)
			}
		}
	}
	return out
}

// universal gives a path on a mapped drive the name of its share: the letter is
// known to the person who mapped it alone, and not to the same person with the
// rights of an administrator.
func universal(c Computer, path string) string {
	if len(path) < 2 || path[1] != ':' || !isLetter(path[0]) {
		return path
	}
	share := c.Share(path[:2])
	if share == "" {
		if v, err := c.Values(Person, keyNetwork+`\`+path[:1]); err == nil {
			share = v["remotepath"]
		}
	}
	if !strings.HasPrefix(share, `\\`) || len(path) > 2 && path[2] != '\\' && path[2] != '/' {
		return path
	}
	return strings.TrimRight(share, `\`) + path[2:]
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// onShares names all folders of the settings by their shares.
func (s *Settings) onShares(c Computer) {
	for i := range s.ArchivePaths {
		s.ArchivePaths[i] = universal(c, s.ArchivePaths[i])
	}
	for _, p := range []*string{&s.TemplatePath, &s.Service.BasePath, &s.Service.AttachmentPath, &s.Service.TemplatePath, &s.Service.TextPath} {
		*p = universal(c, *p)
	}
}
