//go:build unix

package azure

import (
	"errors"

	"golang.org/x/sys/unix"
)

// running tells whether there is a process of this number. One of somebody else
// may not be asked, but is there.
func running(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}
