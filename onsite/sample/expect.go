package sample

import "omt/migration"

// Expect is what the builder knows of the installation that it made. Tests
// compare the product with it. All counts are exact.
type Expect struct {
	Rows  map[string]int64 `json:"rows"`  // by schema.table
	Total int64            `json:"total"` // of all rows

	// Associates by "type0", "type1", ... and "retired".
	Associates map[string]int `json:"associates"`
	// Plans counts users by the name of their on-site user plan.
	Plans        map[string]int `json:"plans"`
	Confidential int            `json:"confidential"` // users with the Confidential Activities licence

	// Findings are the rows that each check must find, by its id: the values
	// from the database, without the words of the product.
	Findings map[string][][]string `json:"findings"`

	// Mailboxes are the addresses of Customer Service, each once.
	Mailboxes []string `json:"mailboxes"`

	Documents map[migration.Outcome]int64 `json:"documents"` // rows by outcome of a complete migration
	Cases     map[string]int64            `json:"cases"`     // document rows by what is special about them
	CaseIDs   map[string][]int64          `json:"caseIds"`   // up to a hundred document ids of each case but plain

	// Files on disk. DocumentFiles counts files, not rows: rows may share one.
	DocumentFiles Files `json:"documentFiles"`
	SecondArchive int64 `json:"secondArchive"` // of these, how many lie in ArchivePath2
	Versions      Files `json:"versions"`      // older versions, <basename>-NNN
	CheckedOut    Files `json:"checkedOut"`    // working copies in the same folders
	Personal      Files `json:"personal"`      // mail.htm and *.sxf in user folders

	TemplateRows    int64 `json:"templateRows"`    // rows of doctmpl
	TemplatesLost   int64 `json:"templatesLost"`   // of these, without a file on disk
	TemplatesPlugin int64 `json:"templatesPlugin"` // of these, from another document plug-in
	Templates       Files `json:"templates"`       // files below Template, prototypes in Travel left out
	// TemplatesWithoutRow of Templates have no doctmpl row.
	TemplatesWithoutRow int64 `json:"templatesWithoutRow"`

	// Twins are files of missing documents that lie elsewhere, at most a hundred.
	Twins []Twin `json:"twins,omitempty"`

	// Strays lie in user folders without a row. Other are SuperOffice's own
	// files in the archive that are neither documents nor templates: Data,
	// Scripts and Template/Travel.
	Strays migration.Strays `json:"strays"`
	Other  Files            `json:"other"`

	// Service counts the files of Customer Service by top folder; "" is its
	// root, where config lies. Attachments are counted apart.
	Service            map[string]Files `json:"service"`
	Attachments        Files            `json:"attachments"` // files on disk
	AttachmentRows     int64            `json:"attachmentRows"`
	AttachmentsMissing int64            `json:"attachmentsMissing"` // rows without a file
}

// Files is a number of files and their size.
type Files struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

func (f *Files) add(size int) {
	f.Files++
	f.Bytes += int64(size)
}

func newExpect() *Expect {
	return &Expect{
		Associates: map[string]int{}, Plans: map[string]int{}, Documents: map[migration.Outcome]int64{},
		Cases: map[string]int64{}, CaseIDs: map[string][]int64{}, Service: map[string]Files{}, Findings: map[string][][]string{},
	}
}

// maxCaseIDs bounds the lists: they must not grow with the installation.
const maxCaseIDs = 100

// count notes one document row.
func (e *Expect) count(d *document) {
	kind := string(d.kind)
	e.Documents[d.kind.outcome()]++
	e.Cases[kind]++
	if d.kind != casePlain && len(e.CaseIDs[kind]) < maxCaseIDs {
		e.CaseIDs[kind] = append(e.CaseIDs[kind], d.id)
	}
}
