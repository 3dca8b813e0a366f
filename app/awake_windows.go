package app

import (
	"runtime"
	"unsafe"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"golang.org/x/sys/windows"
)

var (
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")
	user32   = windows.NewLazySystemDLL("user32.dll")
	comctl32 = windows.NewLazySystemDLL("comctl32.dll")

	setThreadExecutionState = kernel32.NewProc("SetThreadExecutionState")
	createBlockReason       = user32.NewProc("ShutdownBlockReasonCreate")
	destroyBlockReason      = user32.NewProc("ShutdownBlockReasonDestroy")
	setSubclass             = comctl32.NewProc("SetWindowSubclass")
	removeSubclass          = comctl32.NewProc("RemoveWindowSubclass")
	defSubclass             = comctl32.NewProc("DefSubclassProc")
)

const (
	esContinuous      = 0x80000000
	esSystemRequired  = 0x00000001
	wmQueryEndSession = 0x0011
)

// stayAwake keeps Windows from going to sleep; the screen may. The state belongs
// to a thread, so one is held for it.
func stayAwake() (release func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		// Zero means that it was refused; then the computer sleeps as it always did.
		_, _, _ = setThreadExecutionState.Call(esContinuous | esSystemRequired)
		<-done
		_, _, _ = setThreadExecutionState.Call(esContinuous)
	}()
	return func() { close(done); <-ended }
}

// refuse answers that the session must not end. Made once: Windows never frees
// a callback.
var refuse = windows.NewCallback(func(hwnd, msg, wparam, lparam, _, _ uintptr) uintptr {
	if msg == wmQueryEndSession {
		return 0
	}
	r, _, _ := defSubclass.Call(hwnd, msg, wparam, lparam)
	return r
})

// blockSignOut lets Windows show why the session should not end now; the person
// may end it all the same. It must be called on fyne's goroutine, which is the
// thread of the window, and so must what it returns.
func blockSignOut(w fyne.Window, why string) (release func()) {
	n, ok := w.(driver.NativeWindow)
	text, err := windows.UTF16PtrFromString(why)
	if !ok || err != nil {
		return func() {}
	}
	var hwnd uintptr
	n.RunNative(func(c any) {
		if c, ok := c.(driver.WindowsWindowContext); ok {
			hwnd = c.HWND
		}
	})
	if hwnd == 0 || createBlockReason.Find() != nil || setSubclass.Find() != nil {
		return func() {}
	}
	_, _, _ = createBlockReason.Call(hwnd, uintptr(unsafe.Pointer(text)))
	_, _, _ = setSubclass.Call(hwnd, refuse, 1, 0)
	return func() {
		_, _, _ = removeSubclass.Call(hwnd, refuse, 1)
		_, _, _ = destroyBlockReason.Call(hwnd)
	}
}
