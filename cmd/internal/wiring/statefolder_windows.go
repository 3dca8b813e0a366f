package wiring

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// errStateLink: the folder leads elsewhere. Any user may make such a link in
// %ProgramData%, and journal and log would lie where that user wants them.
var errStateLink = errors.New("folder is a link to another place, or no folder")

// makeState makes the folder with its own rights from the first moment on: it
// would inherit those of %ProgramData%, where everybody may read. A folder that
// is there gets the same, and whoever made it keeps access.
func makeState(dir string) error {
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return errStateLink
	}
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	rights, err := windows.SecurityDescriptorFromString(stateRights(me.User.Sid.String()))
	if err != nil {
		return fmt.Errorf("make access list: %w", err)
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: rights}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	err = windows.CreateDirectory(path, attributes)
	if !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return err
	}
	return protectState(dir, me.User.Sid)
}

// protectState gives a folder that is there its rights again. Who may not change
// them need not: whoever could has done it.
func protectState(dir string, me *windows.SID) error {
	is, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err == nil {
		err = setRights(dir, is, me)
	}
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return nil
	}
	return err
}

func setRights(dir string, is *windows.SECURITY_DESCRIPTOR, me *windows.SID) error {
	owner, _, err := is.Owner()
	if err != nil {
		return err
	}
	want, err := windows.SecurityDescriptorFromString(stateRights(me.String(), owner.String()))
	if err != nil {
		return err
	}
	list, _, err := want.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}
