package onsite_test

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"omt/migration"
	"omt/onsite"
)

// pipeConn is one client of a pipe.
type pipeConn struct{ *os.File }

func (pipeConn) LocalAddr() net.Addr  { return &net.UnixAddr{} }
func (pipeConn) RemoteAddr() net.Addr { return &net.UnixAddr{} }

// listen serves a stand-in over a named pipe of Windows, one client after the
// other being let in, and ends with the test.
func listen(t *testing.T, s server, name string) {
	t.Helper()
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		t.Fatal(err)
	}
	create := func() (windows.Handle, error) {
		return windows.CreateNamedPipe(path, windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_OVERLAPPED,
			windows.PIPE_TYPE_BYTE|windows.PIPE_WAIT, windows.PIPE_UNLIMITED_INSTANCES, 1<<16, 1<<16, 0, nil)
	}
	next, err := create()
	if err != nil {
		t.Skipf("this Windows has no named pipes: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for ctx.Err() == nil {
			if err := awaitClient(next); err != nil {
				t.Error(err)
				return
			}
			file := os.NewFile(uintptr(next), name)
			if ctx.Err() != nil {
				file.Close()
				return
			}
			serving.Go(func() { s.srv.ServeConn(ctx, pipeConn{file}) })
			if next, err = create(); err != nil {
				t.Error(err)
				return
			}
		}
	})
	t.Cleanup(func() {
		stop()
		// The listener looks up when a client comes.
		if f, err := os.OpenFile(name, os.O_RDWR, 0); err == nil {
			defer f.Close()
		}
		serving.Wait()
	})
}

func awaitClient(pipe windows.Handle) error {
	event, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(event)
	o := windows.Overlapped{HEvent: event}
	err = windows.ConnectNamedPipe(pipe, &o)
	if errors.Is(err, windows.ERROR_IO_PENDING) {
		var n uint32
		err = windows.GetOverlappedResult(pipe, &o, &n, true)
	}
	if errors.Is(err, windows.ERROR_PIPE_CONNECTED) {
		return nil
	}
	return err
}

// TestWindowsPipes goes through the driver's own packages.
func TestWindowsPipes(t *testing.T) {
	for _, c := range []struct{ dsn, pipe, way string }{
		{`.\OMTMEM`, `\\.\pipe\SQLLocal\OMTMEM`, `lpc:\\.\pipe\SQLLocal\OMTMEM`},
		{`.\OMTPIPE`, `\\.\pipe\MSSQL$OMTPIPE\sql\query`, `np:\\.\pipe\MSSQL$OMTPIPE\sql\query`},
		{`np:\\.\pipe\omt\own`, `\\.\pipe\omt\own`, `np:\\.\pipe\omt\own`},
	} {
		s := newServer(t, nil)
		listen(t, s, c.pipe)
		if err := s.settings.SetServer(c.dsn); err != nil {
			t.Fatal(err)
		}
		s.options.Dialer = nil
		in := s.connect(t)
		if id, err := in.Identity(t.Context()); err != nil || id.Database != s.in.Database || in.Way() != c.way {
			t.Errorf("%s: %+v over %s, %v", c.dsn, id, in.Way(), err)
		}
	}
}

func TestWindowsNoPipe(t *testing.T) {
	s := newServer(t, nil)
	if err := s.settings.SetServer(`.\NOBODY`); err != nil {
		t.Fatal(err)
	}
	s.options.Dialer, s.options.Timeout = refuse{}, 20*time.Second
	begin := time.Now()
	_, err := onsite.Connect(t.Context(), s.settings, s.options)
	var tried *onsite.TriedError
	if !errors.As(err, &tried) || len(tried.Ways) != 3 || time.Since(begin) > 15*time.Second {
		t.Errorf("%v, hint %v", err, migration.HintOf(err))
	}
	t.Log(err)
}

// Without a database user Windows signs in with its own account. The stand-in
// knows none, and Wine may have none: what is said leads on.
func TestWindowsAccount(t *testing.T) {
	s := newServer(t, nil)
	s.settings.User, s.settings.Password = "", ""
	_, err := onsite.Connect(t.Context(), s.settings, s.options)
	if err == nil || migration.HintOf(err).ID != "hint.sql.login.windows" {
		t.Errorf("%v, hint %v", err, migration.HintOf(err))
	}
	t.Log(err)
}
