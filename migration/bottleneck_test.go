package migration_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/upload/uploadtest"
)

// TestBottleneckOfARun: whatever makes a run slow, that is what window and command
// line are told, most of the time, and nothing else for long.
func TestBottleneckOfARun(t *testing.T) {
	onMemoryDisk(t)
	for want, c := range map[string]struct {
		prepare func(s *fakeSource)
		line    uploadtest.Line
		busy    bool
	}{
		"bottleneck.disk": {prepare: func(s *fakeSource) {
			s.onOpen = func(migration.Item) error { time.Sleep(40 * time.Second); return nil }
		}},
		"bottleneck.database": {prepare: func(s *fakeSource) {
			s.onRow = func(string, int64) error { time.Sleep(4 * time.Second); return nil }
		}},
		"bottleneck.line":    {line: uploadtest.Line{RTT: 20 * time.Millisecond, Rate: 400}},
		"bottleneck.service": {busy: true},
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				n := 0
				s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Line: c.line, Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
					if !c.busy || !strings.HasPrefix(r.Path, "documents/") {
						return uploadtest.BlobFault{}
					}
					mu.Lock()
					defer mu.Unlock()
					if n++; n%4 != 0 {
						return uploadtest.BlobFault{Status: 503, Code: "ServerBusy", RetryAfter: 8 * time.Second}
					}
					return uploadtest.BlobFault{}
				}})
				src := newFakeSource(2, 40, 0)
				for i := range 60 {
					src.addDocument(int64(i+1), fmt.Sprintf("brief %d.docx", i+1), make([]byte, 400))
				}
				if c.prepare != nil {
					c.prepare(src)
				}
				w := newWorld(t, src)
				w.onServer(s)
				said := map[string]int{}
				begin := time.Now()
				err := w.everySecond(func(p *migration.Progress) {
					st := p.Snapshot().Status
					said[st.Bottleneck.ID]++
					said[strings.Replace(st.Stall.ID, "stall.", "bottleneck.", 1)]++
				})
				if err != nil {
					t.Fatal(err)
				}
				delete(said, "")
				all := 0
				for _, n := range said {
					all += n
				}
				if said[want] < 10 || said[want] < all*3/4 {
					t.Errorf("said %v", said)
				}
				t.Log(said, time.Since(begin))
			})
		})
	}
}
