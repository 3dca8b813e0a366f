package onsite

import (
	"net"
	"sync"

	"omt/migration"
)

// lines are the open connections of an installation to its server, whoever uses
// them: what reads tables, what reads one moment, what reads a snapshot.
type lines struct {
	mu   sync.Mutex
	open map[*line]bool
}

func newLines() *lines { return &lines{open: map[*line]bool{}} }

// line is a connection that is on the list until it is closed.
type line struct {
	net.Conn
	of *lines
}

func (l *lines) add(c net.Conn) net.Conn {
	if l == nil { // a dialler of its own
		return c
	}
	x := &line{c, l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[x] = true
	return x
}

func (c *line) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// Abandon implements migration.Abandoner. The driver waits five seconds for a
// server to confirm that a statement was cancelled; one that says nothing any more
// does not. What is asked afterwards gets new connections.
func (in *Installation) Abandon() {
	l := in.options.lines
	if l == nil { // not opened by Connect
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		// What it was asked for is not wanted any more, so that nothing is lost.
		_ = c.Conn.Close()
	}
}

var _ migration.Abandoner = (*Installation)(nil)
