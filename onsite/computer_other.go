//go:build !windows

package onsite

// ThisComputer is nil here: SuperOffice is installed on Windows only, so
// elsewhere its files are copies that lie wherever somebody put them.
func ThisComputer() Computer { return nil }
