package ticket_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/ticket"
)

// The golden file was checked once with OpenSSL (pkeyutl -verify -rawin) over
// Python's json.dumps with sorted keys and no spaces.
func TestGolden(t *testing.T) {
	golden, err := os.ReadFile("testdata/demo.omt-ticket")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ticket.Verify(golden, release(t), now)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Demo {
		t.Error("ticket of the demo key is not marked as demo")
	}
	want := demo()
	want.Format, want.Key, want.Demo, want.Signature = ticket.Format, ticket.DemoKeyID, true, got.Signature
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
	if made := sign(t, demo(), ticket.DemoKeyID, ticket.DemoKey()); string(made) != string(golden) {
		t.Errorf("Sign gives other bytes than the golden file:\n%s", made)
	}
}

// Every leaf of migration.Ticket that has a JSON name is altered once, found by
// reflection: a field that is added later cannot be forgotten.
func TestEveryFieldIsSigned(t *testing.T) {
	keys, priv := opsPair(t)
	file := sign(t, customer(), opsKey, priv)
	if _, err := ticket.Verify(file, keys, now); err != nil {
		t.Fatalf("unaltered: %v", err)
	}
	fresh := func() reflect.Value {
		var x migration.Ticket
		if err := json.Unmarshal(file, &x); err != nil {
			t.Fatal(err)
		}
		return reflect.ValueOf(&x).Elem()
	}
	paths := leaves(fresh(), nil)
	// format id tenant environment company serial 2*(id name seats)
	// confidentialSeats 2 modes kind container mailDomain 3 languages termsUrl
	// eventKey notBefore expires key signature
	if len(paths) != 27 {
		t.Fatalf("%d fields found, want 27: adjust the count when the ticket grows", len(paths))
	}
	for _, p := range paths {
		x := fresh()
		name := alter(t, x, p)
		b, err := json.MarshalIndent(x.Interface(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got, err := ticket.Verify(b, keys, now)
		if err == nil || got != nil {
			t.Errorf("%s altered: accepted", name)
			continue
		}
		keepsSecret(t, err)
		if migration.HintOf(err).IsZero() {
			t.Errorf("%s altered: error without a hint: %v", name, err)
		}
	}
}

// leaves returns the index paths of all scalar fields.
func leaves(v reflect.Value, at []int) [][]int {
	var out [][]int
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		return [][]int{at}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				out = append(out, leaves(v.Field(i), append(at[:len(at):len(at)], i))...)
			}
		}
		return out
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			out = append(out, leaves(v.Index(i), append(at[:len(at):len(at)], i))...)
		}
		return out
	}
	return [][]int{at}
}

func alter(t *testing.T, v reflect.Value, path []int) string {
	name := ""
	for _, i := range path {
		if v.Kind() == reflect.Slice {
			v = v.Index(i)
			continue
		}
		name += "." + v.Type().Field(i).Name
		v = v.Field(i)
	}
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = x.Add(time.Hour)
	case *int:
		*x++
	default:
		if v.Kind() != reflect.String {
			t.Fatalf("%s: no way to alter a %s", name, v.Kind())
		}
		s := v.String()
		v.SetString(s[:len(s)-1] + string(s[len(s)-1]^1))
	}
	return name
}

