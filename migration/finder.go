package migration

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"
)

// Finder looks for files that may be those of missing rows. A Source that can
// search its archive implements it; FindMissing works without, and then finds
// no candidates.
type Finder interface {
	// Twins walks the archive once, in the order of the directories, and yields
	// for wanted[i] the files that may be its own: best first, at most
	// MaxCandidates a row, rows in the order of wanted. Files for which belongs
	// is true are passed over: they are those of other rows. looked is called
	// for every file. The index holds the names of wanted, never those of the
	// archive. crowded are rows whose name is that of so many others that they
	// were not searched for.
	Twins(ctx context.Context, wanted []Wanted, belongs func(path string) bool, looked func(path string), yield func(i int, c []Candidate) error) (crowded int64, err error)
}

// Bounds of a search: an archive that is lost as a whole must neither fill
// memory nor end in lists that nobody reads.
const (
	// MaxCandidates is how many candidates are shown of a row.
	MaxCandidates = 10
	// maxWanted is how many missing rows are searched for at once, some 60 MB.
	maxWanted = 200_000
)

// Wanted is a row whose file is missing, as the database of today names it.
type Wanted struct {
	ID     string // RecoveryItem.ID
	Kind   ItemKind
	Row    int64
	Target string // where the uploaded database looks for it
	// Elements is where the file should lie: associate, period and name of a
	// document, folders and name of a template.
	Elements []string
	Size     int64 // in bytes; 0 if it is not known
}

// Fit is one reason why a file may be that of a row.
type Fit string

// The reasons, the strongest first. The last four only say more of a file
// that fits for one of the first.
const (
	FitName   Fit = "name"   // the same name, elsewhere
	FitID     Fit = "id"     // the number of the row in its name, and the same extension
	FitStem   Fit = "stem"   // the same name but for the extension or a number at its end
	FitSize   Fit = "size"   // the same size and extension
	FitCase   Fit = "case"   // spelled in other capitals
	FitPeriod Fit = "period" // in another period of the same user
	FitOwner  Fit = "owner"  // in the folder of another user
	FitFolder Fit = "folder" // in the folder where it should lie
)

// Fits lists all reasons in the order in which they are shown.
func Fits() []Fit {
	return []Fit{FitName, FitID, FitStem, FitSize, FitCase, FitPeriod, FitOwner, FitFolder}
}

// Candidate is a file of the archive that may be that of a missing row. Only a
// person can tell whether it is.
type Candidate struct {
	Source   string    `json:"source"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Fits     []Fit     `json:"fits"`
}

// MissingRow is a missing row with the files that may be its own.
type MissingRow struct {
	ID         string      `json:"id"` // as Migration.Confirmed takes it
	Kind       ItemKind    `json:"kind"`
	Target     string      `json:"target"`
	Candidates []Candidate `json:"candidates"`
}

// search gathers what a look through the archive needs.
type search struct {
	seed   maphash.Seed
	known  []uint64 // paths that belong to rows, as hashes: a million are 8 MB
	wanted []Wanted
	over   int64 // rows beyond maxWanted
}

// FindMissing is Preview with candidates: files of the archive that may be those
// of rows that are still missing. Two files with one hash of their path would
// hide a candidate in some 10^12 searches.
func (m *Migration) FindMissing(ctx context.Context) (*RecoveryPreview, error) {
	s := &search{seed: maphash.MakeSeed()}
	p, err := m.preview(ctx, s)
	if err != nil {
		return nil, err
	}
	f, ok := m.Source.(Finder)
	if !ok || len(s.wanted) == 0 {
		return p, nil
	}
	slices.Sort(s.known)
	meter := m.Progress.Of(PhaseDocuments)
	meter.Begin(true)
	looked := func(path string) {
		p.Looked++
		meter.Expect(1, 0)
		meter.Leave(1)
		meter.Current(path)
	}
	crowded, err := f.Twins(ctx, s.wanted, s.belongs, looked, func(i int, c []Candidate) error {
		w := s.wanted[i]
		p.Candidates = append(p.Candidates, MissingRow{ID: w.ID, Kind: w.Kind, Target: w.Target, Candidates: c})
		return nil
	})
	if err != nil {
		meter.End(PhaseStopped)
		return nil, fmt.Errorf("search archive: %w", err)
	}
	meter.Counted()
	meter.End(PhaseDone)
	p.Unsearched = s.over + crowded
	return p, nil
}

// note takes an item of the pass: its file belongs to it, or it is searched for.
func (s *search) note(v verdict, id, target string, k Outcome, size int64, it Item) {
	if it.Source != "" && it.Outcome == "" {
		s.known = append(s.known, s.hash(it.Source))
	}
	switch {
	case v != isLeft || it.Outcome == "" || !lost(k) || len(it.Elements) < 2 || target == "":
	case it.Kind != KindDocument && it.Kind != KindTemplate:
		// Attachments are named by their number alone, and no other kind has rows.
	case len(s.wanted) == maxWanted:
		s.over++
	default:
		s.wanted = append(s.wanted, Wanted{ID: id, Kind: it.Kind, Row: it.Row, Target: target, Elements: it.Elements[1:], Size: size})
	}
}

// hash folds a path as Windows does: neither case nor dots and blanks at the
// end of a name count.
func (s *search) hash(path string) uint64 {
	names := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' })
	for i, n := range names {
		names[i] = FoldPath(strings.TrimRight(n, ". "))
	}
	return maphash.String(s.seed, strings.Join(names, "/"))
}

func (s *search) belongs(path string) bool {
	_, ok := slices.BinarySearch(s.known, s.hash(path))
	return ok
}

// ErrCandidate: a file that was named for a missing row cannot be sent for it.
var ErrCandidate = errors.New("file cannot be sent for this row")
