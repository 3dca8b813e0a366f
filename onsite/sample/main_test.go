package sample

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

var sharedDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sample")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sharedDir = dir
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}

var sharedBuild = sync.OnceValues(func() (*Installation, error) { return Build(context.Background(), sharedDir, small) })

// shared is one small installation for the tests that only serve it.
func shared(t *testing.T) *Installation {
	t.Helper()
	in, err := sharedBuild()
	if err != nil {
		t.Fatal(err)
	}
	return in
}
