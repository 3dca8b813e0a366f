package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"omt/assets"
	"omt/migration"
)

// place is a page of the window. The step bar shows Welcome, Login, Confirm,
// Checklist, Upload and Complete, or in a recovery Welcome, Recovery, Login,
// Upload and Complete; the lists of the checklist belong to its step.
type place string

const (
	placeWelcome       place = "welcome"
	placeRecovery      place = "recovery"
	placeLogin         place = "login"
	placeConfirm       place = "confirm"
	placeChecklist     place = "checklist"
	placeChecks        place = "checks"
	placePlans         place = "plans"
	placeNames         place = "names"
	placeNotifications place = "notifications"
	placeMailboxes     place = "mailboxes"
	placeUpload        place = "upload"
	placeComplete      place = "complete"
)

// view is one page. The frame calls its methods on fyne's goroutine; none of
// them may wait, read or compute for long: that is what host.work is for.
type view interface {
	// heading is the title of the page and one sentence that says what it is for.
	heading() (title, lead migration.Message)
	// build makes the content, once. The frame puts no scroll around it: a page
	// whose content may be longer than 886x693 leaves brings its own.
	build() fyne.CanvasObject
	// entered is called each time the page comes to the front, left each time it
	// goes. Draw from host.flow() in entered.
	entered()
	left()
	// next and back are the buttons of the footer, asked for again after
	// entered and after each host.changed.
	next() action
	back() action
}

// cornered is a page with something at the right of its title.
type cornered interface{ corner() fyne.CanvasObject }

// cornerOf is what a page has there; nil if nothing.
func cornerOf(v view) fyne.CanvasObject {
	if c, ok := v.(cornered); ok {
		return c.corner()
	}
	return nil
}

// typed is a page with fields whose content is nowhere else until the person goes
// on. What it returns puts that into the fields of the page built anew.
type typed interface{ typed() (again func()) }

// action is a button of the footer. A closed one says why beside it.
type action struct {
	label  migration.Message // zero: there is no such button
	run    func()
	closed migration.Message // why it does nothing now; zero: it is open
	way    func()            // leads to where that can be mended; may be nil
	danger bool              // it stops or replaces something
}

// host is what a page may ask of the window. All methods are called on fyne's
// goroutine.
type host interface {
	guide() Guide
	flow() *flow
	window() fyne.Window
	// work runs job on a goroutine of the window with a context that ends with
	// the window or when the person cancels. While it runs the footer says what
	// (doing) and offers to cancel; a second call waits for the first to end. apply,
	// if job returned one, then runs on fyne's goroutine; an error is shown as a
	// notice on the page, with its hint, and given to failed if that is not nil:
	// a true return means that the page has shown it itself.
	work(doing migration.Message, job func(context.Context) (apply func(), err error), failed func(error) bool)
	// quietly is work that nobody has to wait for: the buttons stay open, and the
	// footer says what goes on and offers to stop it.
	quietly(doing migration.Message, job func(context.Context) (apply func(), err error), failed func(error) bool)
	// changed draws heading and footer again.
	changed()
	// visit shows a page; it remembers nothing: back buttons name their page.
	visit(place)
	// notify shows messages above the content until the page is left; the same
	// messages again take the place of the card that has them.
	notify(kind noticeKind, m ...migration.Message)
	// keep stores the draft in the background; a failure is shown.
	keep()
	// quit closes the window, after asking if something runs.
	quit()
	// speak changes the language of the window at once and remembers it. A false
	// return means that it stays, because something is under way.
	speak(*assets.Catalog) bool
	// key does what Enter, Esc and F1 mean in the frame, for widgets that have
	// the focus, and tells whether the key meant something.
	key(*fyne.KeyEvent) bool
	// ui runs f on fyne's goroutine; it alone may be called on any goroutine, for
	// what a job finds before it ends.
	ui(f func())
	// now is the clock of the window.
	now() time.Time
}

// noticeKind is the sign and colour of a notice.
type noticeKind string

const (
	noticeInfo    noticeKind = "info"
	noticeWarning noticeKind = "warning"
	noticeError   noticeKind = "error"
	// noticeEnded is how the last attempt ended. It goes when the next one begins,
	// as errors do: a page that runs must not say that it has stopped.
	noticeEnded noticeKind = "ended"
)

// flow is what the pages of one window share: what was found and chosen so far.
// It is read and written on fyne's goroutine only.
type flow struct {
	start    Start
	location migration.Location
	kept     Kept      // what the keyring keeps for the place keptFor
	keptFor  keptPlace // what kept was asked for
	identity migration.Identity
	person   Person
	target   Target
	mode     migration.Mode
	draft    *migration.Draft
	checks   *migration.CheckReport // nil until they were carried out
	checking checkRun               // while they are carried out
	accepted bool                   // warnings were acknowledged
	recovery migration.RecoveryChoice
	preview  *migration.RecoveryPreview
	ticked   []string // changed items that are sent as well
	// chosen are files for rows that are missing still, by the row's id.
	chosen map[string]string
	// Consents for the database of a live migration, and of a resume.
	snapshot, keepParts bool
	result              *migration.Result
}
