//go:build !windows

package app

import "fyne.io/fyne/v2"

// stayAwake does nothing: installations of SuperOffice run on Windows.
func stayAwake() (release func()) { return func() {} }

// blockSignOut does nothing for the same reason.
func blockSignOut(fyne.Window, string) (release func()) { return func() {} }
