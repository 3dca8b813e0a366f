package onsite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"omt/migration"
)

// frozenWord stops Customer Service, alone on a line of its configuration.
const frozenWord = "frozen"

// configPath is the Service configuration, empty without Customer Service.
func (f *Freezer) configPath() string {
	base := f.in.settings.Service.BasePath
	if base == "" {
		return ""
	}
	return filepath.Join(base, "config")
}

// prepareConfig plans one line at the end of the file. A line that is only
// appended keeps rights, owner, attributes and streams of the file, is undone by
// cutting the file at its old length, and a kill in the middle of it leaves a
// beginning of the line, which is recognised. A copy that is put in the place of
// the file would leave a second one with the passwords of the database.
func prepareConfig(path string) (*migration.FrozenConfig, error) {
	data, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	text, err := decodeText(path, data)
	if err != nil {
		return nil, err
	}
	c := &migration.FrozenConfig{Path: path, Before: int64(len(data)), Sum: crc32.ChecksumIEEE(data)}
	for _, line := range strings.Split(text, "\n") {
		if strings.EqualFold(strings.TrimSpace(line), frozenWord) {
			c.Already = true
			return c, nil
		}
	}
	c.Added = addedLine(data, text)
	return c, nil
}

// addedLine is the line in the line endings and the encoding of the file.
func addedLine(data []byte, text string) []byte {
	end := "\r\n"
	if strings.Contains(text, "\n") && !bytes.Contains(data, encodeLike(data, "\r\n")) {
		end = "\n"
	}
	line := frozenWord + end
	if text != "" && !strings.HasSuffix(text, "\n") {
		line = end + line
	}
	return encodeLike(data, line)
}

// encodeLike writes ASCII text as the file is written.
func encodeLike(data []byte, text string) []byte {
	var order unicode.Endianness
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = unicode.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = unicode.BigEndian
	default:
		return []byte(text)
	}
	// ASCII has a place in UTF-16, so this cannot fail.
	out, _ := unicode.UTF16(order, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(text))
	return out
}

// canWrite opens the file for writing and leaves it as it is.
func canWrite(path string) error {
	file, err := openToWrite(path)
	if err != nil {
		return cannotWrite(path, err)
	}
	return file.Close()
}

// openToWrite waits a moment for a file that Customer Service is reading.
func openToWrite(path string) (*os.File, error) {
	return whileBusy(context.Background(), func() (*os.File, error) { return os.OpenFile(path, os.O_RDWR, 0) })
}

func cannotWrite(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		if info, serr := os.Stat(path); serr == nil && info.Mode()&0o222 == 0 {
			return migration.Fail("write to", path, fmt.Errorf("%w: %w", migration.ErrForbidden, err), migration.Msg("hint.freeze.readonly", "Path", path))
		}
		return migration.Fail("write to", path, fmt.Errorf("%w: %w: %w", migration.ErrForbidden, migration.ErrNeedsAdministrator, err), migration.Msg("hint.freeze.config", "Path", path))
	}
	return migration.Fail("write to", path, err, migration.Msg("hint.freeze.busy", "Path", path))
}

// freezeConfig appends the line, or what an interrupted attempt left out of it.
func (f *Freezer) freezeConfig(c *migration.FrozenConfig) (err error) {
	data, err := readConfig(c.Path)
	if err != nil {
		return err
	}
	if int64(len(data)) < c.Before || crc32.ChecksumIEEE(data[:c.Before]) != c.Sum || !bytes.HasPrefix(c.Added, data[c.Before:]) {
		return fmt.Errorf("freeze %s: %w", c.Path, migration.ErrChanged)
	}
	rest := c.Added[int64(len(data))-c.Before:]
	if len(rest) == 0 {
		return nil
	}
	file, err := openToWrite(c.Path)
	if err != nil {
		return cannotWrite(c.Path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = cannotWrite(c.Path, cerr)
		}
	}()
	if f.FailPoint != nil && len(rest) > 3 {
		// A test ends the process between two halves, as a system may.
		if _, err := file.WriteAt(rest[:3], int64(len(data))); err != nil {
			return cannotWrite(c.Path, err)
		}
		if err := f.step(StepConfigHalf); err != nil {
			return err
		}
	}
	if _, err := file.WriteAt(rest, int64(len(data))); err != nil {
		return cannotWrite(c.Path, err)
	}
	if err := file.Sync(); err != nil {
		return cannotWrite(c.Path, err)
	}
	return nil
}

