// Package clip bounds what is pasted into a field. A whole document that went into
// a line by mistake would be laid out anew with every letter.
package clip

import "fyne.io/fyne/v2"

// Longest is how many letters go into a line: more than any path has.
const Longest = 2000

// Bound lets the rest of a line take no more than it has room for. Any shortcut
// other than to paste stays as it is.
func Bound(s fyne.Shortcut, now string) fyne.Shortcut {
	p, ok := s.(*fyne.ShortcutPaste)
	if !ok || p.Clipboard == nil {
		return s
	}
	return &fyne.ShortcutPaste{Clipboard: bounded{p.Clipboard, max(0, Longest-len([]rune(now)))}}
}

type bounded struct {
	fyne.Clipboard
	room int
}

func (b bounded) Content() string {
	r := []rune(b.Clipboard.Content())
	return string(r[:min(len(r), b.room)])
}
