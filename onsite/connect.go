package onsite

import (
	"cmp"
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/microsoft/go-mssqldb/msdsn"

	"omt/migration"
)

const (
	// loginTimeout bounds one attempt from dialling to the end of the login.
	loginTimeout = 15 * time.Second
	// encryptedPacket is the largest TDS packet on an encrypted connection:
	// the driver's default of 4096 costs four times the round trips.
	encryptedPacket = 16383
	defaultMaxConns = 4
	// idleTime is below the four minutes after which the strictest firewalls of
	// cloud providers drop an idle connection.
	idleTime = 2 * time.Minute
)

// ConnectOptions are what Connect cannot know from the configuration files.
type ConnectOptions struct {
	// Fingerprint is the SHA-256 of the server's certificate in hex, with or
	// without colons. Exactly this certificate is then trusted, whoever signed
	// it; any other is refused.
	Fingerprint string
	// OldTLS allows TLS 1.0 and 1.1, which a person has chosen after ErrOldTLS.
	OldTLS bool
	// Roots are trusted for the certificate; nil means those of the system.
	Roots *x509.CertPool
	// Dialer makes the connections; nil means the network.
	Dialer interface {
		DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	}
	// Pipes opens named pipes and shared memory; nil means those of Windows, and
	// none elsewhere.
	Pipes func(context.Context, Pipe) (net.Conn, error)
	// Aliases is asked for names that stand for a server; nil means the registry
	// of Windows, and none elsewhere.
	Aliases Registry
	// Timeout bounds one login, from dialling to its end; 0 means 15 s.
	Timeout time.Duration
	// MaxConns bounds open connections; 0 means 4.
	MaxConns int
	// LargeCell is the size in bytes from which on a cell is read in slices; 0
	// means migration.LargeCell.
	LargeCell int64
	// Now is the clock for the validity of certificates; nil means time.Now.
	Now func() time.Time

	lines *lines // of the installation, and of what is opened beside it
}

// Installation is one on-site installation, open for reading. It implements
// migration.Source and is safe for use by several goroutines.
type Installation struct {
	db       *sql.DB
	lender   lender // of connections for rows
	reach    *reacher
	trust    *trust
	settings Settings
	options  ConnectOptions
	// snapshotOf is the database of which this is a snapshot; empty if it is none.
	snapshotOf string

	mu    sync.Mutex
	names *tableNames // nil until the first statement on a table
	// folders are those of Customer Service, nil until they are asked for.
	folders *serviceFolders

	largeCell  int64
	alignPause time.Duration    // between two tries of readers to begin together
	large      map[string][]int // columns with large cells by table, as far as known

	files *files
	batch int // rows of document or attachment held at once
}

// Connect opens the database and reads one row from it, so that everything
// that is wrong with address, certificate, login or database is an error here.
// Each cause has its own hint; no text contains the password. On Windows settings
// without a user mean the account that runs the program.
func Connect(ctx context.Context, s Settings, o ConnectOptions) (*Installation, error) {
	account := windowsAccount && s.User == "" && s.Password == ""
	for _, field := range s.Missing() {
		if field != "ArchivePaths" && !(account && (field == "User" || field == "Password")) {
			return nil, migration.Fail("connect", s.serverName(), fmt.Errorf("%w: %s is not set", ErrConfiguration, field),
				migration.Msg("hint.connect.missing", "Field", field))
		}
	}
	if err := checkType("", 0, s.DatabaseType); err != nil {
		return nil, err
	}
	if s.Schema == "" {
		s.Schema = DefaultSchema
	}
	trust := newTrust(o)
	if o.lines == nil {
		o.lines = newLines()
	}
	if o.Timeout == 0 {
		o.Timeout = loginTimeout
	}
	at, err := s.Resolve(o.Aliases)
	if err != nil {
		return nil, err
	}
	reach := newReacher(at, o, trust)
	db := sql.OpenDB(reach)
	// One more than is asked for: readers that all wait for a slice of a large
	// cell must find a connection for it.
	db.SetMaxOpenConns(maxConns(o) + 1)
	db.SetMaxIdleConns(maxConns(o))
	// A person may leave the window alone for hours, and firewalls forget idle
	// connections without a word: the next statement would fail.
	db.SetConnMaxIdleTime(idleTime)
	in := &Installation{db: db, lender: pooled{db}, reach: reach, trust: trust, settings: s, options: o, files: newFiles(s), batch: batchRows,
		alignPause: alignPause, largeCell: cmp.Or(o.LargeCell, migration.LargeCell), large: map[string][]int{}}
	if _, err := in.server(ctx); err != nil {
		if cert := trust.failure(); cert != nil && strings.Contains(err.Error(), errHandshake) {
			err = in.certificateError(cert)
		}
		return nil, errors.Join(err, db.Close())
	}
	return in, nil
}

func maxConns(o ConnectOptions) int {
	if o.MaxConns > 0 {
		return o.MaxConns
	}
	return defaultMaxConns
}

// config is built field by field: a connection string would have to be quoted
// by the driver's own rules, and a password with a ";" would break it.
func (s Settings) config(trust *trust) msdsn.Config {
	return msdsn.Config{
		Host:           s.Server,
		Instance:       s.Instance,
		Port:           uint64(s.Port),
		Database:       s.Database,
		User:           s.User,
		Password:       s.Password,
		Encryption:     msdsn.EncryptionRequired,
		TLSConfig:      trust.config(s.Server),
		ReadOnlyIntent: true,
		AppName:        "omt",
		PacketSize:     encryptedPacket,
		DialTimeout:    -1, // connector bounds the whole login
		KeepAlive:      30 * time.Second,
		Protocols:      []string{"tcp"},
		BrowserMessage: msdsn.BrowserAllInstances,
		Encoding:       msdsn.EncodeParameters{Timezone: time.UTC},
	}
}

// Close ends all connections and closes the folders.
func (in *Installation) Close() error {
	return errors.Join(in.db.Close(), in.files.close())
}

// Way is how the server was reached last, as a DSN writes it: tcp:crm01.
func (in *Installation) Way() string {
	if in.reach == nil { // not opened by Connect
		return ""
	}
	return in.reach.way()
}

// Settings returns what the installation was opened with.
func (in *Installation) Settings() Settings { return in.settings }

// serverInfo is what the server says of itself.
type serverInfo struct {
	version, database, collation string
	edition, lcid                int
}

func (in *Installation) server(ctx context.Context) (serverInfo, error) {
	var info serverInfo
	var version, collation sql.NullString
	var edition, lcid sql.NullInt64
	err := in.db.QueryRowContext(ctx, sqlServer).Scan(&version, &edition, &info.database, &collation, &lcid)
	if err != nil {
		return info, in.sqlError("connect", in.settings.serverName(), err)
	}
	info.version, info.collation = version.String, collation.String
	info.edition, info.lcid = int(edition.Int64), int(lcid.Int64)
	return info, nil
}
