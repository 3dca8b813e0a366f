package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/upload/ticket"
)

// ticketCommand is for Online Operations: keygen and sign; and for the
// migrator: show.
func ticketCommand(_ context.Context, args []string, c console) error {
	if len(args) == 0 {
		fmt.Fprintln(c.err, assets.Text("cli.ticket.usage", nil))
		return errUsage
	}
	switch args[0] {
	case "keygen":
		return ticketKeygen(args[1:], c)
	case "sign":
		return ticketSign(args[1:], c)
	case "show":
		return ticketShow(args[1:], c)
	}
	fmt.Fprintln(c.err, assets.Text("cli.ticket.usage", nil))
	return errUsage
}

// ticketKeygen writes a key pair; the private half goes to a file that only
// its owner can read and never over another one.
func ticketKeygen(args []string, c console) error {
	f := flags("ticket keygen", c)
	out := f.String("out", "ticket-key", assets.Text("flag.keyout", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	pub, priv, err := ticket.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(*out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return migration.Fail("write key", *out, err, migration.Msg("hint.key.exists", "Path", *out))
	}
	_, err = fmt.Fprintln(file, ticket.FormatPrivateKey(priv))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err := os.WriteFile(*out+".pub", []byte(ticket.FormatPublicKey(pub)+"\n"), 0o644); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	fmt.Fprintln(c.out, assets.Text("cli.keygen", map[string]any{"Private": *out, "Public": *out + ".pub"}))
	return nil
}

// ticketSign reads an unsigned ticket and writes the signed one.
func ticketSign(args []string, c console) error {
	f := flags("ticket sign", c)
	in := f.String("in", "", assets.Text("flag.signin", nil))
	out := f.String("out", "", assets.Text("flag.signout", nil))
	key := f.String("key", "", assets.Text("flag.key", nil))
	id := f.String("key-id", "", assets.Text("flag.keyid", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	if *in == "" || *out == "" || *key == "" || *id == "" {
		fmt.Fprintln(c.err, assets.Text("cli.ticket.usage", nil))
		return errUsage
	}
	text, err := os.ReadFile(*key)
	if err != nil {
		return fmt.Errorf("read key: %w", err)
	}
	priv, err := ticket.ParsePrivateKey(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	t, err := readUnsigned(*in)
	if err != nil {
		return err
	}
	b, err := ticket.Sign(t, *id, priv)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, b, 0o600); err != nil {
		return fmt.Errorf("write ticket: %w", err)
	}
	fmt.Fprintln(c.out, assets.Text("cli.signed", map[string]any{"Path": *out, "Tenant": t.Tenant, "Company": t.Company}))
	return nil
}

func readUnsigned(path string) (*migration.Ticket, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read ticket: %w", err)
	}
	defer file.Close()
	d := json.NewDecoder(io.LimitReader(file, ticket.MaxSize))
	d.DisallowUnknownFields()
	t := &migration.Ticket{}
	if err := d.Decode(t); err != nil {
		return nil, migration.Fail("read ticket", path, err, migration.Msg("hint.ticket.json"))
	}
	return t, nil
}

// ticketShow verifies a ticket and prints it without its secrets.
func ticketShow(args []string, c console) error {
	f := flags("ticket show", c)
	path := f.String("ticket", "", assets.Text("flag.ticket", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	t, err := wiring.LoadTicket(*path)
	if t == nil {
		return err
	}
	b, jerr := json.MarshalIndent(shownTicket(t), "", "  ")
	if jerr != nil {
		return fmt.Errorf("show ticket: %w", jerr)
	}
	fmt.Fprintf(c.out, "%s\n", b)
	return err
}

// shownTicket is the ticket without what opens the container and without the
// key of the no-login event, which is not public.
func shownTicket(t *migration.Ticket) migration.Ticket {
	shown := *t
	shown.Signature, shown.Target.Container, shown.Freeze.EventKey = "", "", ""
	if u, err := url.Parse(t.Target.Container); err == nil && t.Target.Container != "" {
		u.RawQuery, u.User, u.Fragment = "", nil, ""
		shown.Target.Container = u.String()
	}
	return shown
}
