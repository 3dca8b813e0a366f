package ticket_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/ticket"
)

const (
	opsKey = "ops-2026"
	// secret stands in the container address of every sample; no error may hold it.
	secret = "c2VjcmV0LXNpZ25hdHVyZQ"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// demo is a ticket of the demo with every field filled.
func demo() *migration.Ticket {
	return &migration.Ticket{
		ID: "demo-0001", Tenant: "Cust10001", Environment: "demo",
		Company: migration.DemoCompany, Serial: migration.DemoSerial,
		Plans:             []migration.TicketPlan{{ID: "sales", Name: "Sales Premium", Seats: 80}, {ID: "service", Name: "Service \"Plus\" æøå 日本", Seats: 0}},
		ConfidentialSeats: 10,
		Modes:             []migration.Mode{migration.ModeTest, migration.ModeLive},
		Target:            migration.TargetSpec{Kind: ticket.TargetFolder},
		MailDomain:        "cust10001.example.com",
		Languages:         []string{"en", "nb", "de"},
		TermsURL:          "https://example.com/terms",
		Freeze:            migration.FreezeSpec{EventKey: "no-login"},
		NotBefore:         time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Expires:           time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
	}
}

// customer is a ticket as Online Operations issue it.
func customer() *migration.Ticket {
	t := demo()
	t.Company, t.Serial = "Nordavind Skog AS", "1801830017"
	t.Target = migration.TargetSpec{Kind: ticket.TargetBlob,
		Container: "https://account.blob.core.windows.net/cust10001?sv=2024-11-04&sr=c&sp=rcwl&se=2026-12-01T00:00:00Z&sig=" + secret}
	return t
}

// opsPair is a key that stands for Online Operations'.
func opsPair(t testing.TB) (ticket.Keys, ed25519.PrivateKey) {
	t.Helper()
	pub, priv, err := ticket.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return ticket.WithKey(opsKey, pub), priv
}

func sign(t testing.TB, x *migration.Ticket, id string, priv ed25519.PrivateKey) []byte {
	t.Helper()
	b, err := ticket.Sign(x, id, priv)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func release(t testing.TB) ticket.Keys {
	t.Helper()
	k, err := ticket.Release()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// refused checks that the ticket was refused with this hint and that the error
// keeps the secret.
func refused(t testing.TB, x *migration.Ticket, err error, hint string) {
	t.Helper()
	if err == nil || x != nil {
		t.Fatalf("ticket %v, error %v; want it refused", x != nil, err)
	}
	if got := migration.HintOf(err).ID; got != hint {
		t.Errorf("hint %q of error %q, want %q", got, err, hint)
	}
	keepsSecret(t, err)
}

func keepsSecret(t testing.TB, err error) {
	t.Helper()
	if h := migration.HintOf(err); bytes.Contains([]byte(err.Error()), []byte(secret)) || containsArg(h, secret) {
		t.Errorf("error shows the signature of the container address: %v %v", err, h)
	}
}

func containsArg(m migration.Message, s string) bool {
	for _, v := range m.Args {
		if text, ok := v.(string); ok && bytes.Contains([]byte(text), []byte(s)) {
			return true
		}
	}
	return false
}
