package wiring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/ticket"
)

// Sample is a sample installation that is being served, with its ticket.
type Sample struct {
	Installation *sample.Installation
	Running      *sample.Running
	Ticket       string // path of the ticket file
}

// ServeSample builds the sample installation in dir if it is not there, serves
// it on loopback and writes a ticket for it, signed with the demo key.
func ServeSample(ctx context.Context, dir string, build sample.Options, serve sample.ServeOptions) (*Sample, error) {
	in, err := sample.Build(ctx, dir, build)
	if err != nil {
		return nil, err
	}
	// Serving ends with Close, not with ctx: an interrupted migration must find
	// its database until it has reached a safe point.
	run, err := in.Serve(context.WithoutCancel(ctx), serve)
	if err != nil {
		return nil, err
	}
	s := &Sample{Installation: in, Running: run, Ticket: filepath.Join(dir, "sample"+ticket.Extension)}
	if err := s.writeTicket(); err != nil {
		return nil, errors.Join(err, run.Close())
	}
	return s, nil
}

// sampleDays is how long a ticket of the sample is valid.
const sampleDays = 60

// writeTicket keeps a ticket that is there: a resumed demo goes on with it.
func (s *Sample) writeTicket() error {
	if t, err := LoadTicket(s.Ticket); err == nil && t.Demo {
		return nil
	}
	now := time.Now().UTC().Truncate(time.Second)
	t := &migration.Ticket{
		ID: "sample-" + now.Format("20060102T150405Z"), Tenant: "Cust00042", Environment: "demo",
		Company: s.Installation.Company, Serial: s.Installation.Serial, Plans: s.Installation.Plans, ConfidentialSeats: s.Installation.ConfidentialSeats,
		Modes: []migration.Mode{migration.ModeTest, migration.ModeLive}, Target: migration.TargetSpec{Kind: "folder"},
		Freeze:     migration.FreezeSpec{EventKey: "SampleNoLogin"},
		MailDomain: "fjordlys-service.example", Languages: []string{"en"}, TermsURL: "https://terms.example/online",
		NotBefore: now.Add(-time.Hour), Expires: now.AddDate(0, 0, sampleDays),
	}
	b, err := ticket.Sign(t, ticket.DemoKeyID, ticket.DemoKey())
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.Ticket, b, 0o600); err != nil {
		return fmt.Errorf("write ticket: %w", err)
	}
	return nil
}

// Options are those with which the sample is migrated.
func (s *Sample) Options(target, state string) (Options, Secrets) {
	return Options{
		Ticket: s.Ticket, Config: s.Running.ConfigDir, Target: target, State: state,
		User: s.Installation.AdminName, Fingerprint: s.Running.Fingerprint,
	}, Secrets{UserPassword: s.Installation.AdminPassword}
}

// Close ends serving. The files stay.
func (s *Sample) Close() error { return s.Running.Close() }
