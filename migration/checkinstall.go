package migration

import (
	"context"
	"strings"
)

// checkVersion: SuperOffice's migration takes 7.1 and later (DOCS: migration
// guide); older databases are upgraded first.
func checkVersion(_ context.Context, k *checking, f *finding) error {
	if k.identity.Release == "" {
		f.row(local(k.identity.Version))
	}
	f.end(CheckFailed, "Version", k.identity.Version)
	return nil
}

// checkCentral: only the central database holds everybody's data.
func checkCentral(ctx context.Context, k *checking, f *finding) error {
	places, err := k.Facts.Places(ctx)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		f.say(CheckWarning, "unknown")
		return nil
	}
	for _, p := range places {
		switch {
		case p.CurrentID >= firstSatellite:
			f.row(value(p.CurrentID), words(Msg("check.place.satellite")))
		case p.CurrentID != 0:
			f.row(value(p.CurrentID), words(Msg("check.place.travel")))
		}
	}
	f.end(CheckFailed)
	return nil
}

func checkTravel(ctx context.Context, k *checking, f *finding) error {
	list, err := k.Facts.Travellers(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		who := value(t.User)
		if t.User == "" && t.ID >= firstSatellite {
			who = words(Msg("check.place.satellite"))
		}
		f.row(value(t.ID), who)
	}
	f.end(CheckFailed)
	return nil
}

// checkSatellites: what an active satellite is, is not public; every row counts.
func checkSatellites(ctx context.Context, k *checking, f *finding) error {
	list, err := k.Facts.Satellites(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		f.row(value(s.ID), value(s.Company))
	}
	f.end(CheckFailed)
	return nil
}

func checkAddons(ctx context.Context, k *checking, f *finding) error {
	list, err := k.Facts.AddonPreferences(ctx)
	if err != nil {
		return err
	}
	for _, p := range list {
		who := value(p.User)
		if p.User == "" {
			who = words(Msg("check.everybody"))
		}
		f.row(value(p.ID), who, value(p.Section), value(p.Key))
	}
	f.end(CheckFailed)
	return nil
}

// checkDictionary: a table that SuperOffice believes to have and that does not
// exist ends the conversion online with "invalid object name" (DOCS:
// troubleshooting). Existing ones in another schema do not help it.
func checkDictionary(ctx context.Context, k *checking, f *finding) error {
	names, err := k.dictionary(ctx)
	if err != nil {
		return err
	}
	cat, err := k.tables(ctx)
	if err != nil {
		return err
	}
	var missing []string
	for _, n := range names {
		if cat.Find(cat.Schema, n) == nil {
			f.row(value(cat.Schema + "." + n))
			missing = append(missing, n)
		}
	}
	f.end(CheckFailed, "Tables", listed(missing))
	return nil
}

// shownNames is how many names stand in a sentence; the rows have them all.
const shownNames = 5

func listed(names []string) string {
	text := strings.Join(names[:min(len(names), shownNames)], ", ")
	if len(names) > shownNames {
		text += ", …"
	}
	return text
}

// checkSignedOn is for information: a test migration disturbs nobody, and what
// people enter meanwhile is not lost on-site.
func checkSignedOn(ctx context.Context, k *checking, f *finding) error {
	list, err := k.Facts.SignedOn(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		since := ""
		if !s.Since.IsZero() {
			since = s.Since.Format("2006-01-02 15:04")
		}
		f.row(value(s.ID), value(s.User), value(s.Computer), local(since))
	}
	f.end(CheckPassed)
	return nil
}
