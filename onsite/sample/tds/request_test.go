package tds

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Examples of [MS-TDS] section 4, with their packet headers.
const (
	examplePrelogin = `12 01 00 2F 00 00 01 00 00 00 1A 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 04 04 00 26 00 01 FF
09 00 00 00 00 00 01 00 B8 0D 00 00 01`
	exampleLogin = `10 01 00 90 00 00 01 00 88 00 00 00 02 00 09 72 00 10 00 00 00 00 00 07 00 01 00 00 00 00 00 00 E0 03 00 00
E0 01 00 00 09 04 00 00 5E 00 08 00 6E 00 02 00 72 00 00 00 72 00 07 00 80 00 00 00 80 00 00 00 80 00 04 00 88 00 00 00
88 00 00 00 00 50 8B E2 B7 8F 88 00 00 00 88 00 00 00 88 00 00 00 00 00 00 00 73 00 6B 00 6F 00 73 00 74 00 6F 00 76 00
31 00 73 00 61 00 4F 00 53 00 51 00 4C 00 2D 00 33 00 32 00 4F 00 44 00 42 00 43 00`
	exampleBatch = `01 01 00 5C 00 00 01 00 16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00 00 0A 00 73 00 65 00
6C 00 65 00 63 00 74 00 20 00 27 00 66 00 6F 00 6F 00 27 00 20 00 61 00 73 00 20 00 27 00 62 00 61 00 72 00 27 00 0A 00
20 00 20 00 20 00 20 00 20 00 20 00 20 00 20 00`
	exampleRPC = `03 01 00 2F 00 00 01 00 16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00 00 04 00 66 00 6F 00 6F
00 33 00 00 00 00 02 26 02 00`
)

