package main

// Rules of this command line: results go to standard output, what is going on
// and errors to standard error. With --json every line of standard output is
// one JSON object. Secrets come from --secrets-stdin, the keyring or a prompt,
// never from a flag, because the process list shows flags to everybody.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"sort"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// Exit codes. A failed check ends omtctl check and run with exitFailed,
// warnings alone leave check at exitOK.
const (
	exitOK        = 0
	exitFailed    = 1
	exitUsage     = 2
	exitDiffers   = 3 // verify only: the target is not what was sent
	exitCancelled = 130
)

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// command is one word after omtctl.
type command struct {
	usage string // message id
	run   func(ctx context.Context, args []string, c console) error
}

func commands() map[string]command {
	return map[string]command{
		"demo":         {"cli.demo", demoCommand},
		"sample":       {"cli.sample", sampleCommand},
		"ticket":       {"cli.ticket", ticketCommand},
		"check":        {"cli.check", checkCommand},
		"find":         {"cli.find", findCommand},
		"forget":       {"cli.forget", forgetCommand},
		"plan":         {"cli.plan", planCommand},
		"run":          {"cli.run", runCommand},
		"resume":       {"cli.resume", resumeCommand},
		"preseed":      {"cli.preseed", preseedCommand},
		"recover":      {"cli.recover", recoverCommand},
		"thaw":         {"cli.thaw", thawCommand},
		"find-missing": {"cli.findmissing", findMissingCommand},
		"verify":       {"cli.verify", verifyCommand},
		"bundle":       {"cli.bundle", bundleCommand},
		"compare":      {"cli.compare", compareCommand},
	}
}

// errUsage ends a command whose flags were wrong; flag has said what.
var errUsage = errors.New("usage")

func run(ctx context.Context, args []string, c console) int {
	if len(args) == 1 && (args[0] == "--version" || args[0] == "version") {
		fmt.Fprintln(c.out, wiring.Tool())
		return exitOK
	}
	language, args, err := wiring.TakeLanguage(args)
	if err != nil {
		printError(c, wantsJSON(args), false, err)
		return exitUsage
	}
	// English unless somebody asks: what a script or a colleague reads on a server
	// must not change with the language of the account that runs it.
	assets.Speak(assets.For(language))
	var cmd command
	found := false
	if len(args) > 0 {
		cmd, found = commands()[args[0]]
	}
	if !found {
		usage(c.err)
		return exitUsage
	}
	err = cmd.run(ctx, args[1:], c)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	}
	printError(c, wantsJSON(args), ctx.Err() != nil, err)
	if ctx.Err() != nil {
		return exitCancelled
	}
	if errors.Is(err, migration.ErrDiffers) {
		return exitDiffers
	}
	return exitFailed
}

func usage(w io.Writer) {
	fmt.Fprintln(w, assets.Text("cli.usage", nil))
	all := commands()
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(w, "  omtctl %-12s %s\n", n, assets.Text(all[n].usage, nil))
	}
}

// flags makes the flag set of a command; parse errors are usage errors.
func flags(name string, c console) *flag.FlagSet {
	f := flag.NewFlagSet("omtctl "+name, flag.ContinueOnError)
	f.SetOutput(c.err)
	f.String("language", assets.Spoken().Language(), assets.Text("flag.language", nil)) // taken before, by run
	return f
}

func parse(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if f.NArg() > 0 {
		fmt.Fprintln(f.Output(), assets.Text("cli.extra", map[string]any{"Argument": f.Arg(0)}))
		return errUsage
	}
	return nil
}
