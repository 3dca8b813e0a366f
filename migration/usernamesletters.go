package migration

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// latinLetters writes letters that are not ASCII in the manner of passports
// (ICAO Doc 9303, part 3, section 6, table A), in lower case. Letters with an
// accent that are not here lose the accent.
var latinLetters = map[rune]string{
	'ä': "ae", 'å': "aa", 'æ': "ae", 'ö': "oe", 'ø': "oe", 'œ': "oe", 'ü': "ue", 'ß': "ss",
	'þ': "th", 'ð': "d", 'đ': "d", 'ħ': "h", 'ı': "i", 'ĳ': "ij", 'ł': "l", 'ŋ': "n", 'ŧ': "t",
}

// shortLetters are those of them that many people write with one letter. The
// table allows it for ä, ö and ü.
var shortLetters = map[rune]string{'ä': "a", 'å': "a", 'ö': "o", 'ø': "o", 'ü': "u"}

// localPart writes a name in the letters, digits, hyphens and underlines that
// every mail server accepts before the @, in lower case. Spaces and everything
// else are left out; it is empty if nothing remains. At most 60 bytes: RFC 5321
// allows 64, and numbers may follow.
func localPart(name string, short bool) string {
	var b strings.Builder
	// Composed first, so that an a with a separate mark is the same as ä.
	for _, r := range norm.NFC.String(name) {
		r = unicode.ToLower(r)
		if one, ok := shortLetters[r]; ok && short {
			b.WriteString(one)
		} else if two, ok := latinLetters[r]; ok {
			b.WriteString(two)
		} else {
			for _, d := range norm.NFKD.String(string(r)) {
				if d = unicode.ToLower(d); d < unicode.MaxASCII && (d >= 'a' && d <= 'z' || d >= '0' && d <= '9' || d == '-' || d == '_') {
					b.WriteRune(d)
				}
			}
		}
	}
	out := strings.Trim(b.String(), "-_")
	if len(out) > 60 {
		out = strings.TrimRight(out[:60], "-_")
	}
	return out
}
