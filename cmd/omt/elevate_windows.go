package main

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"

	"omt/migration"
)

// elevation starts the program again with an administrator's rights; nil if it
// has them.
func elevation(o options) func(ticket string) error {
	if windows.GetCurrentProcessToken().IsElevated() {
		return nil
	}
	return func(ticket string) error {
		err := o.startElevated(ticket)
		if errors.Is(err, windows.ERROR_CANCELLED) {
			return migration.Fail("start as administrator", "", err, migration.Msg("hint.elevate.declined"))
		}
		return migration.Fail("start as administrator", "", err, migration.Msg("hint.elevate"))
	}
}

func (o options) startElevated(ticket string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	args, err := o.again(ticket, os.Getpid())
	if err != nil {
		return err
	}
	var pointers [3]*uint16
	for i, s := range []string{"runas", exe, windows.ComposeCommandLine(args)} {
		if pointers[i], err = windows.UTF16PtrFromString(s); err != nil {
			return err
		}
	}
	return windows.ShellExecute(0, pointers[0], pointers[1], pointers[2], nil, windows.SW_SHOWNORMAL)
}
