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
