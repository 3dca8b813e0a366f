package onsite

import (
	"strings"
	"unicode/utf8"

	"omt/migration"
)

// maxName is the longest name a file can have on NTFS; it bounds what a row can
// make us look for.
const maxName = 255

// checkName tells why a name from the database may not become one element of a
// path, or nothing. Such a name would lead out of the archive, open a device
// or another stream, or is not one that Windows can have stored.
func checkName(name string) migration.Message {
	unsafe := migration.Msg("reason.name.unsafe", "Name", strings.ToValidUTF8(name, "\ufffd"))
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName {
		return unsafe
	}
	// "." and ".." with blanks or dots behind them mean the same to Windows.
	if strings.TrimRight(name, ". ") == "" {
		return unsafe
	}
	for _, r := range name {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return unsafe
		}
	}
	if device(name) {
		return unsafe
	}
	return migration.Message{}
}

// device tells whether Windows opens a device under this name, whatever its
// extension.
func device(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	for _, p := range []string{"COM", "LPT"} {
		if d, ok := strings.CutPrefix(stem, p); ok && utf8.RuneCountInString(d) == 1 && strings.Contains("0123456789¹²³", d) {
			return true
		}
	}
	return false
}

// foldName is the form in which two names are one file on Windows: case,
// composition, and dots and blanks at the end do not count.
func foldName(name string) string {
	return migration.FoldPath(bareName(name))
}

// bareName is a name without the dots and blanks at its end, which Windows does
// not see.
func bareName(name string) string { return strings.TrimRight(name, ". ") }
