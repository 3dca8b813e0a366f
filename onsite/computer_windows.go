package onsite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// ThisComputer is the computer on which the program runs.
func ThisComputer() Computer { return windowsComputer{} }

type windowsComputer struct{}

func (windowsComputer) Env(name string) string { return os.Getenv(name) }

func open(v View, path string) (registry.Key, error) {
	root, access := registry.LOCAL_MACHINE, uint32(registry.READ)
	switch v {
	case Machine32:
		access |= registry.WOW64_32KEY
	case Machine64:
		access |= registry.WOW64_64KEY
	case Person:
		root = registry.CURRENT_USER
	}
	return registry.OpenKey(root, path, access)
}

func (windowsComputer) Keys(v View, path string) (_ []string, err error) {
	k, err := open(v, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	return k.ReadSubKeyNames(-1)
}

func (windowsComputer) Values(v View, path string) (_ map[string]string, err error) {
	k, err := open(v, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	names, err := k.ReadValueNames(-1)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range names {
		text, kind, err := k.GetStringValue(name)
		if errors.Is(err, registry.ErrUnexpectedType) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if kind == registry.EXPAND_SZ {
			if full, err := registry.ExpandString(text); err == nil {
				text = full
			}
		}
		out[strings.ToLower(name)] = text
	}
	return out, nil
}

var wNetGetConnection = windows.NewLazySystemDLL("mpr.dll").NewProc("WNetGetConnectionW")

// Share asks Windows, which knows the drives of this sign-in alone.
func (windowsComputer) Share(drive string) string {
	local, err := windows.UTF16PtrFromString(drive)
	if err != nil || wNetGetConnection.Find() != nil {
		return ""
	}
	buf := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(buf))
	code, _, _ := wNetGetConnection.Call(uintptr(unsafe.Pointer(local)), uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)))
	if code != 0 {
		return ""
	}
	return windows.UTF16ToString(buf)
}

func (windowsComputer) Run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	cmd.WaitDelay = time.Second
	return cmd.Run()
}
