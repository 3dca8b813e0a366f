package onsite

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"omt/migration"
)

// archive: the section of the archive plug-in overrides the general one, the
// ini overrides SuperOffice.config.
func (m *merger) archive(f configFiles) error {
	for n := 1; n <= 10; n++ {
		key := "ArchivePath"
		if n > 1 {
			key += strconv.Itoa(n)
		}
		x, file, err := m.documents(f, key)
		if err != nil {
			return err
		}
		if x.value != "" {
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
	}{{f.ini, "DocPlugin_SoArc"}, {f.ini, "SuperOffice"}, {f.config, sectionDocuments}} {
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
	e := f.service[0]
	base := filepath.Dir(e.file)
	m.s.Service = ServiceSettings{
		BasePath:       base,
		AttachmentPath: firstFolder([]string{filepath.Join(base, "attachments")}),
		TemplatePath:   firstFolder([]string{filepath.Join(base, "templates")}),
		TextPath:       firstFolder([]string{filepath.Join(base, "text")}),
	}
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
		if !strings.EqualFold(strings.TrimRight(first.value, `\/`), strings.TrimRight(x.value, `\/`)) {
			return entry{}, "", migration.Fail("read configuration", at(e.file, x.line),
				fmt.Errorf("%w: %s differs from %s", ErrConfiguration, key, at(file, first.line)),
				migration.Msg("hint.config.conflict", "Key", key, "File", e.file, "Other", file))
		}
	}
	return first, file, nil
}
