package azure

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"omt/migration"
)

// Names at the target that are no objects.
const (
	lockName  = "session.lock"
	tempDir   = ".omt-tmp/"
	probeName = tempDir + "probe"
)

// Options are what a target takes from outside. The zero value is for use;
// tests replace time and connections.
type Options struct {
	// Host names this computer for whoever finds the lease held; empty: the
	// system's name.
	Host string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Tick makes a ticker for the lease and a function that stops it; nil: time.
	Tick func(time.Duration) (<-chan time.Time, func())
	// Transport sends requests; nil: connections of the target's own.
	Transport http.RoundTripper
	// Proxy finds the proxy of the own connections; nil: the environment.
	Proxy func(*http.Request) (*url.URL, error)
	// Dial makes the own connections; nil: the network. It is asked for the
	// service itself where Proxy finds none.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Roots are the authorities that may vouch for the service to the own
	// connections; nil: the system's.
	Roots *x509.CertPool
	// RetryDelay is the pause before the first repetition, doubled each time;
	// 0: azcore's 0.8 s.
	RetryDelay time.Duration
	// Stall is how long a body may stand still before its try is given up and
	// made again; 0: 30 s.
	Stall time.Duration
}

// Target is a container of Azure Blob Storage. It is safe for use by several
// goroutines. It implements migration.Target.
type Target struct {
	addr      address
	opts      Options
	container *container.Client
	base      *http.Transport // nil with a transport from outside
	lost      atomic.Bool
	busy      atomic.Int64 // answers that asked for patience, also of tries that were made again
	lockPath  string       // of session.lock in a request

	mu    sync.Mutex
	known map[string]map[string]bool // ids that Commit accepts, by path, after Restore
	gone  map[string]bool            // paths of which a commit found blocks missing
	lease *lease
}

// ErrAddress: the address is not that of a container.
var ErrAddress = errors.New("container address is not usable")

// Open makes a target of a container's address with its shared access
// signature. Plain http is accepted only to a literal address of this
// computer. Nothing is sent yet.
func Open(containerURL string, o Options) (*Target, error) {
	addr, err := parseAddress(containerURL)
	if err != nil {
		return nil, migration.Fail("open container", "", fmt.Errorf("%w: %w", ErrAddress, err), migration.Msg("hint.azure.address"))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Stall == 0 {
		o.Stall = stallTime
	}
	if o.Tick == nil {
		o.Tick = func(d time.Duration) (<-chan time.Time, func()) {
			k := time.NewTicker(d)
			return k.C, k.Stop
		}
	}
	if o.Host == "" {
		if o.Host, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("find name of this computer: %w", err)
		}
	}
	t := &Target{addr: addr, opts: o, known: map[string]map[string]bool{}, gone: map[string]bool{}}
	if t.opts.Transport == nil {
		t.base = newBase(o)
		t.opts.Transport = t.base
	}
	t.container, err = container.NewClientWithNoCredential(addr.full, &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport:       &transport{base: t.opts.Transport, clean: addr.clean, stall: t.opts.Stall},
		Telemetry:       policy.TelemetryOptions{ApplicationID: "omt"},
		PerCallPolicies: []policy.Policy{sumBody{}}, PerRetryPolicies: []policy.Policy{gate{t}},
	}})
	if err != nil {
		return nil, migration.Fail("open container", addr.shown, addr.clean.transportError(err), migration.Msg("hint.azure.address"))
	}
	lock, err := url.Parse(t.blob(lockName).URL())
	if err != nil {
		return nil, migration.Fail("open container", addr.shown, addr.clean.transportError(err), migration.Msg("hint.azure.address"))
	}
	t.lockPath = lock.Path
	return t, nil
}

// Describe is the address without its signature: the same for every ticket of
// the same container.
func (t *Target) Describe() string { return t.addr.shown }

// Close ends the lease's renewal and the idle connections.
func (t *Target) Close() error {
	t.mu.Lock()
	l := t.lease
	t.mu.Unlock()
	var err error
	if l != nil {
		err = l.Release()
	}
	if t.base != nil {
		t.base.CloseIdleConnections()
	}
	return err
}

func (t *Target) blob(path string) *blockblob.Client { return t.container.NewBlockBlobClient(path) }

// ready refuses to work for a caller who gave up, on names of the target's own,
// and, when writing, after the lease was lost.
func (t *Target) ready(ctx context.Context, path string, write bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if path == "" || own(path) {
		return migration.Fail("use", path, errors.New("not a name for an object"), migration.Msg("hint.azure.path"))
	}
	if write && t.lost.Load() {
		return t.lostError()
	}
	return nil
}

// own tells names that are no objects.
func own(path string) bool { return path == lockName || strings.HasPrefix(path, tempDir) }
