// Certificates that SQL Server makes for itself can have a negative serial
// number. Go refuses them before their fingerprint could be compared.
//go:debug x509negativeserial=1

// Command omt is the desktop program: a window that leads through a migration.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"omt/app"
	"omt/assets"
	"omt/migration"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, app.ErrNoWindow):
		say(err)
		// Whoever has double-clicked the program sees no standard error.
		tell(words(err), true)
		os.Exit(3)
	}
	say(err)
	os.Exit(1)
}

// say writes an error to standard error, for those who started the program
// from a terminal; the window has shown it already.
func say(err error) {
	fmt.Fprintf(os.Stderr, "omt: %v\n%s\n", err, words(err))
}

// words are what people are told to do about an error.
func words(err error) string {
	h := migration.HintOf(err)
	if h.IsZero() {
		return ""
	}
	return assets.Text(h.ID, h.Args)
}
