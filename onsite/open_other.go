//go:build !unix

package onsite

import (
	"os"
	"syscall"
)

const openFlags = os.O_RDONLY

// fileErrors belong to one name or file: in use or locked by a program (32,
// 33), a name that is none (123, 161, 206), refused for a virus (225, 226), a
// link that cannot be followed (681, 1463, 1464, 1920, 1921, 4390 to 4394).
var fileErrors = []error{
	syscall.Errno(32), syscall.Errno(33), syscall.Errno(123), syscall.Errno(161), syscall.Errno(206), syscall.Errno(225), syscall.Errno(226),
	syscall.Errno(681), syscall.Errno(1463), syscall.Errno(1464), syscall.Errno(1920), syscall.Errno(1921),
	syscall.Errno(4390), syscall.Errno(4391), syscall.Errno(4392), syscall.Errno(4393), syscall.Errno(4394),
}

// busyErrors pass by themselves when the program that has the file closes it: a
// scanner within a second, an editor when somebody goes home.
var busyErrors = []error{syscall.Errno(32), syscall.Errno(33)}

// lostErrors would pass for "does not exist": the path of the network was not
// found (53), which is a share that is gone and not a missing file.
var lostErrors = []error{syscall.Errno(53)}
