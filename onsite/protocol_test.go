package onsite

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
)

// ways are the ways to a server, on a computer that may have pipes.
func ways(t *testing.T, dsn string, local, pipes bool) string {
	t.Helper()
	var s Settings
	if err := s.SetServer(dsn); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range s.protocols(local, pipes) {
		out = append(out, s.way(p))
	}
	return strings.Join(out, " ")
}

func TestProtocols(t *testing.T) {
	for _, c := range []struct {
		dsn          string
		local, pipes bool
		want         string
	}{
		// Design section 5: as the DSN says, then shared memory, pipes, TCP.
		{"localhost", true, true, `lpc:\\.\pipe\SQLLocal\MSSQLSERVER np:\\.\pipe\sql\query tcp:localhost`},
		{`.\SUPER`, true, true, `lpc:\\.\pipe\SQLLocal\SUPER np:\\.\pipe\MSSQL$SUPER\sql\query tcp:localhost\SUPER`},
		{"tcp:.", true, true, `tcp:localhost lpc:\\.\pipe\SQLLocal\MSSQLSERVER np:\\.\pipe\sql\query`},
		{"NP:.", true, true, `np:\\.\pipe\sql\query lpc:\\.\pipe\SQLLocal\MSSQLSERVER tcp:localhost`},
		{`\\.\pipe\sql\query`, true, true, `np:\\.\pipe\sql\query lpc:\\.\pipe\SQLLocal\MSSQLSERVER tcp:localhost`},
		{"crm01", false, true, `tcp:crm01 np:\\crm01\pipe\sql\query`},
		{`np:crm01\SUPER`, false, true, `np:\\crm01\pipe\MSSQL$SUPER\sql\query tcp:crm01\SUPER`},
		{`np:\\crm01\pipe\MSSQL$SUPER\sql\query`, false, true, `np:\\crm01\pipe\MSSQL$SUPER\sql\query tcp:crm01\SUPER`},
		// A port or a pipe of its own name is one instance; another way could lead
		// to another one.
		{"localhost,1444", true, true, "tcp:localhost,1444"},
		{`lpc:.\SUPER,1444`, true, true, "tcp:localhost,1444"},
		{`np:\\crm01\pipe\$$\VIRTUAL\sql\query`, false, true, `np:\\crm01\pipe\$$\VIRTUAL\sql\query`},
		// Elsewhere than on Windows.
		{"crm01", false, false, "tcp:crm01"},
		{"np:crm01", false, false, `np:\\crm01\pipe\sql\query tcp:crm01`},
	} {
		if got := ways(t, c.dsn, c.local, c.pipes); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.dsn, got, c.want)
		}
	}
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "SRV01": true, "srv01.example.org": true,
		"srv02": false, "192.0.2.1": false, "srv01x": false} {
		if isHere(host, "srv01") != want {
			t.Errorf("%s is this computer: %v", host, !want)
		}
	}
	if isHere("", "") || isHere("srv01", "") {
		t.Error("a computer without a name is any other")
	}
}

// The dialog and an exported location keep the protocol.
func TestServerKeepsProtocol(t *testing.T) {
	for _, dsn := range []string{"crm01", "tcp:crm01", `np:crm01\SUPER`, "lpc:localhost", "crm01,1444", `\\crm01\pipe\own`} {
		var s, again Settings
		if err := errors.Join(s.SetServer(dsn), again.SetServer(s.Location().Server)); err != nil || s.Location().Server != dsn ||
			s.Protocol != again.Protocol || s.Pipe != again.Pipe || !s.SameServer(again) {
			t.Errorf("%s: %+v, %+v, %v", dsn, s.Location().Server, again.Location().Server, err)
		}
	}
	var a, b Settings
	if err := errors.Join(a.SetServer("np:crm01"), b.SetServer("CRM01")); err != nil || !a.SameServer(b) {
		t.Errorf("the protocol makes another server of it: %v", err)
	}
}

