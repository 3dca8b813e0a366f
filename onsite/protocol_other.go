//go:build !windows

package onsite

import (
	"context"
	"net"
)

// systemPipes is nil: named pipes and shared memory of SQL Server are of Windows.
var systemPipes func(context.Context, Pipe) (net.Conn, error)
