package onsite

import (
	"context"
	"net"

	"github.com/microsoft/go-mssqldb/msdsn"
	_ "github.com/microsoft/go-mssqldb/namedpipe"    // registers np
	_ "github.com/microsoft/go-mssqldb/sharedmemory" // registers lpc
)

// windowsAccount: without a database user the driver signs in with the account
// of Windows that runs the program.
const windowsAccount = true

// systemPipes opens pipes with the packages of the driver.
var systemPipes = func(ctx context.Context, p Pipe) (net.Conn, error) {
	c := msdsn.Config{Host: p.Host, Instance: p.Instance, Parameters: map[string]string{}, ProtocolParameters: map[string]any{}}
	for _, parser := range msdsn.ProtocolParsers {
		if parser.Protocol() == p.Protocol {
			if err := parser.ParseServer(p.Name, &c); err != nil {
				return nil, err
			}
		}
	}
	return msdsn.ProtocolDialers[p.Protocol].DialConnection(ctx, &c)
}