// thawConfig takes the line away, wherever Freeze had come to.
func thawConfig(c *migration.FrozenConfig) ([]migration.Message, error) {
	if c.Already {
		return []migration.Message{migration.Msg("thaw.config.stays", "Path", c.Path)}, nil
	}
	data, err := readConfig(c.Path)
	if err != nil {
		return nil, err
	}
	n := int64(len(data))
	if n >= c.Before && crc32.ChecksumIEEE(data[:c.Before]) == c.Sum && bytes.HasPrefix(c.Added, data[c.Before:]) {
		if n == c.Before {
			return nil, nil
		}
		return nil, truncate(c.Path, c.Before)
	}
	from, to := ourLine(data, c)
	if from < 0 {
		return []migration.Message{migration.Msg("thaw.config.gone", "Path", c.Path)}, nil
	}
	note := []migration.Message{migration.Msg("thaw.config.edited", "Path", c.Path)}
	return note, cutLine(c.Path, data, from, to)
}

func truncate(path string, size int64) (err error) {
	file, err := openToWrite(path)
	if err != nil {
		return cannotWrite(path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = cannotWrite(path, cerr)
		}
	}()
	if err := errors.Join(file.Truncate(size), file.Sync()); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

// ourLine finds the line in a file that somebody has edited: at its old place,
// else the last line that is nothing but the word. from is negative if there is none.
func ourLine(data []byte, c *migration.FrozenConfig) (from, to int) {
	at := int(c.Before)
	if at <= len(data) && bytes.HasPrefix(data[at:], c.Added) {
		return at, at + len(c.Added)
	}
	word, end := encodeLike(data, frozenWord), encodeLike(data, "\n")
	for at := len(data); at > 0; {
		at = bytes.LastIndex(data[:at], word)
		if at < 0 {
			break
		}
		start := 0
		if i := bytes.LastIndex(data[:at], end); i >= 0 {
			start = i + len(end)
		} else if len(word) > len(frozenWord) {
			start = 2 // the mark of UTF-16
		}
		stop := len(data)
		if i := bytes.Index(data[at:], end); i >= 0 {
			stop = at + i + len(end)
		}
		if strings.TrimSpace(strings.Map(plain, string(data[start:stop]))) == frozenWord {
			return start, stop
		}
	}
	return -1, -1
}

// plain leaves out the zero halves of UTF-16 and the mark of UTF-8.
func plain(r rune) rune {
	if r == 0 || r == '\ufeff' {
		return -1
	}
	return r
}

// cutLine removes bytes from the middle. On Windows a new file would lose the
// rights of the old one, so that the word is overwritten by blanks there: one
// write of a few bytes, after which the line says nothing. Elsewhere the file is
// replaced as a whole.
func cutLine(path string, data []byte, from, to int) error {
	if runtime.GOOS != "windows" {
		if err := replaceConfig(path, append(bytes.Clone(data[:from]), data[to:]...)); err == nil {
			return nil
		}
	}
	blank := encodeLike(data, strings.Repeat(" ", len(frozenWord)))
	at := bytes.Index(data[from:to], encodeLike(data, frozenWord))
	file, err := openToWrite(path)
	if err != nil {
		return cannotWrite(path, err)
	}
	_, err = file.WriteAt(blank, int64(from+at))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

// replaceConfig puts a new file in the place of the old one, with its mode.
func replaceConfig(path string, data []byte) (err error) {
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "config.omt-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, bytes.NewReader(data))
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// heldConfig tells whether the word is there, with a mark that changes when the
// file is written. A file that cannot be read is an error: it may be frozen.
func heldConfig(path string) (bool, string, error) {
	data, err := readConfig(path)
	if err != nil {
		return false, "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, "", cannotRead(path, err)
	}
	text, err := decodeText(path, data)
	if err != nil {
		return false, "", err
	}
	mark := strconv.FormatInt(info.ModTime().UnixNano(), 36) + "-" + strconv.FormatUint(uint64(crc32.ChecksumIEEE(data)), 16)
	for _, line := range strings.Split(text, "\n") {
		if strings.EqualFold(strings.TrimSpace(line), frozenWord) {
			return true, mark, nil
		}
	}
	return false, mark, nil
}
