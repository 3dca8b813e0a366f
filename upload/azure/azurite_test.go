package azure_test

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
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

// Azurite's own account, published with it.
const (
	azuriteAccount = "devstoreaccount1"
	azuriteKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

var listens = regexp.MustCompile(`listens on (http://\S+)`)

// azurite is the emulator that Microsoft publishes, for the length of a test.
type azurite struct {
	url  string
	cred *container.SharedKeyCredential
	mu   sync.Mutex
	n    int
}

// startAzurite starts a fresh emulator at a free port, or skips.
func startAzurite(t *testing.T) *azurite {
	t.Helper()
	entry := os.Getenv("OMT_AZURITE")
	if entry == "" {
		t.Skip("OMT_AZURITE is not set: it names azurite-blob, or its dist/src/blob/main.js for node")
	}
	name, args := entry, []string(nil)
	if filepath.Ext(entry) == ".js" {
		name, args = "node", []string{entry}
	}
	args = append(args, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort", "0")
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	at, lines := "", bufio.NewScanner(out)
	for at == "" && lines.Scan() {
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			at = m[1]
		}
	}
	if late.Stop(); at == "" {
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
	cred, err := container.NewSharedKeyCredential(azuriteAccount, azuriteKey)
	if err != nil {
		t.Fatal(err)
	}
	return &azurite{url: at + "/" + azuriteAccount, cred: cred}
}

// container makes a container and returns its address without a signature.
func (a *azurite) container(t *testing.T) string {
	t.Helper()
	a.mu.Lock()
	a.n++
	at := fmt.Sprintf("%s/c%06d", a.url, a.n)
	a.mu.Unlock()
	c, err := container.NewClientWithSharedKeyCredential(at, a.cred, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return at
}

// signed adds a signature with these rights that ends then.
func (a *azurite) signed(t *testing.T, at, rights string, end time.Time) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q, err := sas.BlobSignatureValues{
		Protocol: sas.ProtocolHTTPSandHTTP, ContainerName: u.Path[strings.LastIndex(u.Path, "/")+1:],
		StartTime: time.Now().Add(-48 * time.Hour), ExpiryTime: end, Permissions: rights,
	}.SignWithSharedKey(a.cred)
	if err != nil {
		t.Fatal(err)
	}
	return at + "?" + q.Encode()
}

func tomorrow() time.Time { return time.Now().Add(24 * time.Hour) }

func open(t *testing.T, address string, o azure.Options) *azure.Target {
	t.Helper()
	x, err := azure.Open(address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func TestConforms(t *testing.T) {
	a := startAzurite(t)
	uploadtest.Suite(t,
		func(t *testing.T) migration.Target {
			return open(t, a.signed(t, a.container(t), "rcwl", tomorrow()), azure.Options{})
		},
		uploadtest.Reopen(func(t *testing.T, old migration.Target) migration.Target {
			return open(t, a.signed(t, old.Describe(), "rcwl", tomorrow()), azure.Options{})
		}))
}
