package sample

import (
	"path/filepath"

	"omt/migration"
)

// Installation is a built sample. Its fields are what a person who migrates it
// would be told; the product finds the rest itself.
type Installation struct {
	Dir             string
	Company, Serial string // migration.DemoCompany, migration.DemoSerial
	// AdminName and AdminPassword sign in as a SuperOffice administrator.
	AdminName, AdminPassword string
	// Logins are all that the NetServer stand-in knows, the administrator first.
	Logins              []Login
	Database, Schema    string
	DBLogin, DBPassword string
	// Plans and ConfidentialSeats are what a demo ticket should offer.
	Plans             []migration.TicketPlan
	ConfidentialSeats int

	ArchivePath, ArchivePath2, TemplatePath string
	ServiceDir                              string // root of Customer Service, holds config
	ConfigDir                               string // stands for the system drive, where discovery starts

	options Options
	world   *world
	expect  *Expect
}

// Login is a user of the NetServer stand-in.
type Login struct {
	User, Password string
	FullName       string
	Administrator  bool     // admin-all or admin-users
	Rights         []string // function rights, sorted
	user           *user
}

// Passwords of the sample. They are published and open nothing else.
const (
	dbLogin    = "crm7"
	dbPassword = "Demo-Only-4711"
)

var loginPasswords = []string{"Fjordlys-Admin-1", "Fjordlys-User-2", "Fjordlys-Sales-3"}

func newInstallation(dir string, o Options, e *Expect) *Installation {
	w := newWorld(o.Seed, o.Users)
	in := &Installation{
		Dir: dir, Company: migration.DemoCompany, Serial: migration.DemoSerial,
		Database: DatabaseName, Schema: SchemaName, DBLogin: dbLogin, DBPassword: dbPassword,
		Plans: ticketPlans(w), ConfidentialSeats: e.Confidential + 5,
		ArchivePath: filepath.Join(dir, archiveFolder), ArchivePath2: filepath.Join(dir, oldFolder),
		TemplatePath: filepath.Join(dir, archiveFolder, "Template"),
		ServiceDir:   serviceDir(dir), ConfigDir: filepath.Join(dir, systemFolder),
		options: o, world: w, expect: e,
	}
	for i, password := range loginPasswords {
		u := w.employees[i]
		l := Login{User: u.name, Password: password, FullName: u.fullName(), Rights: sortedRights(u.role), user: u}
		for _, r := range l.Rights {
			l.Administrator = l.Administrator || r == "admin-all" || r == "admin-users"
		}
		in.Logins = append(in.Logins, l)
	}
	in.AdminName, in.AdminPassword = in.Logins[0].User, in.Logins[0].Password
	return in
}

// Options are those of the build, with the defaults filled in.
func (in *Installation) Options() Options { return in.options }

// Expect is what the builder knows of the content. It may not be changed.
func (in *Installation) Expect() *Expect { return in.expect }
