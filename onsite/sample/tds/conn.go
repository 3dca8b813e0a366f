package tds

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// conn is one client. Its requests are answered by the goroutine of serve,
// while a second one reads, so that a cancellation is seen while rows are
// being written.
type conn struct {
	server *Server
	raw    net.Conn
	rw     net.Conn // raw, or TLS over it
	info   Info
	out    *writer
	sess   Session
	tran   uint64 // id of the open transaction, 0 for none
	trans  uint64 // transactions so far

	mu        sync.Mutex
	cancel    context.CancelFunc // of the running request, nil if none runs
	attention bool               // the running request was cancelled
}

func (c *conn) serve(ctx context.Context) (err error) {
	login, err := c.negotiate()
	if err != nil {
		return err
	}
	c.out = newWriter(c.rw, defaultPacketSize)
	if err := c.login(ctx, login); err != nil {
		return err
	}
	if c.sess == nil {
		return nil // refused, and told so
	}
	defer func() { err = errors.Join(err, c.sess.Close()) }()

	msgs, stop := make(chan request), make(chan struct{})
	var reader sync.WaitGroup
	var readErr error
	reader.Go(func() {
		defer close(msgs)
		readErr = c.read(ctx, msgs, stop)
	})
	err = c.loop(ctx, msgs)
	close(stop)
	// Closing ends a read that waits for the client.
	_ = c.raw.Close()
	reader.Wait()
	if err == nil && !gone(readErr) {
		err = readErr
	}
	return err
}

// gone tells whether a read ended because the client left.
func gone(err error) bool {
	return err == nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// negotiate agrees on encryption and takes the login.
func (c *conn) negotiate() (loginRequest, error) {
	m, err := readMessage(c.raw, maxPrelogin)
	if err != nil {
		return loginRequest{}, fmt.Errorf("read prelogin: %w", err)
	}
	if m.kind != packPrelogin {
		return loginRequest{}, malformed("packet type %d before prelogin", m.kind)
	}
	asked, err := parsePrelogin(m.data)
	if err != nil {
		return loginRequest{}, err
	}
	enc := c.encryption(asked)
	w := newWriter(c.raw, defaultPacketSize)
	if err := errors.Join(w.write(preloginReply(c.info, enc)), w.end()); err != nil {
		return loginRequest{}, fmt.Errorf("answer prelogin: %w", err)
	}
	if enc != encryptNotSupported {
		t, err := handshake(c.raw, c.server.opts.Cert, c.server.opts.newest())
		if err != nil {
			return loginRequest{}, err
		}
		c.rw = t
	}
	if m, err = readMessage(c.rw, maxLogin); err != nil {
		return loginRequest{}, fmt.Errorf("read login: %w", err)
	}
	if m.kind != packLogin {
		return loginRequest{}, malformed("packet type %d instead of a login", m.kind)
	}
	l, err := parseLogin(m.data)
	l.Encrypted = enc != encryptNotSupported
	switch enc {
	case encryptOff:
		c.rw = c.raw // only the login was to be hidden
	case encryptOn, encryptRequired:
		l.packetSize = min(l.packetSize, maxEncrypted)
	}
	return l, err
}

// encryption is the answer to what the client asks, [MS-TDS] 2.2.6.5.
func (c *conn) encryption(asked byte) byte {
	if len(c.server.opts.Cert.Certificate) == 0 {
		return encryptNotSupported
	}
	switch {
	case asked == encryptOn || asked == encryptRequired:
		return encryptOn
	case c.server.opts.ForceTLS:
		return encryptRequired
	case asked == encryptOff:
		return encryptOff
	}
	return encryptNotSupported
}

// login asks the backend and tells the client.
func (c *conn) login(ctx context.Context, l loginRequest) error {
	var err error
	if l.integrated {
		err = &Error{Number: 18452, Class: 14, State: 1, Message: "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication."}
	} else {
		c.sess, err = c.server.backend.Login(ctx, l.Login)
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return err
		}
		b := appendDone(appendError(nil, c.info.Name, e), tokenDone, doneError, 0, 0)
		return errors.Join(c.out.write(b), c.out.end())
	}
	if err := errors.Join(c.out.write(loginTokens(c.info, c.sess.Database(), l.packetSize)), c.out.end()); err != nil {
		return errors.Join(fmt.Errorf("answer login: %w", err), c.sess.Close())
	}
	c.out.size = l.packetSize
	return nil
}

