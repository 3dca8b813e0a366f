package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxElement is the longest escaped path element in bytes. NTFS allows 255
// UTF-16 units, ext4 255 bytes; the rest is room for ".partial" and suffixes.
const maxElement = 230

// TargetPath joins the elements of a path into the name of a target object.
// Each element is escaped (EscapeElement), so that the same rows get the same
// names at a blob container and on a disk.
func TargetPath(elements ...string) string {
	out := make([]string, len(elements))
	for i, e := range elements {
		out[i] = EscapeElement(e)
	}
	return strings.Join(out, "/")
}

// EscapeElement percent-encodes what Azure or NTFS refuse in one path element:
// the characters < > : " / \ | ? * and %, control and non-characters, a
// trailing dot or space, and the first letter of a device name. It is
// reversed by percent-decoding. Only an element whose escaped form is longer
// than 230 bytes is shortened, with a hash of the whole name as suffix; the
// manifest then has the name as it was.
func EscapeElement(s string) string {
	var b strings.Builder
	device := isDevice(s)
	last := len(s) - 1
	for i, r := range s {
		end := i+utf8.RuneLen(r)-1 == last
		switch {
		case refused(r), i == 0 && device, end && (r == '.' || r == ' '):
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() <= maxElement {
		return b.String()
	}
	return shorten(s, b.String())
}

func shorten(name, escaped string) string {
	sum := sha256.Sum256([]byte(name))
	ext := path.Ext(escaped)
	if len(ext) > 16 || strings.ContainsRune(ext, '%') {
		ext = ""
	}
	tail := "~" + hex.EncodeToString(sum[:8]) + ext
	head := escaped[:maxElement-len(tail)]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	// A cut through an escape would leave a lone "%" that cannot be read back.
	if i := strings.LastIndexByte(head, '%'); i > len(head)-3 && i >= 0 {
		head = head[:i]
	}
	return head + tail
}

func refused(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == utf8.RuneError:
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return strings.ContainsRune(`<>:"/\|?*%`, r)
}

// isDevice tells whether Windows would open a device instead of a file.
func isDevice(s string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(s), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, p := range []string{"COM", "LPT"} {
		if d, ok := strings.CutPrefix(stem, p); ok && len([]rune(d)) == 1 && strings.Contains("0123456789¹²³", d) {
			return true
		}
	}
	return false
}

// FoldPath gives the form under which two target paths are the same file on a
// disk that ignores case and Unicode composition.
func FoldPath(p string) string {
	return cases.Fold().String(norm.NFC.String(p))
}

// ClashPath names an object whose plain path belongs to another row with other
// bytes: the row's id stands before the extension.
func ClashPath(p string, id string) string {
	dir, base := path.Split(p)
	ext := path.Ext(base)
	if ext == base {
		ext = ""
	}
	name := strings.TrimSuffix(base, ext) + "~" + EscapeElement(id) + ext
	if len(name) > maxElement {
		name = shorten(name, name)
	}
	return dir + name
}
