package app

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestNothingHereCanRead: what the window's goroutine must not do, no file of the
// window has the means for: files, processes, the network, databases, digests. All
// of that is behind Guide, whose fake fails a test that calls it on that goroutine.
func TestNothingHereCanRead(t *testing.T) {
	means := []string{"os", "os/exec", "io/ioutil", "net", "net/http", "database/sql", "hash", "crypto/md5", "crypto/sha256"}
	// Looked at before there is a window, and on a goroutine of the trace.
	may := []string{"display_linux.go", "pauses.go"}
	seen := 0
	for _, dir := range []string{".", "board", "filter", "ring", "table"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || slices.Contains(may, file) {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			for _, i := range f.Imports {
				if path, err := strconv.Unquote(i.Path.Value); err != nil || slices.Contains(means, path) {
					t.Errorf("%s imports %s: reading and waiting belong behind Guide", file, i.Path.Value)
				}
			}
		}
	}
	if seen < 70 {
		t.Errorf("only %d files were looked at", seen)
	}
}
