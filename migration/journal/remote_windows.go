//go:build windows

package journal

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// refuseRemote recognises shares and the drive letters mapped to them. A
// journal folder is always made absolute before.
func refuseRemote(dir string) error {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return err
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return ErrRemote
	}
	return nil
}