func TestDates(t *testing.T) {
	keys, priv := opsPair(t)
	file := sign(t, customer(), opsKey, priv)
	early := demo().NotBefore.Add(-time.Second)
	x, err := ticket.Verify(file, keys, early)
	refused(t, x, err, "hint.ticket.not-yet")

	for name, at := range map[string]time.Time{"last second": demo().Expires.Add(-time.Second), "first": demo().NotBefore} {
		if _, err := ticket.Verify(file, keys, at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	expired := func(x *migration.Ticket, err error) {
		t.Helper()
		if !errors.Is(err, migration.ErrExpired) || x == nil {
			t.Fatalf("ticket %v, error %v; want the ticket and ErrExpired", x != nil, err)
		}
		if migration.HintOf(err).ID != "hint.ticket.expired" {
			t.Errorf("hint %v", migration.HintOf(err))
		}
		keepsSecret(t, err)
	}
	expired(ticket.Verify(file, keys, demo().Expires))
	// The container address ends before the ticket.
	c := customer()
	c.Target.Container = strings.Replace(c.Target.Container, "se=2026-12-01T00:00:00Z", "se=2026-11-19", 1)
	expired(ticket.Verify(sign(t, c, opsKey, priv), keys, now))
}

func TestTrust(t *testing.T) {
	keys, priv := opsPair(t)
	x, err := ticket.Verify(sign(t, customer(), opsKey, priv), release(t), now)
	refused(t, x, err, "hint.ticket.key") // this program does not have the key

	_, foreign, err := ticket.GenerateKey(strings.NewReader(strings.Repeat("foreign key seed", 2)))
	if err != nil {
		t.Fatal(err)
	}
	x, err = ticket.Verify(sign(t, customer(), opsKey, foreign), keys, now)
	refused(t, x, err, "hint.ticket.signature") // another key under a known id

	got, err := ticket.Verify(sign(t, customer(), opsKey, priv), keys, now)
	if err != nil || got.Demo {
		t.Errorf("demo %v, error %v", got.Demo, err)
	}
}

// forge signs content that Sign refuses, with the demo key.
func forge(t *testing.T, change func(*migration.Ticket)) []byte {
	t.Helper()
	x := demo()
	x.Format, x.Key, x.Signature = ticket.Format, ticket.DemoKeyID, ""
	change(x)
	var fields map[string]any
	b, err := json.Marshal(x)
	if err == nil {
		err = json.Unmarshal(b, &fields)
	}
	if err != nil {
		t.Fatal(err)
	}
	delete(fields, "signature")
	b, err = json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ticket.Canonical(b)
	if err != nil {
		t.Fatal(err)
	}
	fields["signature"] = ed25519.Sign(ticket.DemoKey(), c)
	b, err = json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDemoKeyIsHarmless(t *testing.T) {
	if _, err := ticket.Verify(forge(t, func(*migration.Ticket) {}), release(t), now); err != nil {
		t.Fatalf("unchanged: %v", err)
	}
	blob := func(address string) func(*migration.Ticket) {
		return func(x *migration.Ticket) {
			x.Target = migration.TargetSpec{Kind: ticket.TargetBlob, Container: address + "?se=2026-12-01&sr=c&sig=" + secret}
		}
	}
	for name, change := range map[string]func(*migration.Ticket){
		"other serial":    func(x *migration.Ticket) { x.Serial = "1801830017" },
		"other company":   func(x *migration.Ticket) { x.Company = "Nordavind Skog AS" },
		"https elsewhere": blob("https://account.blob.core.windows.net/cust10001"),
	} {
		x, err := ticket.Verify(forge(t, change), release(t), now)
		t.Run(name, func(t *testing.T) { refused(t, x, err, "hint.ticket.demo") })
	}
	for name, address := range map[string]string{
		"http elsewhere":      "http://account.blob.core.windows.net/cust10001",
		"localhost by name":   "http://localhost:10000/account/cust10001",
		"loopback look-alike": "http://127.0.0.1.example.com/cust10001",
		"address in user":     "http://127.0.0.1@example.com/cust10001",
	} {
		x, err := ticket.Verify(forge(t, blob(address)), release(t), now)
		t.Run(name, func(t *testing.T) { refused(t, x, err, "hint.ticket.field") })
	}
	for _, address := range []string{"http://127.0.0.1:10000/account/cust10001", "http://[::1]:10000/cust10001", "https://127.8.0.1/cust10001"} {
		if _, err := ticket.Verify(forge(t, blob(address)), release(t), now); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	// Plain http is for the demo key alone.
	_, priv := opsPair(t)
	c := customer()
	blob("http://127.0.0.1:10000/account/cust10001")(c)
	if _, err := ticket.Sign(c, opsKey, priv); migration.HintOf(err).ID != "hint.ticket.field" {
		t.Errorf("http with an operations key: %v", err)
	}
}
