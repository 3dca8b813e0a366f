package onsite

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

// archive: the section of the archive plug-in overrides the general one, the
// ini overrides SuperOffice.config. The first path is ArchivePath, or
// ArchivePath1 where they are numbered from one; both may be there.
func (m *merger) archive(f configFiles) error {
	for n := 0; n <= 10; n++ {
		key := "ArchivePath"
		if n > 0 {
			key += strconv.Itoa(n)
		}
		x, file, err := m.documents(f, key)
		if err != nil {
			return err
		}
		if x.value != "" && !slices.ContainsFunc(m.s.ArchivePaths, func(p string) bool { return samePath(p, x.value) }) {
			m.s.ArchivePaths = append(m.s.ArchivePaths, x.value)
			m.found(key, file, x.line)
		}
	}
	x, file, err := m.documents(f, "TemplatePath")
	if err != nil || x.value == "" {
		return err
	}
	m.s.TemplatePath = x.value
	m.found("TemplatePath", file, x.line)
	return nil
}

func (m *merger) documents(f configFiles, key string) (entry, string, error) {
	for _, src := range []struct {
		files   []entries
		section string
	}{{f.ini, "DocPlugin_SoArc"}, {f.ini, "SuperOffice"}, {f.user, "SuperOffice"}, {f.config, sectionDocuments}} {
		x, file, err := agree(src.files, src.section, key)
		if err != nil || x.value != "" {
			return x, file, err
		}
	}
	return entry{}, "", nil
}

// service: the folders lie where the file lies; the database may move them
// later. nsEndPoint is where NetServer answers.
func (m *merger) service(f configFiles) error {
	if len(f.service) == 0 {
		return nil
	}
	if err := agreeService(f.service); err != nil {
		return err
	}
	e := f.service[0]
	base := filepath.Dir(e.file)
	m.s.Service = ServiceSettings{BasePath: base}
	m.s.Service.fill()
	m.found("Service", e.file, 0)
	x, ok := e.get("", "nsEndPoint")
	if !ok || x.value == "" {
		return nil
	}
	if err := m.s.setEndpoint(x.value); err != nil {
		return migration.Fail("read configuration", at(e.file, x.line), err,
			migration.Msg("hint.config.endpoint", "File", e.file, "Line", x.line))
	}
	m.found("NetServer", e.file, x.line)
	return nil
}

// agreeService refuses Customer Service files of two installations.
func agreeService(files []entries) error {
	for _, key := range []string{"dbDatabase", "dbUsername", "nsEndPoint"} {
		if _, _, err := agree(files, "", key); err != nil {
			return err
		}
	}
	first, _ := files[0].get("", "dbPassword")
	for _, e := range files[1:] {
		if x, ok := e.get("", "dbPassword"); ok && x.value != first.value { // case counts
			return conflict("dbPassword", e.file, x.line, files[0].file, first.line)
		}
	}
	return nil
}

// errDiffers: two files of one kind contradict each other.
var errDiffers = errors.New("differs from")

// conflict names a key in which two files of one kind differ, without values.
func conflict(key, file string, line int, other string, otherLine int) error {
	return migration.Fail("read configuration", at(file, line),
		fmt.Errorf("%w: %s %w %s", ErrConfiguration, key, errDiffers, at(other, otherLine)),
		migration.Msg("hint.config.conflict", "Key", key, "File", file, "Other", other))
}

func samePath(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, `\/`), strings.TrimRight(b, `\/`))
}

// agree returns the value of a key in the first file that has it, and refuses
// two files of one kind that differ: moving a test installation in place of
// the real one could not be undone.
func agree(files []entries, section, key string) (entry, string, error) {
	var first entry
	var file string
	for _, e := range files {
		x, ok := e.get(section, key)
		if !ok || x.value == "" {
			continue
		}
		if file == "" {
			first, file = x, e.file
			continue
		}
		if !samePath(first.value, x.value) {
			return entry{}, "", conflict(key, e.file, x.line, file, first.line)
		}
	}
	return first, file, nil
}
