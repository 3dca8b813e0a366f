package tds

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Packet types, [MS-TDS] 2.2.3.1.1.
const (
	packBatch     = 0x01
	packRPC       = 0x03
	packReply     = 0x04
	packAttention = 0x06
	packTransMgr  = 0x0e
	packLogin     = 0x10
	packPrelogin  = 0x12
)

// Packet status bits, [MS-TDS] 2.2.3.1.2.
const (
	statusEOM       = 0x01
	statusReset     = 0x08
	statusResetSkip = 0x10
)

const (
	headerSize        = 8
	defaultPacketSize = 4096
	minPacketSize     = 512
	maxPacketSize     = 32767
	// maxEncrypted is what SQL Server reduces the packet size to under TLS,
	// so that a packet fits one TLS record.
	maxEncrypted = 16383
)

// Largest messages taken from a client, all packets together. A statement of
// the product has a few kilobytes; more is an attack on the memory.
const (
	maxPrelogin = 4 << 10
	maxLogin    = 128 << 10
	maxRequest  = 4 << 20
)

var errProtocol = errors.New("malformed tds stream")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errProtocol, fmt.Sprintf(format, args...))
}

// message is one request of the client, reassembled.
type message struct {
	kind   byte
	status byte // of its first packet
	data   []byte
}

// readMessage reads the packets of one message. limit bounds the sum of their
// payloads; it is checked before memory is taken for a packet.
func readMessage(r io.Reader, limit int) (message, error) {
	var m message
	var head [headerSize]byte
	for first := true; ; first = false {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return m, err
		}
		size := int(binary.BigEndian.Uint16(head[2:])) - headerSize
		switch {
		case size < 0:
			return m, malformed("packet shorter than its header")
		case first:
			m.kind, m.status = head[0], head[1]
		case head[0] != m.kind:
			return m, malformed("packet type %d inside a message of type %d", head[0], m.kind)
		}
		if len(m.data)+size > limit {
			return m, malformed("message longer than %d bytes", limit)
		}
		at := len(m.data)
		m.data = append(m.data, make([]byte, size)...)
		if _, err := io.ReadFull(r, m.data[at:]); err != nil {
			return m, err
		}
		if head[1]&statusEOM != 0 {
			return m, nil
		}
		if size == 0 {
			return m, malformed("empty packet inside a message")
		}
	}
}

// writer cuts a message into packets. It buffers one packet.
type writer struct {
	w    io.Writer
	kind byte
	size int // of a packet with its header
	seq  byte
	buf  []byte
}

func newWriter(w io.Writer, size int) *writer {
	p := &writer{w: w, kind: packReply, size: size}
	p.buf = make([]byte, headerSize, maxPacketSize)
	return p
}

// write appends to the message and sends each packet that is full.
func (p *writer) write(b []byte) error {
	for len(b) > 0 {
		if len(p.buf) >= p.size {
			if err := p.flush(0); err != nil {
				return err
			}
		}
		n := min(len(b), p.size-len(p.buf))
		p.buf = append(p.buf, b[:n]...)
		b = b[n:]
	}
	return nil
}

// end sends the last packet of the message.
func (p *writer) end() error {
	err := p.flush(statusEOM)
	p.seq = 0
	return err
}

func (p *writer) flush(status byte) error {
	p.seq++
	p.buf[0], p.buf[1] = p.kind, status
	binary.BigEndian.PutUint16(p.buf[2:], uint16(len(p.buf)))
	p.buf[4], p.buf[5], p.buf[6], p.buf[7] = 0, sessionID, p.seq, 0
	_, err := p.w.Write(p.buf)
	p.buf = p.buf[:headerSize]
	return err
}

// sessionID is the server process id in packet headers and of @@SPID.
const sessionID = 51
