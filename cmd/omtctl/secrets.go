package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// maxSecrets bounds what is read from --secrets-stdin.
const maxSecrets = 64 << 10

// errNoPassword: nobody is there to be asked.
var errNoPassword = errors.New("no password given")

// readSecrets takes the passwords as JSON from standard input. What is missing
// and not in the keyring either is asked for at a terminal.
func readSecrets(c console, fromStdin bool) (wiring.Secrets, error) {
	s := wiring.Secrets{AskUser: func(user string) (string, error) {
		return "", migration.Fail("ask for password of", user, errNoPassword, migration.Msg("hint.secrets.none"))
	}}
	if fromStdin {
		d := json.NewDecoder(io.LimitReader(c.in, maxSecrets))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			// The decoder's own text may quote the input, which holds secrets.
			return s, migration.Fail("read secrets", "standard input", errNoPassword, migration.Msg("hint.secrets.json"))
		}
		return s, nil
	}
	f, ok := c.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s, nil
	}
	prompt := func(id, user string) { fmt.Fprint(c.err, assets.Text(id, map[string]any{"User": user}), " ") }
	ask := func(id, user string) (string, error) {
		prompt(id, user)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return string(b), nil
	}
	s.AskDatabase = func(user string) (string, error) { return ask("cli.dbpassword", user) }
	s.AskUser = func(user string) (string, error) { return ask("cli.password", user) }
	s.AskProxy = func() (user, password string, err error) {
		prompt("cli.proxyuser", "")
		if user, err = readLine(f); err != nil || user == "" {
			return "", "", err
		}
		password, err = ask("cli.proxypassword", user)
		return user, password, err
	}
	return s, nil
}

// readLine takes one line and no byte more: what follows is a password, which
// the terminal must not have shown by then.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < maxSecrets; {
		n, err := r.Read(b)
		if n > 0 && b[0] == '\n' || errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("read user: %w", err)
		}
		line = append(line, b[:n]...)
	}
	return strings.TrimSpace(string(line)), nil
}
