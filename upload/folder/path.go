package folder

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"omt/migration"
)

// Names of the directory that are no objects; no object's path may begin with them.
const (
	tempDir  = ".omt-tmp"
	lockName = "session.lock"
)

// maxPath bounds an object's path in bytes.
const maxPath = 4096

// checkPath refuses what is not a plain relative path below the folder. Names
// come from a customer's database: a path that slips through here would write
// over files of the computer. os.Root would refuse most of it too; this gives
// the reason, and the same answer on every system.
func checkPath(path string) error {
	why := ""
	switch {
	case path == "":
		why = "is empty"
	case len(path) > maxPath:
		why = "is too long"
	case !utf8.ValidString(path):
		why = "is not valid UTF-8"
	case strings.HasPrefix(path, "/"):
		why = "is absolute"
	case strings.ContainsAny(path, "\\:\x00"):
		// A colon names a drive or a stream on Windows.
		why = `holds one of \ : NUL`
	default:
		why = checkElements(path)
	}
	if why == "" {
		return nil
	}
	// Quoted and cut: it may hold control characters or be endless.
	return migration.Fail("use path", strconv.Quote(path[:min(len(path), 200)]), errors.New(why), migration.Msg("hint.folder.path"))
}

func checkElements(path string) string {
	elements := strings.Split(path, "/")
	for _, e := range elements {
		switch e {
		case "":
			return "has an empty element"
		case ".", "..":
			return "has the element " + e
		}
	}
	// Without regard to case: NTFS holds both spellings for one.
	first := elements[0]
	if strings.EqualFold(first, lockName) || len(first) >= len(tempDir) && strings.EqualFold(first[:len(tempDir)], tempDir) {
		return "is a name of the target itself"
	}
	return ""
}

// parent is the directory of a path, "." for the folder itself.
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "."
	}
	return path[:i]
}

// tempName names a file below tempDir that belongs to the object at path. A
// digest and not "<path>.partial": a customer's document may be called
// "x.partial", and a name of full length has no room for a suffix.
func tempName(path, suffix string) string {
	sum := sha256.Sum256([]byte(path))
	return tempDir + "/" + hex.EncodeToString(sum[:16]) + suffix
}
