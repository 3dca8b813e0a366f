package app

import (
	"io"
	"time"
)

// Appearance chooses the colours of the window.
type Appearance string

// The appearances. The zero value is AppearanceSystem.
const (
	AppearanceSystem Appearance = ""
	AppearanceLight  Appearance = "light"
	AppearanceDark   Appearance = "dark"
	// AppearanceContrast is black and white.
	AppearanceContrast Appearance = "contrast"
	// AppearancePlain is light without shadows, for screens that are drawn
	// without a graphics card.
	AppearancePlain Appearance = "plain"
)

// Appearances lists all but the zero value.
func Appearances() []Appearance {
	return []Appearance{AppearanceLight, AppearanceDark, AppearanceContrast, AppearancePlain}
}

// Options is all that the window needs to know.
type Options struct {
	// Guide is what the pages ask; there is no window without it. The window
	// never closes it.
	Guide Guide
	// Ticket is the path of the ticket to open first; empty lets the guide look
	// beside the program.
	Ticket string
	Now    func() time.Time // nil is time.Now

	// Elevate starts the program again with the rights of an administrator and
	// with the ticket of that path; nil where that cannot be done or is so already.
	Elevate func(ticket string) error

	Appearance Appearance
	// Language is the BCP 47 tag of the language of the window. Empty is the one
	// that was chosen in the window before, else that of the computer.
	Language string
	Version  string // of the program, for the window system
	// Awake keeps the computer awake until what it returns is called; nil asks the
	// system of this computer.
	Awake func() (release func())
	// Front gets a value when the program was started once more: the window comes
	// to the front. It may be nil.
	Front <-chan struct{}
	// Crashed is the file in which the last start, which ended without closing its
	// window, left why; empty if there is none.
	Crashed string
	// HandOver says that a run can go on without a window after this one has
	// closed: Run then returns ErrHandOver.
	HandOver bool
	// Trace, if not nil, gets one JSON line (see traceLine) each time that the
	// window looks different, so that a program can click by name.
	Trace io.Writer
}

// withDefaults fills what may be left out.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Awake == nil {
		o.Awake = stayAwake
	}
	return o
}
