package mssql

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	tsqlColumn = "~|~"
	tsqlRow    = "~;~"
)

// TestFreeTDS has another client than go-mssqldb read all types, so that a
// misreading of the protocol shared by both ends here cannot hide.
func TestFreeTDS(t *testing.T) {
	path, err := exec.LookPath("tsql")
	if err != nil && os.Getenv("OMT_CI") != "" {
		t.Fatal("tsql of FreeTDS is not on the PATH, and OMT_CI allows no test to be left out")
	}
	if err != nil {
		t.Skip("tsql of FreeTDS is not on the PATH")
	}
	s := typesStore(t)
	srv := NewServer(s, Options{Login: testLogin, Password: testPassword, Cert: newCert(t), Report: func(err error) { t.Error(err) }})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ctx, ln) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	var cols []string
	for _, x := range everyType() {
		cols = append(cols, "["+x.col.Name+"]")
	}
	for _, encryption := range []string{"off", "request", "require"} {
		for i, table := range []string{"everything", "filled"} {
			text := "SELECT " + strings.Join(cols, ", ") + " FROM CRM7." + table + " ORDER BY id"
			out, errs := tsql(t, path, encryption, ln.Addr(), text+"\ngo\nselect @@spid\ngo\nuse [SuperOffice]\ngo\n")
			if errs != "" {
				t.Errorf("%s: %s", encryption, errs)
			}
			checkPrinted(t, encryption+" "+table, out, typesRows(i == 0))
		}
	}
	_, errs := tsql(t, path, "require", ln.Addr(), "SELECT x FROM CRM7.everything LIMIT 5\ngo\n")
	if !strings.Contains(errs, "Msg 102 (severity 15, state 1)") {
		t.Errorf("refused statement: %q", errs)
	}
}

func tsql(t *testing.T, path, encryption string, addr net.Addr, input string) (string, string) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "freetds.conf")
	text := "[global]\ntds version = 7.4\nclient charset = UTF-8\nencryption = " + encryption + "\ntext size = 4294967295\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "-H", "127.0.0.1", "-p", strconv.Itoa(addr.(*net.TCPAddr).Port),
		"-U", testLogin, "-P", testPassword, "-D", "SuperOffice", "-t", tsqlColumn, "-r", tsqlRow, "-o", "fhq")
	cmd.Env = append(os.Environ(), "FREETDSCONF="+conf, "TDSVER=7.4", "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(input + "exit\n")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("tsql: %v: %s", err, errs.String())
	}
	return out.String(), errs.String()
}

func checkPrinted(t *testing.T, what, out string, want [][]any) {
	t.Helper()
	got := strings.Split(out, tsqlRow)
	if len(got) < len(want)+1 || !strings.HasSuffix(strings.TrimSpace(got[len(want)]), "51") {
		t.Fatalf("%s: %d rows: %.300s", what, len(got), out)
	}
	for n, row := range want {
		cells := strings.Split(strings.TrimPrefix(got[n], "\n"), tsqlColumn)
		if len(cells) != len(row)-1 {
			t.Fatalf("%s row %d: %d cells", what, n, len(cells))
		}
		for k, x := range everyType() {
			if w := printed(x, row[k+1]); cells[k] != w {
				t.Errorf("%s row %d %s: %.80q, want %.80q", what, n, x.col.Name, cells[k], w)
			}
		}
	}
}

// printed is a value as tsql prints it: dates without seconds, binary in hex,
// text up to the first NUL.
func printed(x typed, v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if x.col.Type == "real" {
			return strconv.FormatFloat(v, 'g', 9, 64)
		}
		return fmt.Sprintf("%.17g", v)
	case string:
		v, _, _ = strings.Cut(v, "\x00")
		return v
	case time.Time:
		y, m, d := v.Date()
		if x.col.Type == "time" {
			y, m, d = 1900, 1, 1
		}
		return fmt.Sprintf("%s %2d %d %s", m.String()[:3], d, y, v.Format("03:04PM"))
	case []byte:
		switch x.col.Type {
		case "decimal", "numeric", "money", "smallmoney":
			return string(v)
		case "uniqueidentifier":
			return fmt.Sprintf("%X-%X-%X-%X-%X", []byte{v[3], v[2], v[1], v[0]}, []byte{v[5], v[4]}, []byte{v[7], v[6]}, v[8:10], v[10:])
		}
		return hex.EncodeToString(v)
	}
	return fmt.Sprint(v)
}
