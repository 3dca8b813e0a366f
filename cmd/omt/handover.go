package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"omt/app"
	"omt/assets"
	"omt/cmd/internal/network"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// handover is what omtctl needs to go on with the run of this window. The
// passwords stay in memory and go to it through its standard input.
type handover struct {
	ticket, folder string
	location       migration.Location
	access         app.Access
	signIn         app.SignIn
	proxy          network.Login
	config         string // as the program was started, as those below
	state, ca      string
}

// args are the words of omtctl. None of them is a secret.
func (h *handover) args() []string {
	out := []string{"resume", "--secrets-stdin"}
	for _, f := range [][2]string{
		{"--ticket", h.ticket}, {"--config", h.config}, {"--to", h.folder}, {"--state", h.state}, {"--ca", h.ca},
		{"--user", h.signIn.User}, {"--server", h.location.Server}, {"--database", h.location.Database},
		{"--db-user", h.location.User}, {"--netserver", h.location.NetServer}, {"--trust-certificate", h.access.Trust},
		// Always: a variable of the account may ask omtctl for another one.
		{"--language", assets.Spoken().Language()},
	} {
		if f[1] != "" {
			out = append(out, f[0], f[1])
		}
	}
	if h.signIn.AllowPlain {
		out = append(out, "--allow-plain-http")
	}
	if h.access.OldTLS {
		out = append(out, "--allow-old-tls")
	}
	return out
}

// command is what a person types to do the same; the passwords are asked for.
func (h *handover) command() string {
	words := []string{"omtctl"}
	for _, a := range h.args() {
		switch {
		case a == "--secrets-stdin":
			continue
		case strings.ContainsAny(a, " \\"):
			a = `"` + a + `"`
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// handLog gets what omtctl says.
const handLog = "resume.log"

// begin starts program, which is omtctl, so that it lives on after this one. It
// returns the file that gets its messages.
func (h *handover) begin(program, dir string) (log string, err error) {
	defer func() {
		if err != nil {
			err = migration.Fail("start", program, err, migration.Msg("hint.handover", "Command", h.command()))
		}
	}()
	secrets, err := json.Marshal(wiring.Secrets{
		DatabasePassword: h.access.Password, UserPassword: h.signIn.Password, ProxyUser: h.proxy.User, ProxyPassword: h.proxy.Password,
	})
	if err != nil {
		return "", err
	}
	log = filepath.Join(dir, handLog)
	f, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	in, out, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer in.Close()
	c := exec.Command(program, h.args()...)
	c.Stdin, c.Stdout, c.Stderr = in, f, f
	c.SysProcAttr = apart()
	if err := c.Start(); err != nil {
		_ = out.Close() // nobody reads it
		return "", err
	}
	// Far less than the pipe holds, so that nobody has to wait for the reader.
	if _, err := bytes.NewReader(secrets).WriteTo(out); err != nil {
		return "", fmt.Errorf("hand over passwords: %w", err)
	}
	if err := out.Close(); err != nil {
		return "", fmt.Errorf("hand over passwords: %w", err)
	}
	return log, c.Process.Release()
}

// besides is omtctl as it is installed: beside this program.
func besides() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find omtctl: %w", err)
	}
	return filepath.Join(filepath.Dir(exe), "omtctl"+filepath.Ext(exe)), nil
}
