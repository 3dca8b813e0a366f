package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// errShown: the same program runs already, and its window was brought to the front.
var errShown = errors.New("the window of the first start was shown")

// greeting is what a second start says to the first one.
const greeting = "omt show\n"

// patience bounds how long two starts talk: both are on this computer.
const patience = 2 * time.Second

// single is the place where a second start of the same person, for the same
// ticket and folders, finds the first one.
type single struct {
	front    chan struct{}
	listener net.Listener
	ended    chan struct{}
}

// socketPath is the name of the place for these words of the command line.
func socketPath(words ...string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find folder of the person: %w", err)
	}
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return filepath.Join(dir, "omt", "omt-"+hex.EncodeToString(sum[:6])+".sock"), nil
}

// takePlace is the first start, or errShown if there is one already. Any other
// error means that second starts will not find this one; the journal still keeps
// two from working on one migration.
func takePlace(path string) (*single, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder for second starts: %w", err)
	}
	if show(path) {
		return nil, errShown
	}
	// What is left there belongs to a start that did not end well. Two starts at
	// the same moment may both come here: then both have a window.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove place of an earlier start: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for second starts: %w", err)
	}
	s := &single{front: make(chan struct{}, 1), listener: l, ended: make(chan struct{})}
	go s.serve()
	return s, nil
}

// show asks the first start to come to the front and tells whether it answered.
func show(path string) bool {
	c, err := net.DialTimeout("unix", path, patience)
	if err != nil {
		return false
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return false
	}
	allowFront()
	if _, err := c.Write([]byte(greeting)); err != nil {
		return false
	}
	answer := make([]byte, len(greeting))
	n, err := c.Read(answer)
	return err == nil && string(answer[:n]) == greeting
}

func (s *single) serve() {
	defer close(s.ended)
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.answer(c)
	}
}

// answer says the greeting back, so that a stranger at this place is not taken
// for the program.
func (s *single) answer(c net.Conn) {
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return
	}
	heard := make([]byte, len(greeting))
	n, err := c.Read(heard)
	if err != nil || string(heard[:n]) != greeting {
		return
	}
	select {
	case s.front <- struct{}{}:
	default: // it is asked to come already
	}
	// A start that does not hear the answer opens a window of its own.
	_, _ = c.Write(heard[:n])
}

// leave frees the place.
func (s *single) leave() error {
	if s == nil {
		return nil
	}
	err := s.listener.Close()
	<-s.ended
	if err != nil {
		return fmt.Errorf("close place for second starts: %w", err)
	}
	return nil
}
