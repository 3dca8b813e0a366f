package wiring

import (
	"testing"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	keyring.MockInit() // the real one belongs to whoever runs the tests
	goleak.VerifyTestMain(m)
}
