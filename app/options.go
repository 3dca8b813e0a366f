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
	Version    string // of the program, for the window system
	// Trace, if not nil, gets one JSON line (see traceLine) each time that the
	// window looks different, so that a program can click by name.
	Trace io.Writer
}

// withDefaults fills what may be left out.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
