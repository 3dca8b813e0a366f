package network

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"omt/migration"
)

// browserPort is where SQL Server's Browser answers, over UDP (MS-SQLR).
const browserPort = 1434

// browse asks the Browser for the TCP port of a named instance.
func (k *test) browse(ctx context.Context, addrs []netip.Addr) (port int, ok bool) {
	at := k.BrowserPort
	if at == 0 {
		at = browserPort
	}
	e := k.endpoint
	step := migration.Msg("network.step.browser", "Port", at)
	var err error
	for _, a := range addrs {
		if port, err = askBrowser(ctx, net.JoinHostPort(a.String(), strconv.Itoa(at)), e.Instance); err == nil && port > 0 {
			k.row(step, words(migration.Msg("network.browser.port", "Port", port)))
			return port, true
		}
	}
	if err != nil {
		k.row(step, text(plain(err)))
		k.end(migration.CheckFailed, migration.Msg("network.browser", "Server", k.shown()), migration.Msg("network.browser.todo", "Host", e.Host, "Port", at))
		return 0, false
	}
	k.row(step, words(migration.Msg("network.browser.notcp")))
	k.end(migration.CheckFailed, migration.Msg("network.browser.instance", "Server", k.shown()), migration.Msg("network.browser.instance.todo"))
	return 0, false
}

// askBrowser returns 0 for an instance that has no TCP. The answer is 05, two
// bytes of length, and name;value pairs.
func askBrowser(ctx context.Context, addr, instance string) (int, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(stepLimit / 4)); err != nil { // a packet has no way round
		return 0, err
	}
	if _, err := conn.Write(append([]byte{4}, instance+"\x00"...)); err != nil {
		return 0, err
	}
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil || n < 3 {
		return 0, err
	}
	parts := strings.Split(string(answer[3:n]), ";")
	for i := 0; i+1 < len(parts); i += 2 {
		if strings.EqualFold(parts[i], "tcp") {
			port, err := strconv.ParseUint(parts[i+1], 10, 16)
			return int(port), err
		}
	}
	return 0, nil
}
