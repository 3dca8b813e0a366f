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

// TestRunGivesWayToABusyService: a service that answers a part of the requests
// with 503 is sent fewer files at once, although each of them arrives with a
// repetition that the run does not see; when it has recovered, more again.
func TestRunGivesWayToABusyService(t *testing.T) {
	onMemoryDisk(t)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var begin time.Time // of the first document
		second := func() int { return int(time.Since(begin).Seconds()) }
		n := 0
		s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Line: uploadtest.Line{RTT: 500 * time.Millisecond}, Fault: func(r uploadtest.BlobRequest) uploadtest.BlobFault {
			mu.Lock()
			defer mu.Unlock()
			if !strings.HasPrefix(r.Path, "documents/") {
				return uploadtest.BlobFault{}
			}
			if n++; n == 1 {
				begin = time.Now()
			}
			if at := second(); at >= 10 && at < 30 && n%10 == 0 {
				return uploadtest.BlobFault{Status: 503, Code: "ServerBusy"}
			}
			return uploadtest.BlobFault{}
		}})
		src := newFakeSource(0, 0, 0)
		for i := range 2200 {
			src.addDocument(int64(i+1), fmt.Sprintf("brief %d.docx", i+1), []byte("small"))
		}
		w := newWorld(t, src)
		w.onServer(s)
		senders := map[int]int{}
		err := w.everySecond(func(p *migration.Progress) {
			mu.Lock()
			if begin.IsZero() {
				mu.Unlock()
				return
			}
			senders[second()] = p.Control().Status().Senders
			mu.Unlock()
		})
		if err != nil {
			t.Fatal(err)
		}
		if senders[9] < 32 || senders[29] > senders[9]/2 || senders[29] < 4 {
			t.Errorf("%d senders before, %d at the end of the busy time: %v", senders[9], senders[29], senders)
		}
		// What was refused at the end is still being repeated for some seconds.
		if senders[43] <= senders[35] {
			t.Errorf("from %d to %d senders after it: %v", senders[35], senders[43], senders)
		}
	})
}
