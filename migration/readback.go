package migration

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// ErrDamagedPackage: the target holds other bytes than were sent to it.
var ErrDamagedPackage = errors.New("package at the target is not what was sent")

// readBack reads the package as the target holds it, compares every block with
// the MD5 of what was sent, and returns the SHA-256 of the whole. A target
// that answered too early, a disk that lost pages in a power cut, would
// otherwise be certified with the hash of the damage.
func (d *database) readBack(ctx context.Context, note commitNote) (string, error) {
	r, err := d.m.Target.Open(ctx, note.Info.Path, 0, -1)
	if err != nil {
		return "", fmt.Errorf("read package %s back: %w", note.Info.Path, err)
	}
	defer r.Close()
	whole := sha256.New()
	buf := make([]byte, copyBuffer)
	var at int64
	for _, b := range note.Blocks {
		// Between two blocks may lie bytes of a part that was sent again.
		if b.Offset > at {
			n, err := copyContext(ctx, whole, io.LimitReader(r, b.Offset-at), buf)
			if err != nil {
				return "", fmt.Errorf("read package %s back: %w", note.Info.Path, err)
			}
			at += n
		}
		sum := md5.New()
		n, err := copyContext(ctx, io.MultiWriter(whole, sum), io.LimitReader(r, b.Size), buf)
		if err != nil {
			return "", fmt.Errorf("read package %s back: %w", note.Info.Path, err)
		}
		at += n
		if n != b.Size || !bytes.Equal(b.MD5, sum.Sum(nil)) {
			return "", Fail("verify package", note.Info.Path, ErrDamagedPackage, Msg("hint.package.damaged", "Offset", at-n))
		}
	}
	rest, err := copyContext(ctx, whole, r, buf)
	if err != nil {
		return "", fmt.Errorf("read package %s back: %w", note.Info.Path, err)
	}
	if at+rest != note.Info.Size {
		return "", Fail("verify package", note.Info.Path, ErrDamagedPackage, Msg("hint.package.damaged", "Offset", at+rest))
	}
	return hex.EncodeToString(whole.Sum(nil)), nil
}

// copyBuffer is large enough that a read from a share costs one round trip for
// most documents.
const copyBuffer = 256 << 10

// copyContext copies until the end or until the context ends.
func copyContext(ctx context.Context, w io.Writer, r io.Reader, buf []byte) (n int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, err := r.Read(buf)
		if k > 0 {
			if _, err := w.Write(buf[:k]); err != nil {
				return n, err
			}
			n += int64(k)
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
