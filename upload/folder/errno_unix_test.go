//go:build unix

package folder_test

import "golang.org/x/sys/unix"

const (
	full     = unix.ENOSPC
	readOnly = unix.EROFS
	tooBig   = unix.EFBIG
	tooLong  = unix.ENAMETOOLONG
)
