package wiring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"omt/migration"
	"omt/upload/bacpac"
)

// OpenChecks opens what the checks need: the installation and a sign-in. A
// ticket is used if one is named and never looked for, so that the checks can
// be carried out before there is one; the target likewise.
func OpenChecks(ctx context.Context, o Options, sec Secrets) (_ *Session, err error) {
	s := &Session{Options: o, Log: zap.NewNop()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	spec := migration.TargetSpec{Kind: "folder"}
	if o.Ticket != "" {
		if s.Ticket, err = LoadTicket(o.Ticket); err != nil {
			return nil, err
		}
		spec = s.Ticket.Target
	}
	if err := s.connect(ctx, &sec); err != nil {
		return nil, err
	}
	if s.Ticket != nil {
		if s.Identity, err = migration.Guard(ctx, s.Source, s.Ticket); err != nil {
			return nil, err
		}
	}
	if err := s.login(ctx, sec); err != nil {
		return nil, err
	}
	if err := s.rememberSecrets(ctx, sec); err != nil {
		return nil, err
	}
	// Of a folder nothing is known before it is chosen.
	if o.Target != "" || spec.Kind != "folder" {
		return s, s.openTarget()
	}
	return s, nil
}

// RunChecks carries out all checks, or those of only.
func (s *Session) RunChecks(ctx context.Context, only ...migration.CheckID) (*migration.CheckReport, error) {
	return s.check(ctx, nil, only)
}

// Check is RunChecks for a session that a person goes through; found is called
// as each check ends.
func (s *Session) Check(ctx context.Context, found func(migration.CheckResult), only ...migration.CheckID) (*migration.CheckReport, error) {
	if s.Source == nil || s.Principal.UserName == "" {
		return nil, ErrNotConnected
	}
	return s.check(ctx, found, only)
}

func (s *Session) check(ctx context.Context, found func(migration.CheckResult), only []migration.CheckID) (*migration.CheckReport, error) {
	c := migration.Checker{
		Source: s.Source, Facts: s.Source, Packager: bacpac.New(), Target: s.Target,
		Principal: s.Principal, LeaveOut: s.LeaveOut, Tool: Tool(), Now: time.Now, Counting: s.Options.Counting, Found: found,
	}
	r, err := c.Run(ctx, only...)
	if err != nil {
		return nil, fmt.Errorf("check installation: %w", err)
	}
	return r, nil
}

// ExportChecks writes the results as a list or a page, by the file's extension.
// They name people, so only whoever runs the program may read them.
func ExportChecks(file string, r *migration.CheckReport, language string) error {
	var b bytes.Buffer
	var err error
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".csv":
		err = r.CSV(&b, language)
	case ".html", ".htm":
		var page []byte
		page, err = r.HTML(language)
		b.Write(page)
	default:
		return migration.Fail("write list of checks", file, fmt.Errorf("extension %q is not known", ext), migration.Msg("hint.check.extension"))
	}
	if err == nil {
		err = writeFile(file, b.Bytes())
	}
	return migration.Fail("write list of checks", file, err, migration.Msg("hint.check.export", "Path", file))
}

// Acknowledge takes the checks into the run. taken tells whether the person who
// signed in takes the warnings upon himself; without it a run with warnings
// does not start.
func (s *Session) Acknowledge(r *migration.CheckReport, taken bool) {
	by := ""
	if taken {
		by = s.Principal.UserName
	}
	s.Checks = r.Acknowledge(by, time.Now())
}
