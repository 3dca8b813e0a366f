package wiring

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"omt/migration"
	"omt/migration/journal"
	"omt/onsite"
)

// errNoJournal: there is no journal of this ticket on this computer.
var errNoJournal = errors.New("there is no journal on this computer")

// Bundle gathers what support needs. It needs neither database nor target, and
// what cannot be read is said inside: it is asked for when something is broken.
func (s *Session) Bundle(ctx context.Context, masked bool) (*migration.Bundle, error) {
	src := migration.BundleSource{
		Taken: time.Now(), Unmasked: !masked, Host: s.Host, Ticket: s.Ticket, Journal: s.Journal, Checks: s.Checks,
		Versions: migration.BundleVersions{
			Tool: Tool(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
			SQLServer: s.Identity.Server, SuperOffice: s.Identity.Version, Release: s.Identity.Release,
		},
	}
	dir, err := s.stateDir()
	if err != nil {
		return nil, err
	}
	if src.Ticket == nil {
		src.Ticket, src.JournalErr = LoadTicket(s.Options.Ticket)
	}
	if src.Ticket != nil && src.Journal == nil {
		j, err := foundJournal(ctx, dir, keyOf(src.Ticket))
		if src.Journal, src.JournalErr = j, err; j != nil {
			// Only read from: closing it cannot lose anything.
			defer func() { _ = j.Close() }()
		}
	}
	s.bundleConfig(ctx, &src)
	src.Secrets = append(src.Secrets, s.Settings.Password)
	for _, set := range s.found {
		src.Secrets = append(src.Secrets, set.Password)
	}
	if src.Ticket != nil {
		if _, signature, ok := strings.Cut(src.Ticket.Target.Container, "?"); ok {
			src.Secrets = append(src.Secrets, signature)
		}
	}
	src.Logs, src.LogErr = readLogs(filepath.Join(dir, logFile))
	return migration.NewBundle(ctx, src)
}

// foundJournal opens the journal that is there and never makes one.
func foundJournal(ctx context.Context, dir string, k journal.Key) (*journal.Journal, error) {
	there, err := journal.Exists(dir, k)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, errNoJournal
	}
	j, err := journal.Open(ctx, dir, k, journal.Options{})
	if err != nil {
		return nil, err
	}
	if err := j.Whole(ctx); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// bundleConfig takes the location of this start, else what the configuration
// files say now.
func (s *Session) bundleConfig(ctx context.Context, src *migration.BundleSource) {
	l := s.located
	if l.Server == "" {
		var found onsite.Finding
		found, src.ConfigErr = find(ctx, s.Options.Config)
		for _, set := range found.Installations {
			src.Secrets = append(src.Secrets, set.Password)
		}
		if len(found.Installations) > 0 {
			l = found.Installations[0].Location()
		}
	}
	src.Location = &l
}

// readLogs reads the log and its older files, newest first.
func readLogs(path string) ([]migration.BundleLog, error) {
	var out []migration.BundleLog
	for i := range logKept + 1 {
		b, err := os.ReadFile(logName(path, i))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, err
		}
		out = append(out, migration.BundleLog{Name: filepath.Base(logName(path, i)), Body: b})
	}
	return out, nil
}

// WriteBundle writes a bundle, readable for whoever runs the program alone.
func WriteBundle(file string, b *migration.Bundle, language string) error {
	var out bytes.Buffer
	err := b.Write(&out, language)
	if err == nil {
		err = writeFile(file, out.Bytes())
	}
	return migration.Fail("write support bundle", file, err, migration.Msg("hint.bundle.write", "Path", file))
}
