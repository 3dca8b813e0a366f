package onsite

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"omt/migration"
)

// DefaultSchema is the table prefix of an installation that names none.
const DefaultSchema = "CRM7"

var (
	// ErrUnsupported: the database is not SQL Server.
	ErrUnsupported = errors.New("database type is not supported")
	// ErrConfiguration: a configuration file cannot be used as it is.
	ErrConfiguration = errors.New("configuration is not usable")
)

// Settings tell where an installation lies and how to reach its database. They
// come from Discover, from the manual dialog, or from both.
type Settings struct {
	DatabaseType string `json:"databaseType"` // MSSQL, or what the file said
	Server       string `json:"server"`       // host name or address alone
	Instance     string `json:"instance"`     // named instance, found by the Browser; empty with a port
	Port         int    `json:"port"`         // 0 is 1433, or what the Browser says of Instance
	// Protocol is tcp, np or lpc where the DSN names one: it is tried first.
	Protocol string `json:"protocol,omitempty"`
	// Pipe is a named pipe that is not the one of an instance by its name; then
	// no other protocol is tried.
	Pipe     string `json:"pipe,omitempty"`
	Database string `json:"database"`
	Schema   string `json:"schema"` // table prefix, DefaultSchema unless configured
	User     string `json:"user"`
	// Password of the database user; empty if it must be asked for. It is
	// neither written to JSON nor printed.
	Password string `json:"-"`
	// PasswordEncrypted tells that a password was found which only SuperOffice
	// can decrypt.
	PasswordEncrypted bool              `json:"passwordEncrypted,omitempty"`
	ArchivePaths      []string          `json:"archivePaths"` // in search order
	TemplatePath      string            `json:"templatePath"` // empty is Template below the first archive path
	Service           ServiceSettings   `json:"service"`
	NetServer         NetServerSettings `json:"netServer"`
	Found             []Origin          `json:"found"`
}

// ServiceSettings are the folders of Customer Service; empty without it.
type ServiceSettings struct {
	BasePath       string `json:"basePath"`
	AttachmentPath string `json:"attachmentPath"`
	TemplatePath   string `json:"templatePath"`
	TextPath       string `json:"textPath"`
}

// NetServerSettings are the addresses at which a login can be proved.
type NetServerSettings struct {
	REST string `json:"rest"` // base of the web client, e.g. https://host/SuperOffice
	SOAP string `json:"soap"` // address of the services, e.g. http://host/NetServer/Services88
}

// Origin tells where a setting came from, for the person who checks it. The
// value itself is not repeated: it may be a password.
type Origin struct {
	Field string `json:"field"`
	File  string `json:"file"`
	Line  int    `json:"line"` // from 1; 0 if the file has no lines or the value is a default
}

// String names the installation without the password, so that Settings can
// never reach a log with it.
func (s Settings) String() string {
	return fmt.Sprintf("%s database %s schema %s on %s", s.DatabaseType, s.Database, s.Schema, s.serverName())
}

// GoString is String: %#v would print the password.
func (s Settings) GoString() string { return s.String() }

// Missing lists the fields without which Connect cannot begin, by their names.
func (s Settings) Missing() []string {
	var out []string
	for _, f := range []struct {
		name  string
		empty bool
	}{
		{"Server", s.Server == ""},
		{"Database", s.Database == ""},
		{"User", s.User == ""},
		{"Password", s.Password == ""},
		{"ArchivePaths", len(s.ArchivePaths) == 0},
	} {
		if f.empty {
			out = append(out, f.name)
		}
	}
	return out
}