func TestAliases(t *testing.T) {
	const key32 = `HKLM\SOFTWARE\WOW6432Node\Microsoft\MSSQLServer\Client\ConnectTo`
	const key64 = `HKLM\SOFTWARE\Microsoft\MSSQLServer\Client\ConnectTo`
	pc := &fakeComputer{keys: map[string]map[string]string{
		key32: {"crm": "DBMSSOCN,db07,1500", "pipe": `DBNMPNTW,\\db07\pipe\MSSQL$SUPER\sql\query`, `crm01\super`: `dbmssocn,db08\OTHER`, "both": "DBMSSOCN,right"},
		key64: {"old": "DBMSSPXN,db07", "both": "DBMSSOCN,wrong", "memory": `DBMSLPCN,.\SUPER`, "empty": "DBMSSOCN,"},
	}}
	for dsn, want := range map[string]string{
		"CRM": "db07,1500", "pipe": `np:db07\SUPER`, `crm01\SUPER`: `tcp:db08\OTHER`, "both": "tcp:right", "memory": `lpc:localhost\SUPER`,
		"crm01": "crm01", "tcp:crm": "tcp:crm", // a protocol is no alias
	} {
		var s Settings
		if err := s.SetServer(dsn); err != nil {
			t.Fatal(err)
		}
		if to, err := s.Resolve(pc); err != nil || to.dsnName() != want {
			t.Errorf("%s: %s, %v, want %s", dsn, to.dsnName(), err, want)
		}
	}
	for _, dsn := range []string{"old", "empty"} {
		_, err := Settings{Server: dsn}.Resolve(pc)
		if h := migration.HintOf(err); !errors.Is(err, ErrConfiguration) || h.ID != "hint.sql.alias" || h.Args["Key"] != key64 {
			t.Errorf("%s: %v, %v", dsn, err, h)
		}
	}
	pc.denied = key32
	if _, err := (Settings{Server: "crm"}).Resolve(pc); migration.HintOf(err).ID != "hint.config.unreadable" {
		t.Errorf("key that may not be read: %v", err)
	}
}

// A pipe on a computer that does not answer is given up, and closed if it opens
// after that.
func TestPipeWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		late := func(context.Context, Pipe) (net.Conn, error) {
			time.Sleep(time.Minute)
			return client, nil
		}
		begin := time.Now()
		if _, err := dialPipe(t.Context(), Pipe{Name: `\\crm01\pipe\sql\query`}, late); !errors.Is(err, errNoAnswer) || time.Since(begin) != pipeLimit {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, err := server.Read(make([]byte, 1)); err == nil {
			t.Error("the pipe that came late stays open")
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := dialPipe(ctx, Pipe{}, late); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		time.Sleep(time.Minute)
	})
	if _, err := dialPipe(t.Context(), Pipe{}, nil); !errors.Is(err, errNoPipes) {
		t.Errorf("without pipes: %v", err)
	}
}

// TestTurns: after the one that worked last the others keep their order.
func TestTurns(t *testing.T) {
	for last, want := range [][]string{{"a", "b", "c"}, {"b", "a", "c"}, {"c", "a", "b"}} {
		var asked []string
		r := &reacher{}
		for _, name := range []string{"a", "b", "c"} {
			s := Settings{Server: "crm01", Port: 1433}
			w := newReacher(s, ConnectOptions{Timeout: time.Minute, Dialer: refused{func() { asked = append(asked, name) }}}, newTrust(ConnectOptions{})).ways[0]
			w.name = name
			r.ways = append(r.ways, w)
		}
		r.last.Store(int32(last))
		_, err := r.Connect(t.Context())
		var tried *TriedError
		if !errors.As(err, &tried) || !slices.Equal(asked, want) || !slices.Equal(tried.Ways, want) {
			t.Errorf("%d: asked %v, %v", last, asked, err)
		}
	}
}

type refused struct{ called func() }

func (r refused) DialContext(context.Context, string, string) (net.Conn, error) {
	r.called()
	return nil, errors.New("connection refused")
}
