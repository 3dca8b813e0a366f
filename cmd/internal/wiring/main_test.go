package wiring

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	keyring.MockInit() // the real one belongs to whoever runs the tests
	if spec := os.Getenv(freezeChild); spec != "" {
		if err := freezeAndDie(context.Background(), spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // a child that comes here has not died where it should
	}
	goleak.VerifyTestMain(m)
}

// slow leaves a test to the run without race detector: a live migration and the
// checks of a whole sample are seen by it, these go through the same goroutines.
func slow(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("a live migration and the checks of a sample are seen by the race detector, this is gone through without it")
	}
}
