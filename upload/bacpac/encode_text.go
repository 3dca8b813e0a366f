package bacpac

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"omt/migration"
)

// maxCell is the largest value of the max types in bytes.
const maxCell = 1<<31 - 1

// long appends the length prefix of a value of variable size.
func (c *column) long(s *sink, size int64) error {
	if limit := int64(c.length); limit > 0 && size > limit {
		return fmt.Errorf("%d bytes in a column of %d", size, limit)
	}
	if size > maxCell {
		return fmt.Errorf("%d bytes are more than a cell can have", size)
	}
	switch c.prefix {
	case 2:
		s.buf = binary.LittleEndian.AppendUint16(s.buf, uint16(size))
	case 4:
		s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(size))
	default:
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(size))
	}
	return nil
}

// putText writes UTF-16LE for every text type, char and varchar included:
// that is what DacFx does, unlike bcp -n.
func putText(s *sink, c *column, v any) error {
	t, ok := v.(string)
	if !ok {
		return c.stream(s, v)
	}
	size, ok := migration.UTF16Length(t)
	if !ok {
		return errors.New("text is not valid UTF-8")
	}
	if err := c.long(s, size); err != nil {
		return err
	}
	return s.putUTF16(t)
}

// putUTF16 appends a text. Nearly all of it is ASCII, of which eight characters
// are spread at once.
func (s *sink) putUTF16(t string) error {
	for i := 0; i < len(t); {
		if len(s.buf) >= scratchSize {
			if err := s.flush(); err != nil {
				return err
			}
		}
		if t[i] >= utf8.RuneSelf {
			var n int
			s.buf, n = migration.AppendUTF16(s.buf, t[i:])
			i += n
			continue
		}
		run := t[i:min(len(t), i+scratchSize/2)]
		n := 0
		for ; n+8 <= len(run); n += 8 {
			x := migration.Eight(run[n:])
			if x&migration.NotASCII != 0 {
				break
			}
			s.buf = binary.LittleEndian.AppendUint64(s.buf, spread(uint32(x)))
			s.buf = binary.LittleEndian.AppendUint64(s.buf, spread(uint32(x>>32)))
		}
		for ; n < len(run) && run[n] < utf8.RuneSelf; n++ {
			s.buf = append(s.buf, run[n], 0)
		}
		i += n
	}
	return nil
}

// spread makes four characters of ASCII four of UTF-16.
func spread(four uint32) uint64 {
	x := uint64(four)
	x = (x | x<<16) & 0x0000_ffff_0000_ffff
	return (x | x<<8) & 0x00ff_00ff_00ff_00ff
}

// stream writes a cell that is too large to be held, as it arrives.
func (c *column) stream(s *sink, v any) error {
	l, ok := v.(*migration.Large)
	if !ok || c.length != -1 {
		return wrongType(v)
	}
	if err := c.long(s, l.Size); err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	n := int64(0)
	err := l.Read(func(piece []byte) error {
		n += int64(len(piece))
		return s.write(piece)
	})
	if err == nil && n != l.Size {
		err = fmt.Errorf("%d bytes of a value of %d", n, l.Size)
	}
	return err
}

func putBytes(s *sink, c *column, v any) error {
	b, ok := v.([]byte)
	if !ok {
		return c.stream(s, v)
	}
	if err := c.long(s, int64(len(b))); err != nil {
		return err
	}
	// A large cell goes to the compressor as it is: copied into the scratch
	// buffer it would make every pooled buffer as large as the largest cell.
	if len(b) >= scratchSize {
		if err := s.flush(); err != nil {
			return err
		}
		return s.write(b)
	}
	s.buf = append(s.buf, b...)
	return nil
}
