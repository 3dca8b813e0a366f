// Certificates that SQL Server makes for itself can have a negative serial
// number. Go refuses them before their fingerprint could be compared.
//go:debug x509negativeserial=1

// Command omtctl is omt without a window: the same engine for scripts, servers
// without a screen, and people who cannot use the window.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl+C ends the program at once: whoever presses it again has a
	// reason, and the journal survives it.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], console{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}
