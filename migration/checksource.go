package migration

import (
	"context"
	"time"
)

// CheckSource tells what the checks before a migration need to know of an
// installation beyond Source. onsite implements it. Every method only reads,
// may be repeated, and answers with nothing where a version of SuperOffice
// lacks the table: what is not there cannot stand in the way.
type CheckSource interface {
	// Places returns the rows of travelcurrent: where this database stands
	// among central, satellite and travel databases. There should be one.
	Places(ctx context.Context) ([]Place, error)
	// Travellers returns who works on a travel database, by id.
	Travellers(ctx context.Context) ([]Traveller, error)
	// Satellites returns the satellites of this database, by id.
	Satellites(ctx context.Context) ([]Satellite, error)
	// AddonPreferences returns the preferences that name SentryAddonNames in
	// key or value, by id.
	AddonPreferences(ctx context.Context) ([]Preference, error)
	// Registered returns the names of the tables that SuperOffice believes to
	// have (sequence.TableName), by number; those of the dictionary itself,
	// which have negative numbers, are left out.
	Registered(ctx context.Context) ([]string, error)
	// SignedOn returns who is signed on now, by associate id.
	SignedOn(ctx context.Context) ([]SignedOn, error)
	// Folders returns all folders of archive, templates and Customer Service,
	// each with the reason why it cannot be read.
	Folders(ctx context.Context) ([]Folder, error)
	// Pathless yields the document rows for which no path can be formed, by
	// id, with their reason. It looks at no file. An error of yield ends it.
	Pathless(ctx context.Context, yield func(Item) error) error
	// Customisations returns what somebody added to the installation, by kind
	// in the order of the constants and then in the order of the database.
	// Modules and tables of the catalogue are not among them.
	Customisations(ctx context.Context) ([]Customisation, error)
}

// firstSatellite is the first id that belongs to a satellite: satellite n has
// the ids from n*0x1000000 (DOCS: table-id-sequence).
const firstSatellite = 0x1000000

// Place is a row of travelcurrent. CurrentID is 0 in a central database, the
// associate's id in a travel database, and from 0x1000000 a satellite's.
type Place struct {
	CurrentID int64
}

// Traveller is a row of traveller; User is the associate's name, empty for one
// that is not there and for the rows of a satellite.
type Traveller struct {
	ID   int64
	User string
}

// Satellite is a row of satellite with the company where it stands.
type Satellite struct {
	ID      int64
	Company string
}

// Preference is a row of userpreference; User is empty if it is not one user's.
type Preference struct {
	ID      int64
	User    string
	Section string
	Key     string
}

// SignedOn is a row of activeuser.
type SignedOn struct {
	ID       int64
	User     string
	Computer string // empty if the version does not keep it
	Since    time.Time
}

// Folder is a folder of the installation. Kind is "archive", "templates",
// "service" or "attachments"; Reason is zero if it can be read. Guessed is set
// for a path that only the database names, as the server sees it: Customer
// Service may not be in use, or the path may be another one from here.
type Folder struct {
	Path    string
	Kind    string
	Guessed bool
	Reason  Message
}

// CustomKind is a kind of customisation.
type CustomKind string

// The kinds of customisation in the order of the inventory.
const (
	CustomExtraTable   CustomKind = "extra-table"
	CustomExtraField   CustomKind = "extra-field"
	CustomScript       CustomKind = "script"
	CustomSystemScript CustomKind = "system-script"
	CustomWebhook      CustomKind = "webhook"
	CustomPlugin       CustomKind = "plugin"
	CustomView         CustomKind = "view"
	CustomProcedure    CustomKind = "procedure"
	CustomFunction     CustomKind = "function"
	CustomTrigger      CustomKind = "trigger"
	CustomTable        CustomKind = "partner-table"
)

// Customisation is one thing that may not work online. Name is as the
// installation spells it, Table the physical name of an extra table, else empty.
type Customisation struct {
	Kind  CustomKind
	Name  string
	Table string
}
