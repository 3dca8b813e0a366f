//go:build !windows

package onsite

import (
	"context"
	"net"
)

// windowsAccount: there is none to sign in with.
const windowsAccount = false

// systemPipes is nil: named pipes and shared memory of SQL Server are of Windows.
var systemPipes func(context.Context, Pipe) (net.Conn, error)
