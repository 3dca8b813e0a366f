package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

// crashFile gets what the runtime says when the program dies of a fault of its
// own: a window has no standard error that anybody sees.
const crashFile = "crash.log"

// crashes lets a crash be written into dir. If the last start left one, it is put
// aside under the time of its end, and its path is returned for the window to
// show.
func crashes(dir string) (earlier string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder of crash log: %w", err)
	}
	path := filepath.Join(dir, crashFile)
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		kept := filepath.Join(dir, "crash-"+info.ModTime().UTC().Format("20060102-150405")+".log")
		// While another start still has the file open, Windows does not let it go.
		if err := os.Rename(path, kept); err == nil {
			earlier = kept
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return earlier, fmt.Errorf("open crash log: %w", err)
	}
	// The runtime has a handle of its own after this.
	err = debug.SetCrashOutput(f, debug.CrashOptions{})
	return earlier, errors.Join(err, f.Close())
}

// calm ends the writing of crashes and removes the file if nothing is in it.
func calm(dir string) error {
	if err := debug.SetCrashOutput(nil, debug.CrashOptions{}); err != nil {
		return fmt.Errorf("close crash log: %w", err)
	}
	path := filepath.Join(dir, crashFile)
	info, err := os.Stat(path)
	if err != nil || info.Size() > 0 {
		return nil // gone already, or to be shown by the next start
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove empty crash log: %w", err)
	}
	return nil
}
