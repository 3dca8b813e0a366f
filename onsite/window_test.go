package onsite_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"omt/migration"
)

// folderOf is the folder in which the file of a document should lie; empty if it
// has no path.
func folderOf(it migration.Item) string {
	if len(it.Elements) < 4 {
		return ""
	}
	return migration.FoldPath(strings.Join(it.Elements[1:3], "/"))
}

// changes counts how often one document lies in another folder than the one
// before it.
func changes(items []migration.Item) (n int) {
	for i := 1; i < len(items); i++ {
		if folderOf(items[i]) != folderOf(items[i-1]) {
			n++
		}
	}
	return n
}

// TestDocumentsByFolder: the documents of a window come folder by folder, each
// folder once and in it by name; windows follow each other.
func TestDocumentsByFolder(t *testing.T) {
	in := newServer(t, nil).connect(t)
	items := collect(t, in, migration.KindDocument)
	byID := slices.SortedStableFunc(slices.Values(items), func(a, b migration.Item) int { return cmp.Compare(a.Row, b.Row) })
	folders := map[string]bool{}
	for i, it := range items {
		folders[folderOf(it)] = true
		if i == 0 {
			continue
		}
		was := items[i-1]
		if migration.Window(was.Row) > migration.Window(it.Row) {
			t.Errorf("row %d after row %d", it.Row, was.Row)
		}
		if migration.Window(was.Row) == migration.Window(it.Row) && folderOf(was) > folderOf(it) {
			t.Errorf("%s after %s", it.Elements, was.Elements)
		}
	}
	windows := int(migration.Window(byID[len(byID)-1].Row) - migration.Window(byID[0].Row) + 1)
	if n := changes(items); n >= len(folders)*windows {
		t.Errorf("the folder changes %d times, there are %d in %d windows", n, len(folders), windows)
	}
}
