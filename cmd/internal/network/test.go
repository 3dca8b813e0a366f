package network

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"omt/migration"
)

// stepLimit bounds each step of a test: who waits at a screen gives up later
// than a firewall that drops packets.
const stepLimit = 10 * time.Second

// maxAddresses is how many addresses of one name are tried.
const maxAddresses = 8

// Group is the group of all results.
const Group = "network"

// Endpoint is what a migration talks to.
type Endpoint struct {
	ID    migration.CheckID
	Title migration.Message // what it is for
	// URL is the address of an http service, without user, path and query of a
	// secret; nil for another service, which is only connected to.
	URL        *url.URL
	Host       string // of another service
	Port       int    // of another service; 0 with Instance
	Instance   string // of SQL Server, whose Browser tells the port
	Other      bool   // is reached without TCP too: then a closed port is no failure
	Storage    bool   // answers as Azure Blob Storage does
	From, Till time.Time
}

// Tester tries connections. The zero value of what is not a Network is for use.
type Tester struct {
	Network *Network
	Now     func() time.Time // nil: time.Now
	// Resolve finds the addresses of a name; nil: the system.
	Resolve func(ctx context.Context, name string) ([]netip.Addr, error)
	// BrowserPort is that of SQL Server's Browser; 0: 1434.
	BrowserPort int
}

// test is one endpoint under test.
type test struct {
	*Tester
	endpoint Endpoint
	result   migration.CheckResult
}

// Test tells how far a connection comes. It sends no secret and changes
// nothing. Only the end of ctx makes it end early; the result then says so.
func (t *Tester) Test(ctx context.Context, e Endpoint) migration.CheckResult {
	k := &test{Tester: t, endpoint: e, result: migration.CheckResult{
		ID: e.ID, Group: Group, State: migration.CheckPassed, Title: e.Title, Why: migration.Msg("network.why"), Rows: [][]migration.Cell{},
		Columns: []migration.Message{migration.Msg("network.column.step"), migration.Msg("network.column.found")},
	}}
	k.result.Found = migration.Msg("network.reached", "Address", k.shown())
	if e.URL != nil {
		k.service(ctx)
	} else {
		k.port(ctx)
	}
	k.result.Total = int64(len(k.result.Rows))
	return k.result
}

func (t *Tester) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// shown is host and port.
func (k *test) shown() string {
	e := k.endpoint
	switch {
	case e.URL != nil:
		return hostPort(e.URL)
	case e.Instance != "":
		return e.Host + `\` + e.Instance
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (k *test) row(step migration.Message, found migration.Cell) {
	k.result.Rows = append(k.result.Rows, []migration.Cell{{Message: &step}, found})
}

func text(s string) migration.Cell { return migration.Cell{Text: s} }

func words(m migration.Message) migration.Cell { return migration.Cell{Message: &m} }

// end states what stops the connection. The first failure counts.
func (k *test) end(state migration.CheckState, found, todo migration.Message) {
	if k.endpoint.Other && state == migration.CheckFailed {
		state, todo = migration.CheckWarning, migration.Msg("network.other.todo")
	}
	if k.result.State == migration.CheckFailed || k.result.State == state && state != migration.CheckPassed {
		return
	}
	k.result.State, k.result.Found, k.result.Todo = state, found, todo
}

// port tests a service that is no http: name, addresses, port.
func (k *test) port(ctx context.Context) {
	e := k.endpoint
	port := e.Port
	addrs, ok := k.resolve(ctx, e.Host)
	if !ok {
		return
	}
	if e.Instance != "" {
		if port, ok = k.browse(ctx, addrs); !ok {
			return
		}
	}
	k.dial(ctx, addrs, e.Host, port)
}

// service tests an http service, through the proxy if there is one.
func (k *test) service(ctx context.Context) {
	u := k.endpoint.URL
	proxy, err := k.Network.Proxy(&http.Request{URL: u})
	if err != nil {
		k.row(migration.Msg("network.step.proxy"), text(plain(err)))
		k.end(migration.CheckFailed, migration.Msg("network.proxy.unknown"), migration.Msg("network.proxy.unknown.todo"))
		return
	}
	next, step := hostPort(u), words(migration.Msg("network.direct"))
	if proxy != nil {
		next = hostPort(proxy)
		step = text(next)
	}
	k.row(migration.Msg("network.step.proxy"), step)
	host, p, err := net.SplitHostPort(next)
	if err != nil {
		return // JoinHostPort made it
	}
	port, _ := strconv.Atoi(p)
	addrs, ok := k.resolve(ctx, host)
	if !ok || !k.dial(ctx, addrs, host, port) {
		return
	}
	k.ask(ctx)
}

func (k *test) resolve(ctx context.Context, host string) ([]netip.Addr, bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, true
	}
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	find := k.Resolve
	if find == nil {
		find = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	addrs, err := find(ctx, host)
	if err == nil && len(addrs) > 0 {
		return addrs[:min(len(addrs), maxAddresses)], true
	}
	detail := "no address"
	if err != nil {
		detail = plain(err)
	}
	k.row(migration.Msg("network.step.name"), text(detail))
	k.end(migration.CheckFailed, migration.Msg("network.name", "Host", host), migration.Msg("network.name.todo", "Host", host))
	return nil, false
}

// dial tries each address by itself: a program takes the first that answers, so
// one family that is broken costs time without an error.
func (k *test) dial(ctx context.Context, addrs []netip.Addr, host string, port int) bool {
	answered := false
	for _, a := range addrs {
		a = a.Unmap()
		family := "IPv4"
		if a.Is6() {
			family = "IPv6"
		}
		begin := time.Now()
		d := net.Dialer{Timeout: stepLimit}
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), strconv.Itoa(port)))
		step := migration.Msg("network.step.address", "Family", family, "Address", a.String())
		if err != nil {
			k.row(step, text(plain(err)))
			continue
		}
		answered = true
		k.row(step, words(migration.Msg("network.answered", "Millis", time.Since(begin).Milliseconds())))
		_ = conn.Close() // nothing was sent
	}
	if !answered {
		k.end(migration.CheckFailed, migration.Msg("network.silent", "Address", net.JoinHostPort(host, strconv.Itoa(port))),
			migration.Msg("network.silent.todo", "Host", host, "Port", port))
	}
	return answered
}

// plain is an error without the addresses that the lines show anyway, and
// without user and password of a proxy.
func plain(err error) string {
	s := err.Error()
	for _, cut := range []string{"connect: ", "i/o timeout", "lookup "} {
		if i := strings.LastIndex(s, cut); i >= 0 {
			s = s[i:]
			break
		}
	}
	return strings.TrimPrefix(s, "connect: ")
}
