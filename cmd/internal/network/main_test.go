package network

import (
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"
)

// discard takes what servers of tests say of connections that fail on purpose.
var discard = log.New(io.Discard, "", 0)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
