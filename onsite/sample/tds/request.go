package tds

import (
	"encoding/binary"
	"strings"
)

// cursor reads a message; after the first failure it yields zeros and keeps
// the error.
type cursor struct {
	data []byte
	err  error
}

// take returns n bytes of the message itself, without copying: a length that
// a client lies about takes no memory.
func (c *cursor) take(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > len(c.data) {
		c.err = malformed("%d bytes announced, %d left", n, len(c.data))
		return nil
	}
	out := c.data[:n]
	c.data = c.data[n:]
	return out
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) uint64() uint64 {
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// bvar reads text with a length byte.
func (c *cursor) bvar() string { return decodeUTF16(c.take(2 * int(c.byte()))) }

// skipHeaders passes over ALL_HEADERS, [MS-TDS] 2.2.5.3.
func (c *cursor) skipHeaders() {
	n := c.uint32()
	if c.err == nil && (n < 4 || uint64(n-4) > uint64(len(c.data))) {
		c.err = malformed("headers of %d bytes", n)
	}
	c.take(int(n) - 4)
}

func parseBatch(data []byte) (Statement, error) {
	c := &cursor{data: data}
	c.skipHeaders()
	if c.err != nil {
		return Statement{}, c.err
	}
	if len(c.data)%2 != 0 {
		return Statement{}, malformed("batch of odd length")
	}
	return Statement{SQL: decodeUTF16(c.data)}, nil
}

// procedure id of sp_executesql, [MS-TDS] 2.2.6.6.
const (
	procExecuteSQL = 10
	procByID       = 0xffff
)

// parseRPC reads a call of sp_executesql. Any other procedure is an *Error.
func parseRPC(data []byte) (Statement, error) {
	var st Statement
	c := &cursor{data: data}
	c.skipHeaders()
	known := false
	if n := c.uint16(); n == procByID {
		known = c.uint16() == procExecuteSQL
	} else {
		name := decodeUTF16(c.take(2 * int(n)))
		known = isExecuteSQL(name)
		if c.err == nil && !known {
			return st, noProcedure(name)
		}
	}
	if c.err == nil && !known {
		return st, noProcedure("")
	}
	c.uint16() // option flags: nothing to recompile, no metadata to leave out
	var args []Param
	for c.err == nil && len(c.data) > 0 {
		args = append(args, c.param())
	}
	if c.err != nil {
		return st, c.err
	}
	for i, dst := range []*string{&st.SQL, &st.Declarations} {
		if i >= len(args) {
			break
		}
		s, ok := args[i].Value.(string)
		if !ok {
			return st, &Error{Number: 214, Class: 16, State: 2, Message: "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'."}
		}
		*dst = s
	}
	if len(args) > 2 {
		st.Params = args[2:]
	}
	return st, nil
}

func isExecuteSQL(name string) bool {
	l := strings.ToLower(name)
	return l == "sp_executesql" || l == "sys.sp_executesql"
}

func noProcedure(name string) *Error {
	return &Error{Number: 2812, Class: 16, State: 62, Message: "Could not find stored procedure '" + name + "'."}
}

// Requests to the transaction manager, [MS-TDS] 2.2.6.9.
const (
	tranBegin    = 5
	tranCommit   = 7
	tranRollback = 8
	tranAndBegin = 1 // flag: begin another one
)

type tranRequest struct {
	kind  uint16
	level Isolation
	again bool // begin another transaction after this one
}

func parseTran(data []byte) (tranRequest, error) {
	c := &cursor{data: data}
	c.skipHeaders()
	r := tranRequest{kind: c.uint16()}
	switch r.kind {
	case tranBegin:
		r.level = Isolation(c.byte())
		c.take(int(c.byte()))
	case tranCommit, tranRollback:
		c.take(int(c.byte()))
		if c.byte()&tranAndBegin != 0 {
			r.again = true
			r.level = Isolation(c.byte())
			c.take(int(c.byte()))
		}
	default:
		if c.err == nil {
			return r, &Error{Number: 8500, Class: 16, State: 1, Message: "Distributed transactions are not available."}
		}
	}
	if c.err == nil && r.level > Snapshot {
		c.err = malformed("isolation level %d", r.level)
	}
	return r, c.err
}
