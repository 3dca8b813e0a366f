package wiring

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"omt/migration"
	"omt/onsite/sample"
)

// locked is a session at a served sample whose files do not tell the password of
// the database.
func locked(t *testing.T) (*Session, *Sample, migration.Location) {
	t.Helper()
	keyring.MockInit()
	dir := t.TempDir()
	smp, err := ServeSample(t.Context(), filepath.Join(dir, "sample"), sample.Options{Users: 20, Documents: 20, Rows: 3000, Missing: 1}, sample.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	opts, _ := smp.Options(filepath.Join(dir, "target"), filepath.Join(dir, "state"))
	s := NewSession(opts)
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), smp.Close()); err != nil {
			t.Error(err)
		}
	})
	st, err := s.Begin(t.Context(), "")
	if err != nil || !st.Located {
		t.Fatalf("%+v %v", st, err)
	}
	s.found[0].Password = ""
	st.Location.HasPassword = false
	return s, smp, st.Location
}

func TestPasswordsAreKeptOnRequest(t *testing.T) {
	s, smp, l := locked(t)
	in, ctx := smp.Installation, t.Context()
	at := Access{Password: in.DBPassword, Fingerprint: smp.Running.Fingerprint}
	signIn := SignIn{User: in.AdminName, Password: in.AdminPassword}
	enter := func(a Access, si SignIn) error {
		if _, err := s.ConnectAt(ctx, l, a); err != nil {
			return err
		}
		_, _, err := s.SignIn(ctx, si)
		return err
	}
	if err := enter(at, signIn); err != nil || !reflect.DeepEqual(s.Kept(ctx, l), Kept{}) {
		t.Fatalf("kept without being asked to: %+v %v", s.Kept(ctx, l), err)
	}
	if err := enter(Access{Fingerprint: at.Fingerprint}, signIn); migration.HintOf(err).ID != "hint.connect.missing" {
		t.Errorf("no password anywhere: %v", err)
	}
	// A password that the database refuses is not kept.
	if err := enter(Access{Password: "wrong", Fingerprint: at.Fingerprint, Remember: true}, signIn); err == nil || s.Kept(ctx, l).Database {
		t.Errorf("a wrong password: %v, %+v", err, s.Kept(ctx, l))
	}
	at.Remember, signIn.Remember = true, true
	if err := enter(at, signIn); err != nil || !reflect.DeepEqual(s.Kept(ctx, l), Kept{Database: true, User: in.AdminName}) {
		t.Fatalf("%+v %v", s.Kept(ctx, l), err)
	}
	if err := enter(Access{Fingerprint: at.Fingerprint}, SignIn{User: in.AdminName}); err != nil {
		t.Errorf("with what is kept: %v", err)
	}
	if err := enter(Access{Fingerprint: at.Fingerprint}, SignIn{User: "somebody"}); !errors.Is(err, migration.ErrBadCredentials) {
		t.Errorf("the password of another user was used: %v", err)
	}
	other := l
	other.Server, other.NetServer = "elsewhere", "https://elsewhere/SuperOffice"
	if !reflect.DeepEqual(s.Kept(ctx, other), Kept{}) {
		t.Errorf("another server: %+v", s.Kept(ctx, other))
	}
	if err := s.Forget(ctx, l); err != nil || !reflect.DeepEqual(s.Kept(ctx, l), Kept{}) {
		t.Errorf("forgotten: %+v %v", s.Kept(ctx, l), err)
	}
	if err := s.Forget(ctx, l); err != nil {
		t.Errorf("forgotten twice: %v", err)
	}
}

func TestKeyringThatCannotKeep(t *testing.T) {
	s, smp, l := locked(t)
	in, ctx := smp.Installation, t.Context()
	if _, err := s.ConnectAt(ctx, l, Access{Password: in.DBPassword, Fingerprint: smp.Running.Fingerprint}); err != nil {
		t.Fatal(err)
	}
	s.keepDatabase(ctx, strings.Repeat("x", maxSecret+1))
	if k := s.Kept(ctx, l); k.Trouble.ID != "hint.keyring.long" || k.Database {
		t.Errorf("a password that is too long: %+v", k)
	}
	s.keepDatabase(ctx, strings.Repeat("x", maxSecret))
	if k := s.Kept(ctx, l); !k.Trouble.IsZero() || !k.Database {
		t.Errorf("the longest password: %+v", k)
	}
	keyring.MockInitWithError(errors.New("dbus-launch: not found"))
	t.Cleanup(keyring.MockInit)
	s.keepDatabase(ctx, "x")
	if k := s.Kept(ctx, l); k.Closed.ID != "keyring.none" || k.Trouble.ID != "hint.keyring.store" {
		t.Errorf("no keyring: %+v", k)
	}
	if err := s.Forget(ctx, l); migration.HintOf(err).ID != "hint.keyring.remove" {
		t.Errorf("no keyring to remove from: %v", err)
	}
	if _, err := s.ConnectAt(ctx, l, Access{Fingerprint: smp.Running.Fingerprint}); migration.HintOf(err).ID != "hint.connect.missing" {
		t.Errorf("without a keyring the password is asked for: %v", err)
	}
}

// The order of omtctl: what was given, the keyring, the person.
func TestSecretsOfTheCommandLine(t *testing.T) {
	_, smp, _ := locked(t)
	opts, sec := smp.Options("", "")
	asked := 0
	ask := func(string) (string, error) { asked++; return smp.Installation.AdminPassword, nil }
	open := func(sec Secrets) error {
		s, err := OpenChecks(t.Context(), opts, sec)
		if err != nil {
			return err
		}
		return s.Close()
	}
	if err := open(Secrets{AskUser: ask}); err != nil || asked != 1 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	if err := open(Secrets{UserPassword: sec.UserPassword, AskUser: ask, Remember: true}); err != nil || asked != 1 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	if err := open(Secrets{AskUser: ask}); err != nil || asked != 1 {
		t.Fatalf("the keyring was not used, asked %d times: %v", asked, err)
	}
	if err := open(Secrets{UserPassword: "given", AskUser: ask}); !errors.Is(err, migration.ErrBadCredentials) || asked != 1 {
		t.Errorf("what is given counts more than the keyring: %v", err)
	}
	if l, err := Forget(t.Context(), opts); err != nil || l.Database == "" {
		t.Fatalf("%+v %v", l, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	if err := open(Secrets{AskUser: func(string) (string, error) { cancel(); return "", ended.Err() }}); !errors.Is(err, context.Canceled) {
		t.Errorf("forgotten, and the person went away: %v", err)
	}
}

func TestDropTicket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.omt-ticket")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := DropTicket(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there still: %v", err)
	}
	full := filepath.Join(t.TempDir(), "folder")
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := DropTicket(full); migration.HintOf(err).ID != "hint.ticket.drop" {
		t.Errorf("what cannot be deleted: %v", err)
	}
}
