package main

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite/sample/mssql"
	"omt/upload/bacpac/decode"
)

// Sizes of large cells, in bytes as the server keeps them. Held once by the
// driver, the smaller ones would already show in the memory of the process.
const (
	largeCell = 24 << 20
	soakCell  = 500_000_000
)

// largeCells are one value of each type that has no limit: bytes that nothing
// compresses, a text whose slices end within a pair, and one of a code page with
// characters that are longer as UTF-16.
func largeCells(size int) (binary []byte, wide, code string) {
	binary = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{50}).Read(binary) // never fails
	return binary, "a" + strings.Repeat("🚢 skip, båt og 書類 🚢", size/40), strings.Repeat("Grüße – 7 €, ", size/13)
}

// A database with cells of half a gigabyte goes through the program, over the
// wire, in the memory of any other one, and arrives byte by byte.
func TestLargeCellsExport(t *testing.T) {
	slow(t)
	size := largeCell
	if soak() {
		size = soakCell
	}
	dir := filepath.Join(t.TempDir(), "sample")
	in := serve(t, dir, "--users", "20", "--documents", "40", "--missing", "2", "--rows", "2000")
	binary, wide, code := largeCells(size)
	want := map[int64]map[string][32]byte{
		1: {"c_varbinary_max": sha256.Sum256(binary)},
		2: {"c_nvarchar_max": sha256OfText(wide)},
		3: {"c_varchar_max": sha256OfText(code)},
	}
	grow(t, dir, size, binary, wide, code)
	binary, wide, code = nil, "", ""
	plan := filepath.Join(t.TempDir(), "plan.json")
	in.invoke(t, "plan", "--ticket", in.Ticket, "--config", in.Config, "--user", in.User, "--trust-certificate", in.Certificate,
		"--secrets-stdin", "--out", plan, "--accept-terms").mustSucceed(t)
	p := newPlace(t)
	e := in.export(t, p, 2, "run", "--plan", plan)
	t.Logf("cells of %d MB, at most %d MB of memory", size/1_000_000, e.memory>>20)
	if e.memory == 0 && runtime.GOOS == "linux" || e.memory > mostMemory {
		t.Errorf("%d MB of memory, at most %d may be", e.memory>>20, mostMemory>>20)
	}
	files, err := filepath.Glob(filepath.Join(p.target, "database", "*.bacpac"))
	if err != nil || len(files) != 1 {
		t.Fatalf("packages %v, %v", files, err)
	}
	holds(t, files[0], want)
	in.stop()
	memory := in.verified(t, p)
	t.Logf("verified with at most %d MB of memory", memory>>20)
	if memory == 0 && runtime.GOOS == "linux" || memory > mostMemory {
		t.Errorf("verification with %d MB of memory, at most %d may be", memory>>20, mostMemory>>20)
	}
}

// verified runs the verification to its end and tells the most memory it had, as
// far as it was seen: the account that the kernel gives at the end begins with the
// memory of the process that started it.
func (in *installation) verified(t *testing.T, p place) (most int64) {
	t.Helper()
	cmd := program(t, "verify", "--ticket", in.Ticket, "--to", p.target, "--json")
	cmd.Stdin = in.secrets()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			most = max(most, peak(t, cmd.Process.Pid))
		case err := <-ended:
			if s := out.String(); err != nil || !strings.Contains(s, `"total":0`) || !strings.Contains(s, `"undigested":0`) {
				t.Errorf("verify: %v, %s", err, s)
			}
			return most
		}
	}
}

func sha256OfText(s string) [32]byte {
	h := sha256.New()
	var b []byte
	for len(s) > 0 {
		var n int
		b, n = migration.AppendUTF16(b[:0], s)
		_, _ = h.Write(b) // never fails
		s = s[n:]
	}
	return [32]byte(h.Sum(nil))
}

// grow puts the cells into the rows of a sample that is being served.
func grow(t *testing.T, dir string, size int, binary []byte, wide, code string) {
	t.Helper()
	store, err := mssql.Open(t.Context(), filepath.Join(dir, "database", "superoffice.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		statement string
		arg       any
	}{
		{`UPDATE CRM7."partner.EveryType" SET c_varbinary_max = ? WHERE id = 1`, binary},
		{`UPDATE CRM7."partner.EveryType" SET c_nvarchar_max = ? WHERE id = 2`, wide},
		{`UPDATE CRM7."partner.EveryType" SET c_varchar_max = ? WHERE id = 3`, code},
		{`UPDATE CRM7."sys.counters" SET bytes = bytes + ? WHERE object_id = (SELECT object_id FROM CRM7."sys.tables" WHERE name = 'EveryType')`, 3 * size},
	} {
		if err := store.Exec(t.Context(), x.statement, x.arg); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// holds reads the cells out of the package with the decoder that knows nothing of
// the encoder.
func holds(t *testing.T, file string, want map[int64]map[string][32]byte) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	p, err := decode.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, part := range p.Parts {
		if part.Table.Name != "EveryType" {
			continue
		}
		_, err := p.Decode(t.Context(), part, 1<<31-1, func(row []any) error {
			for i, c := range part.Table.Columns {
				sum, ok := want[row[0].(int64)][c.Name]
				if !ok {
					continue
				}
				found++
				if l, ok := row[i].(*migration.LargeSum); !ok || !bytes.Equal(l.SHA256[:], sum[:]) {
					t.Errorf("%s: another value in the package, of type %T", c.Name, row[i])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found != 3 {
		t.Errorf("%d large cells in the package, want 3", found)
	}
}
