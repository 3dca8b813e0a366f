package app

import "omt/migration"

// weights share the overall bar among the phases, in hundredths. They are fixed
// because the true shares are known only when everything has been counted, and
// a bar that is shared anew while it runs would jump back.
var weights = map[migration.Phase]float64{
	migration.PhaseStarting:    2,
	migration.PhaseDatabase:    33,
	migration.PhaseTemplates:   3,
	migration.PhaseDocuments:   40,
	migration.PhaseService:     5,
	migration.PhaseAttachments: 14,
	migration.PhaseFinishing:   3,
}

// overall is the value of the bar over everything. It never goes back: totals
// that grow hold it still until the work has caught up.
type overall struct{ reached float64 }

func (o *overall) update(s migration.Snapshot) float64 {
	var sum float64
	for _, p := range s.Phases {
		sum += weights[p.Phase] * fraction(p) / 100
	}
	o.reached = min(max(o.reached, sum), 1)
	return o.reached
}

// fraction is how much of a phase is done, 0 to 1. While totals are still being
// counted there is no honest answer but 0. A phase that has ended is whole,
// because nothing more will come of it in this run. The database is measured by
// its rows: the size of what they become is known only at the end.
func fraction(p migration.PhaseProgress) float64 {
	switch {
	case p.State == migration.PhaseDone:
		return 1
	case p.Counting:
		return 0
	case p.Phase != migration.PhaseDatabase && p.TotalBytes > 0:
		return min(float64(p.Bytes)/float64(p.TotalBytes), 1)
	case p.TotalItems > 0:
		return min(float64(p.Items)/float64(p.TotalItems), 1)
	}
	return 0
}
