package wiring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"omt/migration"
)

// ErrNotConnected: something was asked of the installation before ConnectAt.
var ErrNotConnected = errors.New("database is not connected")

// viaAsserted marks an identity that nobody proved.
const viaAsserted = "asserted"

// SignIn is a login of a SuperOffice administrator.
type SignIn struct {
	User, Password string
	AllowPlain     bool // a password over http was confirmed
	Assert         bool // without NetServer: identity by name only was confirmed
	// Remember keeps the password in the keyring once NetServer took it. An empty
	// password is that of the keyring.
	Remember bool
}

// SignIn proves an administrator of the connected database. Assert counts only
// if no NetServer can be reached: one that answers decides, so that a wrong
// password cannot be replaced by a name.
func (s *Session) SignIn(ctx context.Context, in SignIn) (migration.Principal, migration.User, error) {
	s.Principal = migration.Principal{}
	if s.Source == nil {
		return migration.Principal{}, migration.User{}, ErrNotConnected
	}
	typed := in.Password
	if in.Password == "" {
		in.Password = userPassword(ctx, s.Settings, in.User)
	}
	auth, err := s.authenticator(in.AllowPlain)
	if err != nil {
		return migration.Principal{}, migration.User{}, err
	}
	p, err := auth.Login(ctx, strings.TrimSpace(in.User), in.Password)
	asserted := in.Assert && errors.Is(err, migration.ErrNoNetServer) && ctx.Err() == nil
	if err != nil && !asserted {
		return migration.Principal{}, migration.User{}, err
	}
	users, err := s.Source.Users(ctx)
	if err != nil {
		return migration.Principal{}, migration.User{}, fmt.Errorf("read users: %w", err)
	}
	if asserted {
		if p, err = assert(in.User, users); err != nil {
			return migration.Principal{}, migration.User{}, err
		}
	}
	if err := belongs(p, users, s.Settings.Database); err != nil {
		return migration.Principal{}, migration.User{}, err
	}
	s.Principal = p
	if in.Remember && typed != "" && p.Proved {
		s.keepSignIn(ctx, in.User, typed)
	}
	i := slices.IndexFunc(users, func(u migration.User) bool { return u.AssociateID == p.AssociateID })
	return p, users[i], nil
}

// assert finds the administrator of that name. The login of the database was
// proved by connecting, the person was not.
func assert(name string, users []migration.User) (migration.Principal, error) {
	name = strings.TrimSpace(name)
	for _, u := range users {
		if u.Candidate() && u.Admin && name != "" && strings.EqualFold(u.Initials, name) {
			return migration.Principal{AssociateID: u.AssociateID, UserName: u.Initials, FullName: u.FullName, Via: viaAsserted}, nil
		}
	}
	return migration.Principal{}, migration.Fail("log in", name, migration.ErrNotAdministrator, migration.Msg("hint.login.asserted", "User", name))
}

func (s *Session) login(ctx context.Context, sec Secrets) (err error) {
	auth, err := s.authenticator(s.Options.PlainHTTP)
	if err != nil {
		return err
	}
	s.Principal, err = auth.Login(ctx, s.Options.User, sec.UserPassword)
	return err
}

// owned holds the person who signed in against this database. The checks do it
// on their own, so that a list can be made of an installation that fails here.
func (s *Session) owned(ctx context.Context) error {
	users, err := s.Source.Users(ctx)
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	return belongs(s.Principal, users, s.Settings.Database)
}

// belongs fails if the person who signed in is no administrator of this
// database: then NetServer is that of another installation, and its
// administrators may not move this one.
func belongs(p migration.Principal, users []migration.User, database string) error {
	if slices.ContainsFunc(users, func(u migration.User) bool { return u.AssociateID == p.AssociateID && u.Admin }) {
		return nil
	}
	return migration.Fail("log in", p.UserName, migration.ErrNotAdministrator,
		migration.Msg("hint.login.elsewhere", "User", p.UserName, "Database", database))
}
