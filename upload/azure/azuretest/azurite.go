// Package azuretest starts Azurite, the emulator of Azure Blob Storage that
// Microsoft publishes, for tests of the container target and of what stands
// above it. Nothing here is part of the program.
package azuretest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
)

// Variable names Azurite: the program azurite-blob, or its
// dist/src/blob/main.js, which is started with node.
const Variable = "OMT_AZURITE"

// Azurite's own account, published with it.
const (
	account = "devstoreaccount1"
	key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Server is an emulator that lives as long as a test. It keeps all in memory
// and gets slower with each object: a thousand are enough for one.
type Server struct {
	URL  string // of the account
	cred *container.SharedKeyCredential
	mu   sync.Mutex
	made int
}

var listens = regexp.MustCompile(`listens on (http://\S+)`)

// Start starts a fresh emulator at a free port, or skips the test.
func Start(t *testing.T) *Server {
	t.Helper()
	cmd := command(t)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	at, lines := "", bufio.NewScanner(out)
	for at == "" && lines.Scan() {
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			at = m[1]
		}
	}
	if late.Stop(); at == "" {
		_ = cmd.Process.Kill()
		t.Fatal("azurite did not say where it listens")
	}
	// What it says of each request is read away, or it would block.
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-drained
	})
	cred, err := container.NewSharedKeyCredential(account, key)
	check(t, err)
	return &Server{URL: at + "/" + account, cred: cred}
}

// command is the emulator's; newer versions of the protocol than it knows are
// let through, because it lags behind the client.
func command(t *testing.T) *exec.Cmd {
	t.Helper()
	entry := os.Getenv(Variable)
	if entry == "" {
		t.Skip(Variable + " is not set: it names azurite-blob, or its dist/src/blob/main.js, of the npm package azurite")
	}
	args := []string{"--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort", "0"}
	if filepath.Ext(entry) == ".js" {
		entry, args = "node", append([]string{entry}, args...)
	}
	cmd := exec.Command(entry, args...)
	cmd.Stderr = os.Stderr
	return cmd
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Server) client(t *testing.T, at string) *container.Client {
	t.Helper()
	c, err := container.NewClientWithSharedKeyCredential(at, s.cred, nil)
	check(t, err)
	return c
}

// Container makes a container and returns its address without a signature.
func (s *Server) Container(t *testing.T) string {
	t.Helper()
	s.mu.Lock()
	s.made++
	at := fmt.Sprintf("%s/c%06d", s.URL, s.made)
	s.mu.Unlock()
	_, err := s.client(t, at).Create(context.Background(), nil)
	check(t, err)
	return at
}

// Signed adds a signature of the container with these rights and this end.
func (s *Server) Signed(t *testing.T, at, rights string, end time.Time) string {
	t.Helper()
	u, err := url.Parse(at)
	check(t, err)
	q, err := sas.BlobSignatureValues{
		Protocol: sas.ProtocolHTTPSandHTTP, ContainerName: u.Path[strings.LastIndex(u.Path, "/")+1:],
		StartTime: time.Now().Add(-48 * time.Hour), ExpiryTime: end, Permissions: rights,
	}.SignWithSharedKey(s.cred)
	check(t, err)
	return at + "?" + q.Encode()
}

// Names lists everything in a container as its owner sees it.
func (s *Server) Names(t *testing.T, at string) []string {
	t.Helper()
	var out []string
	for p := s.client(t, at).NewListBlobsFlatPager(nil); p.More(); {
		page, err := p.NextPage(context.Background())
		check(t, err)
		for _, b := range page.Segment.BlobItems {
			out = append(out, *b.Name)
		}
	}
	return out
}

// BreakLease ends the lease of an object as the owner of the container can.
func (s *Server) BreakLease(t *testing.T, at, name string) {
	t.Helper()
	c, err := lease.NewBlobClient(s.client(t, at).NewBlobClient(name), nil)
	check(t, err)
	at0 := int32(0)
	_, err = c.BreakLease(context.Background(), &lease.BlobBreakOptions{BreakPeriod: &at0})
	check(t, err)
}

// Fetch copies a container into a folder, as a receiver would.
func (s *Server) Fetch(t *testing.T, at, dir string) {
	t.Helper()
	c := s.client(t, at)
	for _, name := range s.Names(t, at) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		resp, err := c.NewBlobClient(name).DownloadStream(context.Background(), nil)
		check(t, err)
		f, err := os.Create(path)
		check(t, err)
		_, err = io.Copy(f, resp.Body)
		check(t, err)
		check(t, resp.Body.Close())
		check(t, f.Close())
	}
}
