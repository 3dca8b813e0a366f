package wiring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
)

// The log's bounds: a run that tries again for a whole night must not fill the
// disk on which the journal lies.
const (
	logSize = 8 << 20 // bytes of one file
	logKept = 3       // older files: omt.log.1 is the newest of them
)

// keptLog appends to a file and begins a new one when it has grown to limit.
// There are libraries for this; the usual one starts a goroutine that never
// ends, and here every goroutine has an owner.
type keptLog struct {
	mu    sync.Mutex
	path  string
	limit int64
	file  *os.File
	size  int64
}

func openKept(path string, limit int64) (*keptLog, error) {
	k := &keptLog{path: path, limit: limit}
	return k, k.open()
}

// open appends to the file that is there; what it has already counts.
func (k *keptLog) open() error {
	f, err := os.OpenFile(k.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	k.file, k.size = f, info.Size()
	return nil
}

// Write puts one line into the log. It is never cut between two files.
func (k *keptLog) Write(line []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file == nil {
		return 0, fs.ErrClosed
	}
	if k.size > 0 && k.size+int64(len(line)) > k.limit {
		if err := k.turn(); err != nil {
			return 0, fmt.Errorf("begin new log: %w", err)
		}
	}
	n, err := k.file.Write(line)
	k.size += int64(n)
	return n, err
}

// turn moves the files on by one. A file that another process holds (a start for
// another customer writes to the same log) cannot be moved on Windows: then this
// one grows by another limit before the next attempt, which loses no line.
func (k *keptLog) turn() error {
	err := k.file.Close()
	k.file = nil
	if err != nil {
		return err
	}
	moved := true
	for i := logKept - 1; i >= 0; i-- {
		err := os.Rename(logName(k.path, i), logName(k.path, i+1))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			moved = false
			break
		}
	}
	if err := k.open(); err != nil {
		return err
	}
	if !moved {
		k.size = 0
	}
	return nil
}

// logName is the file of the log that is n turns old.
func logName(path string, n int) string {
	if n == 0 {
		return path
	}
	return path + "." + strconv.Itoa(n)
}

// Close ends the log; a second call does nothing.
func (k *keptLog) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file == nil {
		return nil
	}
	err := k.file.Close()
	k.file = nil
	return err
}
