package tds

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
)

// answer executes a statement and writes what comes of it. last is DONE for a
// batch and DONEPROC for a procedure.
func (c *conn) answer(ctx context.Context, b []byte, st Statement, err error, last byte) error {
	if err != nil {
		return c.fail(b, err, last)
	}
	before := c.sess.Database()
	res, err := c.sess.Execute(ctx, st)
	if err != nil {
		return c.failed(ctx, b, err, last)
	}
	if res.Database != "" {
		b = changedDatabase(b, c.info.Name, res.Database, before)
	}
	if res.Columns == nil {
		if w := res.Changed; w.Command != 0 {
			if last != tokenDoneProc {
				return c.finish(b, last, doneCount, w.Command, w.Rows)
			}
			b = appendDone(b, tokenDoneInProc, doneMore|doneCount, w.Command, w.Rows)
		}
		if last == tokenDoneProc {
			b = appendReturn(b)
		}
		return c.finish(b, last, 0, 0, 0)
	}
	rows, b, err := c.stream(ctx, b, res)
	if closeErr := res.Rows.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return c.failed(ctx, b, err, last)
	}
	if last == tokenDoneProc {
		b = appendDone(b, tokenDoneInProc, doneMore|doneCount, commandSelect, rows)
		return c.finish(appendReturn(b), last, 0, 0, 0)
	}
	return c.finish(b, last, doneCount, commandSelect, rows)
}

func appendReturn(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(b, tokenReturnStatus), 0)
}

// stream writes the metadata and the rows, each as soon as it is there. It
// returns the number of rows and what has not been written yet.
func (c *conn) stream(ctx context.Context, b []byte, res Result) (uint64, []byte, error) {
	b, err := appendColumns(b, res.Columns)
	if err != nil {
		return 0, nil, internal(err)
	}
	cells := make([]cell, len(res.Columns))
	for i, col := range res.Columns {
		if cells[i], err = newCell(col); err != nil {
			return 0, nil, internal(err)
		}
	}
	row := make([]any, len(cells))
	for n := uint64(0); ; n++ {
		err := ctx.Err()
		if err == nil {
			err = res.Rows.Next(ctx, row)
		}
		if err == io.EOF {
			return n, b, nil
		}
		if err != nil {
			return n, b, err
		}
		full, err := appendRow(b, cells, res.Columns, row)
		if err != nil {
			return n, b, internal(err)
		}
		if err := c.out.write(full); err != nil {
			return n, nil, err
		}
		if cap(full) > maxKeptRow {
			full = nil
		}
		b = full[:0]
	}
}

// maxKeptRow is the largest row buffer that is used again for the next row.
const maxKeptRow = 1 << 20

// appendRow appends one row: as NBCROW if that is shorter, [MS-TDS] 2.2.7.13.
// On an error b is returned as it was, so that no half row is sent.
func appendRow(b []byte, cells []cell, cols []Column, row []any) ([]byte, error) {
	at, nulls := len(b), 0
	for _, v := range row {
		if v == nil {
			nulls++
		}
	}
	bitmap := (len(row) + 7) / 8
	compressed := nulls > bitmap
	if compressed {
		b = append(append(b, tokenNBCRow), make([]byte, bitmap)...)
		for i, v := range row {
			if v == nil {
				b[at+1+i/8] |= 1 << (i % 8)
			}
		}
	} else {
		b = append(b, tokenRow)
	}
	for i, v := range row {
		var err error
		switch {
		case v != nil:
			b, err = cells[i].encode(b, v)
		case cells[i].null == nil:
			err = errors.New("null in a column that holds none")
		case !compressed:
			b = append(b, cells[i].null...)
		}
		if err != nil {
			return b[:at], &columnError{cols[i].Name, err}
		}
	}
	return b, nil
}

// columnError says which column a value did not fit.
type columnError struct {
	column string
	err    error
}

func (e *columnError) Error() string { return "write column " + e.column + ": " + e.err.Error() }
func (e *columnError) Unwrap() error { return e.err }

// internal makes an error of SQL Server from one of the stand-in's own, so that
// a defect of a sample is seen by the client and not just as a lost connection.
func internal(err error) *Error {
	return &Error{Number: 50000, Class: 16, State: 1, Message: err.Error()}
}

// failed ends an answer after an error: a cancelled request is confirmed, an
// error of SQL Server is told, anything else ends the connection.
func (c *conn) failed(ctx context.Context, b []byte, err error, last byte) error {
	var e *Error
	if !errors.As(err, &e) && ctx.Err() != nil {
		return c.finish(b, tokenDone, doneError, 0, 0)
	}
	return c.fail(b, err, last)
}

func (c *conn) fail(b []byte, err error, last byte) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	b = appendError(b, c.info.Name, e)
	if e.Aborts && c.tran != 0 {
		before := binary.LittleEndian.AppendUint64(nil, c.tran)
		if err := c.sess.Rollback(context.Background()); err != nil {
			return err
		}
		c.tran = 0
		b = appendEnvBytes(b, envRollback, nil, before)
	}
	if err := c.finish(b, last, doneError, 0, 0); err != nil {
		return err
	}
	if e.Class >= 20 {
		return errEnd
	}
	return nil
}

// finish writes the last token, with the confirmation of a cancellation if
// there was one.
func (c *conn) finish(b []byte, token byte, status, command uint16, rows uint64) error {
	if c.over() {
		status |= doneAttn
		status &^= doneError
		token = tokenDone
	}
	if c.tran != 0 {
		status |= doneInTran
	}
	b = appendDone(b, token, status, command, rows)
	return errors.Join(c.out.write(b), c.out.end())
}
