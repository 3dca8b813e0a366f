//go:build unix

package onsite

import (
	"os"
	"syscall"
)

// openFlags: a FIFO that stands where a file should be must not block the run
// until somebody writes into it.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK
