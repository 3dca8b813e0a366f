package journal

import "time"

// Key names one journal. All four fields take part exactly as they are spelled.
type Key struct{ Environment, Tenant, Company, Serial string }

// Options tunes a journal; the zero value is what production uses.
type Options struct {
	GroupSize  int           // acknowledgements in one commit at most; 0 means 100
	GroupDelay time.Duration // longest wait of the first one in a group; 0 means 200 ms
	Now        func() time.Time
	Host       string // who holds the lock; empty means this computer's name
	PID        int    // 0 means this process
	// AuditFrom: a journal with at least so many records of objects is checked
	// beside the work, see Whole, a smaller one by Open; 0 means 20,000.
	AuditFrom int
	// FailPoint is called at the Point names. An error makes the commit fail
	// there. Tests crash or fail the process in it; nil in production.
	FailPoint func(name string) error
	// BeforeAudit is called before the check beside the work begins. Tests have it
	// wait; nil in production.
	BeforeAudit func()

	audit auditOptions
}

// The moments at which Options.FailPoint is called. After an error at one of
// the Before points nothing of the commit is in the file; at the After points
// all of it is. At PointGroupBegin nothing of the group was handed to SQLite,
// at PointGroupBefore all of it was and it is not committed.
const (
	PointCreateBefore  = "create.before"
	PointCreateAfter   = "create.after"
	PointUpgradeBefore = "upgrade.before"
	PointUpgradeAfter  = "upgrade.after"
	PointGroupBegin    = "group.begin"
	PointGroupBefore   = "group.before"
	PointGroupAfter    = "group.after"
)

// Run is one start of the program that worked on this migration.
type Run struct {
	ID, Mode, State, Reason, TicketID, Host, Tool, Target string
	Started, Ended                                        time.Time // Ended is zero while it runs
	Settings                                              []byte    // JSON without secrets
}

// Range is one slice of a table's clustered key; its key is Run, Table, Seq.
// Lo is exclusive and Hi inclusive; nil means open.
type Range struct {
	Run, Table string
	Seq        int
	Lo, Hi     *int64
	Rows       int64
	Done       bool
}

// Member is a data member of the package that has arrived; its key is Run, Name.
type Member struct {
	Run, Name, Table          string
	Part, Range               int
	Rows                      int64
	CRC32                     uint32
	RawSize, PackedSize, Size int64
	Method                    uint16
	SHA256                    [32]byte
	MD5                       [16]byte // of the whole block, as it lies at the target
	BlockID                   string
	Offset                    int64 // -1 where the target has no offsets
	At                        time.Time
	// Digest is that of the rows as they were read; zero if it is not known.
	Digest [32]byte
}

// Object is one row or file of the installation and what became of it; its key
// is Kind, Key. Row orders objects of a kind and should stay the same.
type Object struct {
	Kind, Key                     string
	Row                           int64
	Target, Folded, Source, Owner string
	Size                          int64
	ModTime                       time.Time
	SHA256                        [32]byte
	MD5                           [16]byte
	Outcome                       string // empty: planned, nothing known yet
	Reason                        []byte // JSON message
	Run                           string
	Attempts                      int
	SharedKind, SharedKey         string // object that holds the bytes, if another one does
	At                            time.Time
}

// Known is what Plan found: the row as it stands and the first object that
// claimed its Folded path, which is the object itself if it was the first.
// Without a Folded path both claim fields are empty.
type Known struct {
	Object
	ClaimKind, ClaimKey string
}

// Total counts objects. Bytes leaves out objects whose bytes another one holds.
type Total struct{ Count, Bytes int64 }

// OwnerTotal counts the objects of one owner, kind and outcome; the caller
// picks the kinds and outcomes that it calls sent.
type OwnerTotal struct {
	Owner, Kind, Outcome string
	Total
}

// Stats counts the work of the writer since Open.
type Stats struct {
	Commits int64 // group commits, those of PutRun, Plan and the like included
	Acked   int64 // acknowledgements committed
	Largest int   // most acknowledgements in one commit
}
