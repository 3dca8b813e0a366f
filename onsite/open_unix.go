//go:build unix

package onsite

import (
	"os"
	"syscall"
)

// openFlags: a FIFO that stands where a file should be must not block the run
// until somebody writes into it.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

// fileErrors belong to one name or file: a chain of links, a name that the file
// system does not take, a socket or device in the place of a file.
var fileErrors = []error{syscall.ELOOP, syscall.EINVAL, syscall.EILSEQ, syscall.ENXIO, syscall.ENODEV}

// lostErrors are none here: a share that is gone has numbers of its own.
var lostErrors []error
