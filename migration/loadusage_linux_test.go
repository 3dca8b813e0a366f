package migration_test

import (
	"os"
	"syscall"
)

// maxResident is the most memory that a process had, in bytes.
func maxResident(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}
