package onsite

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"omt/migration"
)

// maxConfigBytes bounds every configuration file: the largest known ones have
// some hundred kilobytes, and a wrong file must not fill the memory.
const maxConfigBytes = 4 << 20

// entry is one key with its value and the place where it stands.
type entry struct {
	section, key, value string
	line                int
}

// entries is a flat configuration file. Names compare without regard to case
// and the first of several equal ones counts, as in Windows' profile functions.
type entries struct {
	file string
	list []entry
}

func (e entries) get(section, key string) (entry, bool) {
	for _, x := range e.list {
		if strings.EqualFold(x.section, section) && strings.EqualFold(x.key, key) {
			return x, true
		}
	}
	return entry{}, false
}

// parseINI reads SuperOffice.ini or an odbc.ini. Lines that are neither a
// section, a comment nor key=value are passed over, as Windows does.
func parseINI(file string, data []byte) (entries, error) {
	text, err := decodeText(file, data)
	if err != nil {
		return entries{}, err
	}
	out := entries{file: file}
	section := ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "", line[0] == ';', line[0] == '#':
			continue
		case line[0] == '[':
			name, _, ok := strings.Cut(line[1:], "]")
			if !ok {
				return entries{}, badConfig(file, i+1, "section without ]")
			}
			section = strings.TrimSpace(name)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		out.list = append(out.list, entry{section, strings.TrimSpace(key), iniValue(value), i + 1})
	}
	return out, nil
}

// iniValue takes the quotes off, or else a comment that a blank precedes. A
// ";" without a blank before it stays: it may be part of a path.
func iniValue(v string) string {
	v = strings.TrimSpace(v)
	if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			return v[1 : end+1]
		}
	}
	for i := 1; i < len(v); i++ {
		if v[i] == ';' && (v[i-1] == ' ' || v[i-1] == '\t') {
			return strings.TrimSpace(v[:i])
		}
	}
	return v
}

// parseService reads the config file of Customer Service: key = value, no
// sections, # before a comment, and perhaps the lone word frozen, which is
// kept as a key without value.
func parseService(file string, data []byte) (entries, error) {
	text, err := decodeText(file, data)
	if err != nil {
		return entries{}, err
	}
	out := entries{file: file}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		out.list = append(out.list, entry{"", strings.TrimSpace(key), strings.TrimSpace(value), i + 1})
	}
	return out, nil
}

// decodeText turns the encodings that Windows tools write into UTF-8: UTF-8
// with or without its mark, UTF-16 with one, and Windows-1252 otherwise.
func decodeText(file string, data []byte) (string, error) {
	if len(data) > maxConfigBytes {
		return "", badConfig(file, 0, "file is too large to be a configuration")
	}
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			return "", badConfig(file, 0, "file is not valid UTF-16")
		}
		data = out
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return "", badConfig(file, 1+bytes.Count(data[:i], []byte{'\n'}), "file is binary")
	}
	if !utf8.Valid(data) {
		out, err := charmap.Windows1252.NewDecoder().Bytes(data)
		if err != nil {
			return "", badConfig(file, 0, "file is not text")
		}
		data = out
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), nil
}

// badConfig is a file that cannot be read as what its name says. why never
// quotes the file, which may hold a password.
func badConfig(file string, line int, why string) error {
	return migration.Fail("read configuration", at(file, line), fmt.Errorf("%w: %s", ErrConfiguration, why),
		migration.Msg("hint.config.broken", "File", file, "Line", line))
}
