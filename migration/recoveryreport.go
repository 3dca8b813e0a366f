package migration

import (
	"fmt"
	"sort"
	"time"

	"omt/migration/journal"
)

// maxListed bounds the lists of a preview and of a report.
const maxListed = 1000

// ReportRecovery is what a recovery did, in the report.
type ReportRecovery struct {
	Choice RecoveryChoice `json:"choice"`
	Base   string         `json:"base"` // the uploaded run that it went on from
	// Newer are rows and files that came after the migration and were not sent;
	// Changed files that differ from what was sent and were not sent again, at
	// most 1000 of ChangedTotal. All three are for missing files only.
	Newer        int64           `json:"newer"`
	Changed      []ReportChanged `json:"changed"`
	ChangedTotal int64           `json:"changedTotal"`
}

// ReportChanged is a file whose bytes differ from those that were sent.
type ReportChanged struct {
	Kind     string     `json:"kind"`
	Key      string     `json:"key"`
	Target   string     `json:"target"`
	SentSize int64      `json:"sentSize"`
	Sent     *time.Time `json:"sent,omitempty"` // last change of the file that was sent
	Size     int64      `json:"size"`
	Modified time.Time  `json:"modified"` // last change of the file today
}

// tell takes what was noted into the report.
func (l *lostFiles) tell(r *Report) {
	sort.Slice(l.changed, func(i, j int) bool {
		a, b := l.changed[i], l.changed[j]
		return a.Kind < b.Kind || a.Kind == b.Kind && a.Key < b.Key
	})
	r.Recovery.Newer, r.Recovery.ChangedTotal = l.newer, l.total
	r.Recovery.Changed = append(r.Recovery.Changed, l.changed...)
	sort.Slice(l.warnings, func(i, j int) bool { return fmt.Sprint(l.warnings[i].Args) < fmt.Sprint(l.warnings[j].Args) })
	r.Warnings = append(r.Warnings, l.warnings...)
}

func (l *lostFiles) note(now, was journal.Object) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total++; len(l.changed) == maxListed {
		return
	}
	c := ReportChanged{Kind: now.Kind, Key: now.Key, Target: was.Target, SentSize: was.Size, Size: now.Size, Modified: now.ModTime.UTC()}
	if !was.ModTime.IsZero() {
		at := was.ModTime.UTC()
		c.Sent = &at
	}
	l.changed = append(l.changed, c)
}

func (l *lostFiles) warn(m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.warnings) < maxWarnings {
		l.warnings = append(l.warnings, m)
	}
}
