package folder

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"omt/migration"
)

// volumeOf asks in ways that need no administrator.
func volumeOf(dir string) migration.Volume {
	root := make([]uint16, windows.MAX_LONG_PATH)
	name, err := windows.UTF16PtrFromString(dir)
	if err == nil {
		err = windows.GetVolumePathName(name, &root[0], uint32(len(root)))
	}
	if err != nil {
		return unknownVolume(dir)
	}
	d := drive{name: windows.UTF16ToString(root), kind: int(windows.GetDriveType(&root[0])), bus: -1, bitLocker: -1}
	if d.kind == driveRemote {
		return d.volume()
	}
	if bus, err := busOf(d.name); err == nil {
		d.bus = bus
	}
	if state, err := bitLockerOf(d.name); err == nil {
		d.bitLocker = state
	}
	return d.volume()
}

const (
	ioctlStorageQueryProperty = 0x2d1400
	// busAt is where STORAGE_DEVICE_DESCRIPTOR has BusType.
	busAt = 28
)

// busOf asks the device of a drive such as E:\ how it is connected. Opened with
// no access at all, the device answers this to everybody.
func busOf(root string) (int, error) {
	if len(root) != 3 || root[1] != ':' {
		return 0, fmt.Errorf("query device of %s: not a drive letter", root)
	}
	name, err := windows.UTF16PtrFromString(`\\.\` + strings.TrimSuffix(root, `\`))
	if err != nil {
		return 0, fmt.Errorf("query device of %s: %w", root, err)
	}
	h, err := windows.CreateFile(name, 0, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return 0, fmt.Errorf("open device of %s: %w", root, err)
	}
	defer windows.CloseHandle(h)
	var query [12]byte // StorageDeviceProperty, PropertyStandardQuery
	var answer [1024]byte
	var n uint32
	err = windows.DeviceIoControl(h, ioctlStorageQueryProperty, &query[0], uint32(len(query)), &answer[0], uint32(len(answer)), &n, nil)
	if err != nil || n < busAt+4 {
		return 0, errors.Join(fmt.Errorf("query device of %s: answer of %d bytes", root, n), err)
	}
	return int(answer[busAt]), nil
}

var (
	shell32 = windows.NewLazySystemDLL("shell32.dll")
	propsys = windows.NewLazySystemDLL("propsys.dll")

	createItem  = shell32.NewProc("SHCreateItemFromParsingName")
	propertyKey = propsys.NewProc("PSGetPropertyKeyFromName")

	iidShellItem2 = windows.GUID{Data1: 0x7e9fb0d3, Data2: 0x919f, Data3: 0x4307, Data4: [8]byte{0xab, 0x2e, 0x9b, 0x18, 0x60, 0x31, 0x0c, 0x93}}
)

// Places in the table of methods of IShellItem2.
const (
	methodRelease  = 2
	methodGetInt32 = 16
	methods        = 21
)

// bitLockerOf reads the property from which the Explorer draws its padlock. The
// tool of BitLocker itself and its class of WMI answer administrators alone.
func bitLockerOf(root string) (int, error) {
	if err := errors.Join(createItem.Find(), propertyKey.Find()); err != nil {
		return 0, fmt.Errorf("read encryption of %s: %w", root, err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// S_FALSE, that it was done before, is an error to the package and none here.
	if err := windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE); err == nil || errors.Is(err, syscall.Errno(windows.S_FALSE)) {
		defer windows.CoUninitialize()
	}
	name, err := windows.UTF16PtrFromString("System.Volume.BitLockerProtection")
	if err != nil {
		return 0, err
	}
	path, err := windows.UTF16PtrFromString(root)
	if err != nil {
		return 0, fmt.Errorf("read encryption of %s: %w", root, err)
	}
	var key struct {
		Format windows.GUID
		ID     uint32
	}
	if r, _, _ := propertyKey.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&key))); int32(r) < 0 {
		return 0, fmt.Errorf("read encryption of %s: property: %#x", root, uint32(r))
	}
	var item *struct{ table *[methods]uintptr }
	r, _, _ := createItem.Call(uintptr(unsafe.Pointer(path)), 0, uintptr(unsafe.Pointer(&iidShellItem2)), uintptr(unsafe.Pointer(&item)))
	if int32(r) < 0 || item == nil {
		return 0, fmt.Errorf("read encryption of %s: item: %#x", root, uint32(r))
	}
	defer syscall.SyscallN(item.table[methodRelease], uintptr(unsafe.Pointer(item)))
	var state int32
	r, _, _ = syscall.SyscallN(item.table[methodGetInt32], uintptr(unsafe.Pointer(item)), uintptr(unsafe.Pointer(&key)), uintptr(unsafe.Pointer(&state)))
	if int32(r) < 0 {
		return 0, fmt.Errorf("read encryption of %s: value: %#x", root, uint32(r))
	}
	return int(state), nil
}
