package migration

import (
	"context"
	"slices"
	"strings"
)

// checkAdministrator: somebody must be able to sign in online and set up the
// others, and whoever migrates must be one of them.
func checkAdministrator(ctx context.Context, k *checking, f *finding) error {
	people, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	for _, u := range people {
		if u.Admin {
			f.row(who(u)...)
		}
	}
	args := []any{"Count", f.Total, "User", k.Principal.UserName}
	switch {
	case k.Principal.UserName == "":
		f.say(CheckFailed, "nobody", args...)
	case f.Total == 0:
		f.say(CheckFailed, "none", args...)
	case !k.Principal.Proved:
		f.say(CheckWarning, "asserted", args...)
	default:
		f.say(CheckPassed, "passed", args...)
	}
	return nil
}

// who are the cells that name a user.
func who(u User) []Cell { return []Cell{value(u.AssociateID), value(u.Initials), value(u.FullName)} }

// checkDuplicates finds addresses that several users have: online it can be
// the user name of only one.
func checkDuplicates(ctx context.Context, k *checking, f *finding) error {
	people, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	holders := map[string][]User{}
	spelt := map[string]string{}
	var order []string
	for _, u := range people {
		for _, a := range u.Emails {
			key := FoldAddress(a)
			if key == "" {
				continue
			}
			have := holders[key]
			if len(have) == 0 {
				order, spelt[key] = append(order, key), strings.TrimSpace(a)
			} else if have[len(have)-1].AssociateID == u.AssociateID {
				continue // the same address twice on one person
			}
			holders[key] = append(have, u)
		}
	}
	for _, key := range order {
		if len(holders[key]) < 2 {
			continue
		}
		var names []string
		for _, u := range holders[key] {
			names = append(names, u.Initials+" ("+u.FullName+")")
		}
		f.row(value(spelt[key]), value(strings.Join(names, ", ")))
	}
	f.end(CheckWarning)
	return nil
}

// checkInvalid finds addresses of users that cannot be a user name.
func checkInvalid(ctx context.Context, k *checking, f *finding) error {
	people, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	for _, u := range people {
		for _, a := range u.Emails {
			if !ValidAddress(strings.TrimSpace(a)) {
				f.row(append(who(u), value(a))...)
			}
		}
	}
	f.end(CheckWarning)
	return nil
}

// checkLicences finds people without a licence: they get no user plan unless
// somebody gives them one.
func checkLicences(ctx context.Context, k *checking, f *finding) error {
	people, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	for _, u := range people {
		if !licensed(u) {
			f.row(who(u)...)
		}
	}
	f.end(CheckWarning)
	return nil
}

// checkAddresses finds people without any address that can be a user name.
func checkAddresses(ctx context.Context, k *checking, f *finding) error {
	people, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	for _, u := range people {
		if !slices.ContainsFunc(u.Emails, func(a string) bool { return ValidAddress(strings.TrimSpace(a)) }) {
			f.row(who(u)...)
		}
	}
	f.end(CheckWarning)
	return nil
}
