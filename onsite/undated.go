package onsite

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// anyPeriod looks for the file of a row without a date in all periods of its
// owners. One file that no other row has is its; of several nobody can tell
// here, so that they are left to a person (Finder).
func (fd *finder) anyPeriod(d documentRow, owners []string) (hit, error) {
	shared, err := fd.sharedUndated(d, owners)
	if err != nil || shared {
		return hit{}, err
	}
	var found hit
	n := 0
	for _, owner := range owners {
		if why := checkName(owner); !why.IsZero() {
			continue
		}
		for _, root := range fd.files.settings.ArchivePaths {
			periods, err := fd.periodsOf(root, owner)
			if err != nil {
				return hit{}, err
			}
			for _, period := range periods {
				p, ok, err := fd.find(root, owner, period, d.name)
				if err != nil {
					return hit{}, err
				}
				if !ok || !p.reason.IsZero() {
					continue
				}
				elements := p.actual
				if elements == nil {
					elements = []string{owner, period, d.name}
				}
				other, err := fd.claimed(d, elements)
				if err != nil {
					return hit{}, err
				}
				if other != 0 {
					continue
				}
				found = hit{place: p, fallback: true}
				n++
			}
		}
	}
	if n != 1 {
		return hit{}, nil
	}
	return found, nil
}

// sharedUndated tells whether another row without a date may have the same
// file: same name, same owner.
func (fd *finder) sharedUndated(d documentRow, owners []string) (bool, error) {
	if fd.namesakes == nil {
		return false, nil
	}
	rows, err := fd.namesakes(d.name)
	if err != nil {
		return false, err
	}
	for _, r := range rows {
		_, _, theirs := r.outcome()
		if r.id == d.id || !r.undated() {
			continue
		}
		for _, o := range theirs {
			if slices.ContainsFunc(owners, func(own string) bool { return sameName(own, o) }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// periodsOf lists the folders of half years below an owner's, in order. A
// folder that may not be listed has none here; the search for the row's own
// path has met and kept the reason already.
func (fd *finder) periodsOf(root, owner string) ([]string, error) {
	var denied *deniedError
	folders, err := fd.spell(root, []string{owner})
	if err != nil && !errors.As(err, &denied) {
		return nil, err
	}
	set := map[string]bool{}
	for _, folder := range folders {
		l, err := fd.list(root, folder)
		if err != nil && !errors.As(err, &denied) {
			return nil, err
		}
		if l == nil {
			continue
		}
		for _, name := range l.names {
			if isPeriod(name) {
				set[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set)), nil
}

// isPeriod: four digits of a year, a dot, and which half of it.
func isPeriod(name string) bool {
	year, half, ok := strings.Cut(name, ".")
	return ok && len(year) == 4 && strings.Trim(year, "0123456789") == "" && (half == "1" || half == "2")
}
