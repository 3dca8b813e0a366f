package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/zalando/go-keyring"

	"omt/migration"
	"omt/onsite"
)

// What the person asks to be remembered lies in the keyring of the system under
// this service: an account for each database user at a database, and one for
// each NetServer. A password is found only for the place it was used at, so it
// never goes to another computer.
const keyringService = "omt"

// maxSecret is the limit of Windows' credential manager in bytes. It holds
// everywhere, so that all systems behave alike.
const maxSecret = 2560

// errSecretTooLong: a password cannot be remembered.
var errSecretTooLong = errors.New("secret is too long for the keyring")

// errNotRemembered: the person asked for it, and it could not be done.
var errNotRemembered = errors.New("passwords were not remembered")

// Kept tells what the keyring keeps for a location, without the secrets.
type Kept struct {
	Database bool              // the password of its database user
	User     string            // of SuperOffice, whose password is kept; empty if none is
	Proxy    bool              // the account at the proxy
	Closed   migration.Message // why nothing can be kept
	Trouble  migration.Message // why the last password that was to be kept was not
}

// Kept asks the keyring.
func (s *Session) Kept(ctx context.Context, l migration.Location) Kept {
	r := Kept{Trouble: s.trouble}
	_, there, err := recall(ctx, databaseAccount(l))
	if err != nil {
		r.Closed = migration.Msg("keyring.none")
		return r
	}
	r.Database = there && l.User != ""
	_, r.Proxy, _ = recall(ctx, proxyAccount) // the keyring answered a moment ago
	if in, ok := recallSignIn(ctx, l.NetServer); ok {
		r.User = in.User
	}
	return r
}

// Forget removes what the keyring keeps for a location.
func (s *Session) Forget(ctx context.Context, l migration.Location) error {
	s.trouble = migration.Message{}
	for _, account := range []string{databaseAccount(l), signInAccount(l.NetServer), proxyAccount} {
		_, err := patiently(ctx, func() (struct{}, error) { return struct{}{}, keyring.Delete(keyringService, account) })
		if err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return migration.Fail("remove password of", account, err, migration.Msg("hint.keyring.remove"))
		}
	}
	return nil
}

// Forget removes what the keyring keeps for the installation that the options
// mean, and says which one that is.
func Forget(ctx context.Context, o Options) (migration.Location, error) {
	s := NewSession(o)
	if err := s.locate(ctx); err != nil {
		return migration.Location{}, err
	}
	l := s.Settings.Location()
	return l, s.Forget(ctx, l)
}

// DropTicket deletes the file of a ticket. A file that is gone is as good.
func DropTicket(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return migration.Fail("delete ticket", path, err, migration.Msg("hint.ticket.drop", "Path", path))
}

func databaseAccount(l migration.Location) string {
	server := strings.ToLower(strings.TrimSpace(l.Server)) + "/" + strings.ToLower(strings.TrimSpace(l.Database))
	return "database " + strings.TrimSpace(l.User) + "@" + server
}

func signInAccount(netServer string) string {
	return "sign-in " + strings.ToLower(strings.TrimRight(strings.TrimSpace(netServer), "/"))
}

// rememberedSignIn is the secret of a NetServer's account.
type rememberedSignIn struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

func recallSignIn(ctx context.Context, netServer string) (in rememberedSignIn, ok bool) {
	if netServer == "" {
		return in, false
	}
	text, ok, err := recall(ctx, signInAccount(netServer))
	if err != nil || !ok || json.Unmarshal([]byte(text), &in) != nil {
		return rememberedSignIn{}, false
	}
	return in, in.User != "" && in.Password != ""
}

// recall reads one secret. Without a keyring there is an error.
func recall(ctx context.Context, account string) (secret string, there bool, err error) {
	secret, err = patiently(ctx, func() (string, error) { return keyring.Get(keyringService, account) })
	if errors.Is(err, keyring.ErrNotFound) {
		return "", false, nil
	}
	return secret, err == nil, err
}

// keep stores a secret. A failure does not end what the person does: the pages
// tell it, and the password is asked for again.
func (s *Session) keep(ctx context.Context, account, secret string) {
	s.trouble = migration.HintOf(store(ctx, account, secret))
}

func store(ctx context.Context, account, secret string) error {
	if len(secret) > maxSecret {
		return migration.Fail("remember", account, errSecretTooLong, migration.Msg("hint.keyring.long", "Limit", maxSecret))
	}
	_, err := patiently(ctx, func() (struct{}, error) { return struct{}{}, keyring.Set(keyringService, account, secret) })
	return migration.Fail("remember", account, err, migration.Msg("hint.keyring.store"))
}

func (s *Session) keepDatabase(ctx context.Context, password string) {
	s.keep(ctx, databaseAccount(s.Settings.Location()), password)
}

func (s *Session) keepSignIn(ctx context.Context, user, password string) {
	l := s.Settings.Location()
	if l.NetServer == "" {
		return
	}
	b, err := json.Marshal(rememberedSignIn{strings.TrimSpace(user), password})
	if err != nil {
		s.trouble = migration.Msg("hint.keyring.store")
		return
	}
	s.keep(ctx, signInAccount(l.NetServer), string(b))
}

// databasePassword is that of the keyring for settings whose files tell none.
func databasePassword(ctx context.Context, set onsite.Settings) string {
	if set.User == "" {
		return ""
	}
	secret, _, err := recall(ctx, databaseAccount(set.Location()))
	if err != nil {
		return "" // no keyring: the password is asked for
	}
	return secret
}

// userPassword is that of the keyring for a SuperOffice user.
func userPassword(ctx context.Context, set onsite.Settings, user string) string {
	if in, ok := recallSignIn(ctx, set.Location().NetServer); ok && strings.EqualFold(in.User, strings.TrimSpace(user)) {
		return in.Password
	}
	return ""
}

// patiently waits for the keyring, which may ask the person to unlock it, until
// it answers or ctx ends. A call that is left alone ends when the keyring does.
func patiently[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := f()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("wait for keyring: %w", ctx.Err())
	}
}
