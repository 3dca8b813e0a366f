package journal

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// BenchmarkAuditLog measures how far the log grows while a journal of a million
// documents is read beside the work, with acknowledgements as fast as the journal
// takes them: of documents that are new ("next") and of documents all over the
// journal ("anywhere", the worst case: nearly every one is a page of its own).
func BenchmarkAuditLog(b *testing.B) {
	const n = 1_000_000
	dir := b.TempDir()
	j := openTest(b, dir, Options{})
	for i := range n {
		j.Ack(sent(i), nil)
	}
	must(b, j.Flush(context.Background()))
	must(b, j.Close())
	size := fileSize(b, j.Path())
	for name, next := range map[string]func(i int) int{
		"next":     func(i int) int { return n + i },
		"anywhere": func(int) int { return rand.IntN(n) },
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				j, err := Open(context.Background(), copyDir(b, dir), testKey, Options{})
				must(b, err)
				began, acks, most := time.Now(), 0, int64(0)
				for ; !ended(j); acks++ {
					j.Ack(sent(next(acks)), nil)
					if acks%1000 == 0 {
						most = max(most, fileSize(b, j.Path()+"-wal"))
					}
				}
				took := time.Since(began)
				most = max(most, fileSize(b, j.Path()+"-wal"))
				must(b, j.Whole(context.Background()))
				for i := range 2000 { // the log can be emptied again
					j.Ack(sent(next(i)), nil)
				}
				must(b, j.Flush(context.Background()))
				b.ReportMetric(float64(size)/1e6, "journal-MB")
				b.ReportMetric(took.Seconds(), "audit-s")
				b.ReportMetric(float64(acks)/took.Seconds(), "acks/s")
				b.ReportMetric(float64(j.Stats().Commits)/took.Seconds(), "commits/s")
				b.ReportMetric(float64(most)/1e6, "log-MB")
				b.ReportMetric(float64(fileSize(b, j.Path()+"-wal"))/1e6, "log-after-MB")
				must(b, j.Close())
			}
		})
	}
}

// ended tells whether all records were read. The structure may still wait for a
// moment at which nobody writes.
func ended(j *Journal) bool {
	select {
	case <-j.audit.done:
		return true
	default:
	}
	j.audit.mu.Lock()
	defer j.audit.mu.Unlock()
	return j.audit.table == len(large)
}

func fileSize(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}
