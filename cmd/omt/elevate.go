package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"omt/assets"
)

// afterLimit is how long a start waits for the one that it follows.
const afterLimit = 15 * time.Second

// again are the arguments of a start that goes on with what this one has
// chosen, once the process of this one has ended: both would want the journal.
// Paths are made absolute, because the other start has another folder.
func (o options) again(ticket string, pid int) ([]string, error) {
	args := []string{"--after", strconv.Itoa(pid)}
	for _, f := range []struct {
		flag, path string
	}{{"--ticket", ticket}, {"--config", o.Config}, {"--state", o.State}, {"--ca", o.CA}} {
		if f.path == "" {
			continue
		}
		full, err := filepath.Abs(f.path)
		if err != nil {
			return nil, err
		}
		args = append(args, f.flag, full)
	}
	if o.appearance != "" {
		args = append(args, "--appearance", o.appearance)
	}
	// The account of an administrator may be another one, which does not remember
	// what was chosen in the window.
	return append(args, "--language", assets.Spoken().Language()), nil
}

// awaitEnd waits for the end of a process. One that cannot be waited for has
// ended, or the journal says that it is held.
func awaitEnd(pid int) {
	p, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = p.Wait() // of a process that is no child this works on Windows alone
	}()
	select {
	case <-ended:
	case <-time.After(afterLimit):
	}
}