// serverName is the server without a protocol: what two files that mean the
// same server have in common.
func (s Settings) serverName() string {
	switch {
	case s.Pipe != "":
		return s.Pipe
	case s.Port != 0:
		return s.Server + "," + strconv.Itoa(s.Port)
	case s.Instance != "":
		return s.Server + `\` + s.Instance
	}
	return s.Server
}

// dsnName is the server as SetServer takes it.
func (s Settings) dsnName() string {
	if s.Protocol == "" || s.Pipe != "" {
		return s.serverName()
	}
	return s.Protocol + ":" + s.serverName()
}

// SameServer tells whether both mean the same server, whatever the protocol.
func (s Settings) SameServer(o Settings) bool {
	return strings.EqualFold(s.serverName(), o.serverName())
}

// pipeName is a pipe that SQL Server opens by itself, with its instance.
var pipeName = regexp.MustCompile(`(?i)^pipe\\(?:MSSQL\$([^\\,;:\s]+)\\)?sql\\query$`)

// SetServer takes a server as a DSN writes it: host, host,port, host\instance,
// with tcp:, np: or lpc: before it, or the full name of a pipe. ".", "(local)"
// and "localhost" are this computer.
func (s *Settings) SetServer(dsn string) error {
	// Whatever follows a ";" is not the server and may be a password.
	dsn, rest, more := strings.Cut(dsn, ";")
	host := strings.TrimSpace(dsn)
	protocol, after, found := strings.Cut(host, ":")
	switch protocol = strings.ToLower(protocol); {
	case found && slices.Contains([]string{protocolTCP, protocolPipe, protocolMemory}, protocol):
		host = strings.TrimSpace(after)
	case found && protocol == "admin":
		host, protocol = strings.TrimSpace(after), ""
	default:
		protocol = ""
	}
	instance, port, full := "", 0, ""
	if more && strings.TrimSpace(rest) != "" {
		host = ""
	}
	if pipe, ok := strings.CutPrefix(host, `\\`); ok {
		h, rest, _ := strings.Cut(pipe, `\`)
		protocol = protocolPipe
		if m := pipeName.FindStringSubmatch(rest); m != nil {
			instance = m[1]
		} else {
			full = host
		}
		host = h
	} else {
		h, p, hasPort := strings.Cut(host, ",")
		if hasPort {
			n, err := strconv.ParseUint(strings.TrimSpace(p), 10, 16)
			if err != nil || n == 0 {
				return migration.Fail("read server name", dsn, fmt.Errorf("%w: port is not a number from 1 to 65535", ErrConfiguration),
					migration.Msg("hint.config.server", "Server", dsn))
			}
			port = int(n)
		}
		host, instance, _ = strings.Cut(strings.TrimSpace(h), `\`)
	}
	if host == "." || strings.EqualFold(host, "(local)") {
		host = "localhost"
	}
	if host == "" || strings.ContainsAny(host, " ,/;=@?") || strings.Contains(host, ":") && !isAddress(host) {
		return migration.Fail("read server name", dsn, fmt.Errorf("%w: no host name", ErrConfiguration),
			migration.Msg("hint.config.server", "Server", dsn))
	}
	if port != 0 { // the port tells instance and protocol
		instance, protocol = "", ""
	}
	if strings.EqualFold(instance, "MSSQLSERVER") {
		instance = ""
	}
	s.Server, s.Instance, s.Port, s.Protocol, s.Pipe = host, instance, port, protocol, full
	return nil
}

// isAddress tells an address of IPv6 from a second protocol.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// setEndpoint derives both NetServer addresses from nsEndPoint of the Service
// configuration: the web client lies beside NetServer on the same host under
// its default name.
func (s *Settings) setEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%w: nsEndPoint is not an http address", ErrConfiguration)
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	s.NetServer.SOAP = strings.TrimSuffix(u.String(), "/")
	u.Path = "/SuperOffice"
	s.NetServer.REST = u.String()
	return nil
}

// SetNetServer takes the address of the services (.../Services88, SOAP) or that
// of the web client (REST). The one of the services stands for both, as in the
// Service configuration. User name, password and query of an address are left
// out: none of them has a place there.
func (s *Settings) SetNetServer(address string) error {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%w: address of NetServer is not http", ErrConfiguration)
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	clean := strings.TrimRight(u.String(), "/")
	if strings.Contains(path.Base(u.Path), "Services") {
		return s.setEndpoint(clean)
	}
	s.NetServer = NetServerSettings{REST: clean}
	return nil
}

// checkType refuses everything but SQL Server, by name.
func checkType(file string, line int, name string) error {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "mssql", "sqlserver", "sql server":
		return nil
	}
	return migration.Fail("read configuration", at(file, line), fmt.Errorf("%w: %s", ErrUnsupported, name),
		migration.Msg("hint.config.dbtype", "Type", name, "File", file))
}

func at(file string, line int) string {
	if line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}
