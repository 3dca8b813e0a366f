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
// system does not take, a socket or device in the place of a file, one that a
// program on the server of a mounted share holds.
var fileErrors = []error{
	syscall.ELOOP, syscall.EINVAL, syscall.EILSEQ, syscall.ENXIO, syscall.ENODEV, syscall.EBUSY, syscall.ETXTBSY,
}

// busyErrors are what a mounted share makes of Windows' sharing violation.
var busyErrors = []error{syscall.EBUSY, syscall.ETXTBSY}

// lostErrors are none here: a share that is gone has numbers of its own.
var lostErrors []error