// request is a message with the context that a cancellation ends.
type request struct {
	message
	ctx    context.Context
	cancel context.CancelFunc
}

// read hands requests to the loop. A request can be cancelled from the moment
// it has been read, and its cancellation does not wait for its turn.
func (c *conn) read(ctx context.Context, reqs chan<- request, stop <-chan struct{}) error {
	for {
		m, err := readMessage(c.rw, maxRequest)
		if err != nil {
			c.interrupt(false)
			return err
		}
		if m.kind == packAttention && c.interrupt(true) {
			continue
		}
		r := request{message: m}
		r.ctx, r.cancel = c.begin(ctx)
		select {
		case reqs <- r:
		case <-stop:
			r.cancel()
			return nil
		}
	}
}

// interrupt cancels the running request; false if none runs.
func (c *conn) interrupt(attention bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel == nil {
		return false
	}
	c.attention = c.attention || attention
	c.cancel()
	return true
}

// begin opens a request for interrupt.
func (c *conn) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	c.cancel, c.attention = cancel, false
	c.mu.Unlock()
	return ctx, cancel
}

// over closes the request and tells whether it was cancelled. What is written
// after it belongs to the answer all the same; a cancellation that comes later
// gets an answer of its own.
func (c *conn) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = nil
	return c.attention
}

func (c *conn) loop(ctx context.Context, reqs <-chan request) error {
	for r := range reqs {
		if err := c.handle(r); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

// errEnd ends a connection after an error of level 20 or above.
var errEnd = errors.New("connection ended by a severe error")

func (c *conn) handle(m request) error {
	defer m.cancel()
	var head []byte
	if m.status&(statusReset|statusResetSkip) != 0 && m.kind != packAttention {
		if err := c.reset(m.ctx, m.status&statusResetSkip != 0); err != nil {
			return err
		}
		head = appendEnvBytes(nil, envReset, nil, nil)
	}
	switch m.kind {
	case packBatch:
		st, err := parseBatch(m.data)
		return c.answer(m.ctx, head, st, err, tokenDone)
	case packRPC:
		st, err := parseRPC(m.data)
		return c.answer(m.ctx, head, st, err, tokenDoneProc)
	case packTransMgr:
		return c.transaction(m.ctx, head, m.data)
	case packAttention:
		c.over()
		b := appendDone(nil, tokenDone, doneAttn, 0, 0)
		return errors.Join(c.out.write(b), c.out.end())
	}
	return malformed("packet type %d", m.kind)
}

func (c *conn) reset(ctx context.Context, keepTransaction bool) error {
	if keepTransaction && c.tran != 0 {
		return nil
	}
	c.tran = 0
	return c.sess.Reset(ctx)
}

// transaction answers a request to the transaction manager.
func (c *conn) transaction(ctx context.Context, b []byte, data []byte) error {
	r, err := parseTran(data)
	before := binary.LittleEndian.AppendUint64(nil, c.tran)
	if err == nil && r.kind != tranBegin {
		kind, end := byte(envCommit), c.sess.Commit
		if r.kind == tranRollback {
			kind, end = envRollback, c.sess.Rollback
		}
		if err = end(ctx); err == nil {
			c.tran = 0
			b = appendEnvBytes(b, kind, nil, before)
		}
	}
	if err == nil && (r.kind == tranBegin || r.again) {
		if err = c.sess.Begin(ctx, r.level); err == nil {
			c.trans++
			c.tran = c.trans
			b = appendEnvBytes(b, envBegin, binary.LittleEndian.AppendUint64(nil, c.tran), nil)
		}
	}
	if err != nil {
		return c.fail(b, err, tokenDone)
	}
	return c.finish(b, tokenDone, 0, 0, 0)
}