func example(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func payloadOf(t testing.TB, text string, kind byte) []byte {
	t.Helper()
	m, err := readMessage(bytes.NewReader(example(t, text)), maxRequest)
	if err != nil || m.kind != kind {
		t.Fatalf("message of type %d: %v", m.kind, err)
	}
	return m.data
}

func TestExamples(t *testing.T) {
	if enc, err := parsePrelogin(payloadOf(t, examplePrelogin, packPrelogin)); err != nil || enc != encryptOn {
		t.Errorf("prelogin: %d, %v", enc, err)
	}
	l, err := parseLogin(payloadOf(t, exampleLogin, packLogin))
	if err != nil || l.Host != "skostov1" || l.User != "sa" || l.Password != "" || l.App != "OSQL-32" || l.packetSize != 4096 || l.integrated {
		t.Errorf("login: %+v, %v", l, err)
	}
	st, err := parseBatch(payloadOf(t, exampleBatch, packBatch))
	if err != nil || st.SQL != "\nselect 'foo' as 'bar'\n        " {
		t.Errorf("batch: %q, %v", st.SQL, err)
	}
	_, err = parseRPC(payloadOf(t, exampleRPC, packRPC))
	var e *Error
	if !errors.As(err, &e) || e.Number != 2812 || !strings.Contains(e.Message, "'foo3'") {
		t.Errorf("rpc: %v", err)
	}
}

// TestPassword: the example of the spec has none; A5 is a zero byte, and "a"
// (61 00) becomes B3 A5.
func TestPassword(t *testing.T) {
	if got := decodeUTF16(reveal([]byte{0xb3, 0xa5})); got != "a" {
		t.Errorf("password %q", got)
	}
}

func TestRefusedMessages(t *testing.T) {
	head := "16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00 00 "
	call := head + "FF FF 0A 00 00 00 "
	for name, x := range map[string]struct{ kind, data string }{
		"headers longer than the message": {"rpc", "FF FF FF 7F 00"},
		"headers of three bytes":          {"rpc", "03 00 00 00"},
		"text of two gigabytes":           {"rpc", call + "00 00 63 FF FF FF 7F 09 04 D0 00 34 FF FF FF 7F"},
		"chunk of two gigabytes":          {"rpc", call + "00 00 E7 FF FF 09 04 D0 00 34 FE FF FF FF FF FF FF FF FF FF FF 7F 00"},
		"chunks without end":              {"rpc", call + "00 00 E7 FF FF 09 04 D0 00 34 FE FF FF FF FF FF FF FF 02 00 00 00 41 00"},
		"total that is not kept":          {"rpc", call + "00 00 E7 FF FF 09 04 D0 00 34 05 00 00 00 00 00 00 00 02 00 00 00 41 00 00 00 00 00"},
		"value longer than its type":      {"rpc", call + "00 00 E7 02 00 09 04 D0 00 34 04 00 41 00 41 00"},
		"integer of three bytes":          {"rpc", call + "00 00 26 03 03 01 02 03"},
		"decimal with precision 99":       {"rpc", call + "00 00 6A 11 63 00 00"},
		"time with scale 9":               {"rpc", call + "00 00 29 09 05 00 00 00 00 00"},
		"time of 25 hours":                {"rpc", call + "00 00 29 00 03 90 5F 01"},
		"type that does not exist":        {"rpc", call + "00 00 FE"},
		"isolation level 9":               {"tran", head + "05 00 09 00"},
		"batch of odd length":             {"batch", head + "41"},
		"login of two bytes":              {"login", "02 00"},
		"login that lies on its length":   {"login", strings.Repeat("00 ", 94)},
		"prelogin without end":            {"prelogin", "00 00 06 00 01"},
		"prelogin value outside":          {"prelogin", "01 FF FF FF FF FF"},
	} {
		data := example(t, x.data)
		var err error
		switch x.kind {
		case "rpc":
			_, err = parseRPC(data)
		case "tran":
			_, err = parseTran(data)
		case "batch":
			_, err = parseBatch(data)
		case "login":
			_, err = parseLogin(data)
		case "prelogin":
			_, err = parsePrelogin(data)
		}
		if !errors.Is(err, errProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"packet shorter than its header": "01 01 00 07 00 00 00 00",
		"message that is too long":       "01 00 7F FF 00 00 00 00 " + strings.Repeat("00 ", 0x7ff7) + "01 01 7F FF 00 00 00 00",
		"type that changes":              "01 00 00 09 00 00 00 00 41 03 01 00 09 00 00 00 00 41",
		"empty packet inside":            "01 00 00 08 00 00 00 00",
	} {
		if _, err := readMessage(bytes.NewReader(example(t, text)), 0x8000); !errors.Is(err, errProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWriterCutsPackets(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(&out, minPacketSize)
	want := bytes.Repeat([]byte("0123456789"), 200)
	for i := 0; i < len(want); i += 7 {
		if err := w.write(want[i:min(i+7, len(want))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	for rest := out.Bytes(); len(rest) > 0; {
		n := int(rest[2])<<8 | int(rest[3])
		if last := n == len(rest); n > minPacketSize || last != (rest[1] == statusEOM) || !last && n != minPacketSize {
			t.Fatalf("packet of %d bytes, status %d, %d left", n, rest[1], len(rest))
		}
		rest = rest[n:]
	}
	m, err := readMessage(&out, len(want))
	if err != nil || !bytes.Equal(m.data, want) {
		t.Errorf("read back %d bytes: %v", len(m.data), err)
	}
}

// FuzzMessage: nothing that a client sends may bring the server down, and what
// is taken from a message is never more than the message.
func FuzzMessage(f *testing.F) {
	for _, text := range []string{examplePrelogin, exampleLogin, exampleBatch, exampleRPC,
		"0E 01 00 22 00 00 00 00 16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00 00 05 00 05 00",
		"03 01 00 57 00 00 00 00 04 00 00 00 FF FF 0A 00 00 00 00 00 E7 02 00 09 04 D0 00 34 02 00 41 00 00 00 E7 FF FF 09 04 D0 00 34 FE FF FF FF FF FF FF FF 02 00 00 00 41 00 00 00 00 00 00 00 6A 11 26 0A 05 01 01 00 00 00 00 00 2B 07 0A 00 00 00 00 00 01 00 00 00 00",
	} {
		f.Add(example(f, text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readMessage(bytes.NewReader(data), maxLogin)
		if err != nil {
			return
		}
		if len(m.data) > len(data) {
			t.Fatal("message longer than its packets")
		}
		_, _ = parsePrelogin(m.data)
		_, _ = parseTran(m.data)
		_, _ = parseBatch(m.data)
		if l, err := parseLogin(m.data); err == nil && len(l.User) > 3*len(data) {
			t.Fatal("user longer than the message")
		}
		st, err := parseRPC(m.data)
		if err != nil {
			return
		}
		for _, p := range st.Params {
			if s, ok := p.Value.(string); ok && len(s) > 3*len(data) {
				t.Fatal("parameter longer than the message")
			}
		}
	})
}
