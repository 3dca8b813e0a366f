package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	mssqldb "github.com/microsoft/go-mssqldb"
)

func serve(t *testing.T, in *Installation, o ServeOptions) *Running {
	t.Helper()
	r, err := in.Serve(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// open connects with Microsoft's driver over TLS.
func open(t *testing.T, in *Installation, r *Running, password string) *sql.DB {
	t.Helper()
	u := url.URL{Scheme: "sqlserver", Host: r.SQLAddr, User: url.UserPassword(in.DBLogin, password), RawQuery: url.Values{
		"database": {in.Database}, "encrypt": {"true"}, "TrustServerCertificate": {"true"}, "dial timeout": {"10"},
	}.Encode()}
	db, err := sql.Open("sqlserver", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestDriverReadsTheDatabase(t *testing.T) {
	in := shared(t)
	r := serve(t, in, ServeOptions{Denied: []string{"CRM7.ticket"}})
	db := open(t, in, r, in.DBPassword)
	var company, serial string
	if err := db.QueryRowContext(t.Context(), "SELECT c.ownerContactName, c.serialNo FROM [CRM7].[company] AS c").Scan(&company, &serial); err != nil {
		t.Fatal(err)
	}
	if company != in.Company || serial != in.Serial {
		t.Errorf("company %q serial %q", company, serial)
	}
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		if table.Name == "ticket" {
			continue
		}
		var n int64
		query := "SELECT COUNT_BIG(*) FROM [" + table.Schema + "].[" + table.Name + "]"
		if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", table.FullName(), err)
		}
		if want := in.Expect().Rows[table.FullName()]; n != want {
			t.Errorf("%s: %d rows, builder says %d", table.FullName(), n, want)
		}
	}
	var denied mssqldb.Error
	err = db.QueryRowContext(t.Context(), "SELECT COUNT_BIG(*) FROM [CRM7].[ticket]").Scan(new(int64))
	if !errors.As(err, &denied) || denied.Number != 229 {
		t.Errorf("denied table: %v", err)
	}
}

func TestWrongDatabasePassword(t *testing.T) {
	in := shared(t)
	db := open(t, in, serve(t, in, ServeOptions{}), "wrong")
	var refused mssqldb.Error
	if err := db.PingContext(t.Context()); !errors.As(err, &refused) || refused.Number != 18456 {
		t.Errorf("wrong password: %v", err)
	}
}

func TestRestartKeepsAddressAndCertificate(t *testing.T) {
	in := shared(t)
	first := serve(t, in, ServeOptions{})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Load(t.Context(), in.Dir)
	if err != nil {
		t.Fatal(err)
	}
	second := serve(t, again, ServeOptions{})
	if second.SQLAddr != first.SQLAddr || second.NetServerURL != first.NetServerURL || second.Fingerprint != first.Fingerprint {
		t.Errorf("restart moved: %s %s %s, then %s %s %s", first.SQLAddr, first.NetServerURL, first.Fingerprint, second.SQLAddr, second.NetServerURL, second.Fingerprint)
	}
	data, err := os.ReadFile(filepath.Join(in.Dir, dataFolder, certFile))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if sum := sha256.Sum256(block.Bytes); hex.EncodeToString(sum[:]) != second.Fingerprint {
		t.Error("fingerprint is not the SHA-256 of the certificate")
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Error(err)
	}
	odbc := keys(t, filepath.Join(second.ConfigDir, "odbc.ini"))
	host, port, err := net.SplitHostPort(second.SQLAddr)
	if err != nil || odbc["SuperOffice/Server"] != host+","+port {
		t.Errorf("odbc.ini says %s, served at %s", odbc["SuperOffice/Server"], second.SQLAddr)
	}
}

func TestTakenPorts(t *testing.T) {
	in := shared(t)
	first := serve(t, in, ServeOptions{})
	_, text, err := net.SplitHostPort(first.SQLAddr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := in.Serve(t.Context(), ServeOptions{SQLPort: port}); err == nil {
		t.Error("a taken port was served again", r.Close())
	}
	second := serve(t, in, ServeOptions{})
	if second.SQLAddr == first.SQLAddr {
		t.Error("two stand-ins at one address")
	}
}

func TestServedNetServer(t *testing.T) {
	in := shared(t)
	own, err := newCertificate()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.X509KeyPair(own, own)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := in.Serve(ctx, ServeOptions{Certificate: &cert})
	if err != nil {
		t.Fatal(err)
	}
	if r.Fingerprint != fingerprint(cert) {
		t.Error("the given certificate is not the one that is shown")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.NetServerURL+"/SuperOffice/api/v1/User/currentPrincipal", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(in.AdminName, in.AdminPassword)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("administrator: %s %v", resp.Status, err)
	}
	cancel() // ends the stand-ins as Close does
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if resp, err := client.Do(req.Clone(context.Background())); err == nil {
		t.Error("NetServer answers after Close", resp.Body.Close())
	}
}

// What the driver reads from the customer's table is what the builder put in,
// value by value, for every type that the package format carries.
func TestDriverReadsEveryType(t *testing.T) {
	in := shared(t)
	r := &recorder{keep: map[string][][]any{"EveryType": nil}}
	record(t, small, r)
	db := open(t, in, serve(t, in, ServeOptions{}), in.DBPassword)
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find(PartnerSchema, "EveryType")
	query := "SELECT"
	for i, col := range table.Columns {
		query += [2]string{", ", " "}[boolInt(i == 0)] + "[" + col.Name + "]"
	}
	rows, err := db.QueryContext(t.Context(), query+" FROM [partner].[EveryType] ORDER BY [id]")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := make([]any, len(table.Columns))
	into := make([]any, len(got))
	for i := range got {
		into[i] = &got[i]
	}
	for _, want := range r.keep["EveryType"] {
		if !rows.Next() {
			t.Fatalf("a row is missing: %v", rows.Err())
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, col := range table.Columns {
			if !sameValue(got[i], want[i]) {
				t.Errorf("row %v %s: driver gave %.80v (%T), stored %.80v", want[0], col.Name, got[i], got[i], want[i])
			}
		}
	}
	if rows.Next() || rows.Err() != nil {
		t.Errorf("rows beyond the last: %v", rows.Err())
	}
}

func sameValue(got, want any) bool {
	switch w := want.(type) {
	case time.Time:
		g, ok := got.(time.Time)
		if !ok {
			return false
		}
		_, gotZone := g.Zone()
		_, wantZone := w.Zone()
		return g.Equal(w) && gotZone == wantZone
	case []byte:
		g, ok := got.([]byte)
		return ok && bytes.Equal(g, w)
	case string: // decimal and money come as bytes of their text
		if g, ok := got.([]byte); ok {
			got = string(g)
		}
	}
	return got == want
}
