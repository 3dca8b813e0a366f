package tds

import (
	"crypto/tls"
	"fmt"
	"net"
)

// wrapped carries the TLS handshake inside PRELOGIN packets and, once it is
// over, the records as they are: the connection below is then used directly.
type wrapped struct {
	net.Conn
	open    bool   // the handshake is over
	pending []byte // of the last PRELOGIN message
}

func (w *wrapped) Read(b []byte) (int, error) {
	if w.open {
		return w.Conn.Read(b)
	}
	for len(w.pending) == 0 {
		m, err := readMessage(w.Conn, maxLogin)
		if err != nil {
			return 0, err
		}
		if m.kind != packPrelogin {
			return 0, malformed("packet type %d during the tls handshake", m.kind)
		}
		w.pending = m.data
	}
	n := copy(b, w.pending)
	w.pending = w.pending[n:]
	return n, nil
}

// Write sends one flight of the handshake as one message: go-mssqldb takes the
// end of a message for the end of the server's turn.
func (w *wrapped) Write(b []byte) (int, error) {
	if w.open {
		return w.Conn.Write(b)
	}
	p := newWriter(w.Conn, defaultPacketSize)
	p.kind = packPrelogin
	if err := p.write(b); err != nil {
		return 0, err
	}
	return len(b), p.end()
}

// handshake speaks TLS 1.2 at most: in 1.3 the server's tickets come after the end of
// the handshake, where a TDS client does not expect PRELOGIN packets. Tickets
// of 1.2 are off for the same reason.
func handshake(conn net.Conn, cert tls.Certificate, newest uint16) (*tls.Conn, error) {
	w := &wrapped{Conn: conn}
	t := tls.Server(w, &tls.Config{
		Certificates:                []tls.Certificate{cert},
		MinVersion:                  min(newest, tls.VersionTLS12),
		MaxVersion:                  newest,
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
	})
	if err := t.Handshake(); err != nil {
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	w.open = true
	return t, nil
}
