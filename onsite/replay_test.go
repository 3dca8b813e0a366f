package onsite_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// recording holds what a server answered, by what it was asked.
type recording struct {
	mu      sync.Mutex
	answers map[[32]byte][]byte
}

// readMessage reads one message of TDS with its packets: type, status, length
// and data ([MS-TDS] 2.2.3.1).
func readTDS(r io.Reader) (raw []byte, key [32]byte, err error) {
	var data bytes.Buffer
	var kind byte
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil, key, err
		}
		body := make([]byte, int(binary.BigEndian.Uint16(head[2:]))-len(head))
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, key, err
		}
		raw, kind = append(append(raw, head[:]...), body...), head[0]
		data.Write(body)
		if head[1]&1 != 0 {
			break
		}
	}
	// A login tells process and computer, which are not the same twice.
	if kind == 0x10 || kind == 0x12 {
		data.Reset()
	}
	return raw, sha256.Sum256(append([]byte{kind}, data.Bytes()...)), nil
}

// record passes messages on to a server and keeps its answers.
type record struct {
	to  *pipes
	rec *recording
}

func (d record) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	server, err := d.to.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	client, end := net.Pipe()
	d.to.conns.Go(func() {
		defer end.Close()
		defer server.Close()
		for {
			ask, key, err := readTDS(end)
			if err != nil {
				return
			}
			if _, err := server.Write(ask); err != nil {
				return
			}
			answer, _, err := readTDS(server)
			if err != nil {
				return
			}
			d.rec.mu.Lock()
			d.rec.answers[key] = answer
			d.rec.mu.Unlock()
			if _, err := end.Write(answer); err != nil {
				return
			}
		}
	})
	return client, nil
}

// replay answers from a recording.
type replay struct {
	rec   *recording
	conns *sync.WaitGroup
}

func (d replay) DialContext(context.Context, string, string) (net.Conn, error) {
	client, end := net.Pipe()
	d.conns.Go(func() {
		defer end.Close()
		for {
			_, key, err := readTDS(end)
			if err != nil {
				return
			}
			d.rec.mu.Lock()
			answer := d.rec.answers[key]
			d.rec.mu.Unlock()
			if _, err := end.Write(answer); err != nil || answer == nil {
				return
			}
		}
	})
	return client, nil
}
