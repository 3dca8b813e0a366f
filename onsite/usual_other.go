//go:build !windows

package onsite

// usualPlaces: SuperOffice is installed on Windows only, so elsewhere its files
// are copies that lie wherever somebody put them.
func usualPlaces() ([]string, []DSNLookup) { return nil, nil }
