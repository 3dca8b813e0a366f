package azure

import (
	"context"
	"crypto/md5"
	"fmt"
)

// Trial stages a block of the probe, which nobody commits: it costs the way what
// a file costs and leaves nothing that could be listed. Ids are as long as that of
// Probe, because one object cannot have ids of two lengths.
func (t *Target) Trial(ctx context.Context, lane int, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.lost.Load() {
		return t.lostError()
	}
	err := t.stageBlock(ctx, probeName, encodeID(fmt.Sprintf("try%02d", lane)), data, md5.Sum(data))
	return t.fail(ctx, "measure", t.addr.shown, err)
}

// EndTrial writes the probe whole, by which the service drops its blocks, and
// removes it where that is permitted. A service that cannot be reached forgets
// them after a week.
func (t *Target) EndTrial(ctx context.Context) error {
	if err := t.probeWrite(t.sized(ctx, 0)); err != nil {
		return t.fail(ctx, "end measurement of", t.addr.shown, err)
	}
	_, err := t.allowed(ctx, "delete from", t.probeDelete)
	return err
}
