package sample

import (
	"fmt"
	"path"
	"strings"
	"time"

	"omt/migration"
)

// docCase is what is special about a document row.
type docCase string

// The cases. Those up to caseOther have a file (caseOther none, and none is
// expected); the rest are missing for the documented reasons.
const (
	casePlain       docCase = "plain"
	caseShared      docCase = "shared-path"       // same path as the row before it
	caseClash       docCase = "case-clash"        // path of the row before it in other letters, other bytes
	caseNeighbour   docCase = "neighbour-period"  // file lies in the period before or after
	caseRegistrar   docCase = "under-registrar"   // file lies with who registered it, not with the appointment's associate
	caseVersions    docCase = "versions"          // older versions beside it
	caseCheckedOut  docCase = "checked-out"       // a working copy beside it
	caseOdd         docCase = "odd-name"          // a name that has broken tools before
	caseBig         docCase = "big"               // 9 to 12 MiB
	caseOther       docCase = "other-provider"    // archiveProvider is not 0
	caseNoName      docCase = "blank-name"        // document.name is blank
	caseNoAppoint   docCase = "no-appointment"    // appointment row does not exist
	caseNoAssociate docCase = "unknown-associate" // appointment.associate_id points nowhere
	caseNotOnDisk   docCase = "not-on-disk"       // lost
)

// outcome is where a migration of everything must end for this row.
func (c docCase) outcome() migration.Outcome {
	switch c {
	case caseOther:
		return migration.OtherProvider
	case caseNoName, caseNoAppoint, caseNoAssociate:
		return migration.WithoutPath
	case caseNotOnDisk:
		return migration.Missing
	default:
		return migration.Uploaded
	}
}

// document is everything about one document row; it follows from seed and index
// alone, so that rows and files are made independently and none is kept.
type document struct {
	index      int
	id         int64
	kind       docCase
	name       string
	header     string
	registered time.Time
	owner      *user // associate of the appointment, whose folder it is
	registrar  *user
	size       int
	old        bool // lies in the second archive path
	content    int  // index of the document whose bytes it has
}

// unknownAssociate is an id that no associate has, as after deleting one by hand.
const unknownAssociate = 99901

func (o Options) document(w *world, i int) document {
	kind := o.docKind(i)
	if kind == caseShared || kind == caseClash {
		d := o.document(w, i-1)
		d.index, d.id, d.kind = i, docID(i), kind
		if kind == caseClash {
			d.name, d.content = strings.ToUpper(d.name), i
		}
		return d
	}
	r := newRand(o.Seed, "document", int64(i))
	d := document{index: i, id: docID(i), kind: kind, content: i}
	d.owner = w.employees[r.IntN(len(w.employees))]
	d.registrar = d.owner
	if r.IntN(10) == 0 || kind == caseRegistrar {
		d.registrar = w.employees[(r.IntN(len(w.employees)-1)+1+int(d.owner.id))%len(w.employees)]
	}
	if kind == caseRegistrar && d.registrar == d.owner {
		d.registrar = w.active[0]
		d.owner = w.active[1]
	}
	span := lastDay.Sub(firstDay)
	from := firstDay.Add(span / time.Duration(o.Documents) * time.Duration(i)).Truncate(time.Second)
	d.registered = dateIn(r, from, from.Add(36*time.Hour))
	d.old = d.registered.Year() < 2012 && r.IntN(2) == 0
	ending := pick(r, documentEndings)
	word := pick(r, documentWords)
	d.header = fmt.Sprintf("%s %s – %s", word, pick(r, companyWords), pick(r, phrases))
	d.name = fmt.Sprintf("%s %d%s", word, d.id, ending)
	d.size = 2048 + r.IntN(10*1024)
	switch n := r.IntN(10); {
	case n == 0:
		d.size = 40*1024 + r.IntN(40*1024)
	case n < 4:
		d.size = 12*1024 + r.IntN(28*1024)
	}
	d.apply()
	return d
}

// apply changes the document to what its case asks for.
func (d *document) apply() {
	switch d.kind {
	case caseBig:
		d.size = 9<<20 + d.index%3<<20 + 12345
		d.name = fmt.Sprintf("Brosjyre %d.pdf", d.id)
	case caseOdd:
		d.name = fmt.Sprintf(oddNames[d.index/docCycle%len(oddNames)], d.id)
	case caseNoName:
		d.name = strings.Repeat(" ", d.index%2) // SQL Server holds '' and ' ' equal
	case caseNeighbour:
		y := d.registered.Year()
		d.registered = [...]time.Time{
			time.Date(y, 7, 31, 23, 40, 0, 0, time.UTC), time.Date(y, 8, 1, 0, 20, 0, 0, time.UTC),
			time.Date(y, 12, 31, 23, 50, 0, 0, time.UTC), time.Date(y, 1, 1, 0, 10, 0, 0, time.UTC),
		}[d.index/docCycle%4]
	case caseVersions, caseCheckedOut:
		d.name = fmt.Sprintf("Kontrakt %d.docx", d.id)
	}
}

// docCycle is how often each special case returns.
const docCycle = 100

// docKind spreads the missing ones evenly and puts the special ones at fixed
// places of every hundred.
func (o Options) docKind(i int) docCase {
	if kind, ok := o.missingKind(i); ok {
		return kind
	}
	switch i % docCycle {
	case 3, 13:
		if _, gone := o.missingKind(i - 1); !gone {
			return map[int]docCase{3: caseShared, 13: caseClash}[i%docCycle]
		}
	case 23:
		return caseNeighbour
	case 33:
		return caseRegistrar
	case 43, 53:
		return caseOther
	case 63, 64:
		return caseVersions
	case 73:
		return caseCheckedOut
	case 80, 85, 90, 95:
		return caseOdd
	case 99:
		if o.Documents >= 500 && (i/docCycle == 1 || i/docCycle == 3) {
			return caseBig
		}
	}
	return casePlain
}

// missingKind tells whether the i-th document is missing, and why: of every ten,
// one is blank, one has no appointment, one no associate, the rest is lost.
func (o Options) missingKind(i int) (docCase, bool) {
	if o.Missing <= 0 || i < 0 {
		return "", false
	}
	m := i * o.Missing / o.Documents
	if at := (2*m + 1) * o.Documents / (2 * o.Missing); at != i {
		return "", false
	}
	switch m % 10 {
	case 0:
		return caseNoName, true
	case 1:
		return caseNoAppoint, true
	case 2:
		return caseNoAssociate, true
	default:
		return caseNotOnDisk, true
	}
}

// docID leaves gaps, as after deleted documents.
func docID(i int) int64 { return int64(i + 1 + i/40*2) }

// period is the archive's half-year: January to July, August to December.
func period(t time.Time) string {
	if t.Month() <= time.July {
		return fmt.Sprintf("%04d.1", t.Year())
	}
	return fmt.Sprintf("%04d.2", t.Year())
}

// folder is where the file really lies below an archive path, with slashes.
func (d *document) folder() string {
	owner, at := d.owner, d.registered
	if d.kind == caseRegistrar {
		owner = d.registrar
	}
	if d.kind == caseNeighbour {
		// late in the evening it was already tomorrow, early in the morning still yesterday
		if at.Hour() == 23 {
			at = at.Add(time.Hour)
		} else {
			at = at.Add(-time.Hour)
		}
	}
	return path.Join(owner.name, period(at))
}

// hasFile tells whether the row's file is on disk.
func (d *document) hasFile() bool { return d.kind.outcome() == migration.Uploaded }
