package app

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"golang.org/x/text/language"
	languages "golang.org/x/text/language/display"

	"omt/migration"
)

// languageName is the name of a language in that language, as its speakers look
// for it; a tag that nobody knows is shown as it is.
func languageName(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return clean(tag)
	}
	if name := languages.Self.Name(t); name != "" {
		return name
	}
	return clean(tag)
}

func (v *confirmView) isFolder() bool {
	t := v.h.flow().start.Ticket
	return t != nil && t.Target.Kind == "folder"
}

// targetOpen tells whether the guide has opened the target that the page shows.
func (v *confirmView) targetOpen() bool {
	return v.isOpen && (!v.isFolder() || v.opened == strings.TrimSpace(v.folder.Text))
}

// drawTarget says where the data will go, before anything is sent.
func (v *confirmView) drawTarget() {
	f := v.h.flow()
	var items []fyne.CanvasObject
	if v.isFolder() {
		items = append(items, wrapped(say(migration.Msg("confirm.target.folder"))), folderField(v.h, v.folder, v.openFolder))
	} else {
		items = append(items, wrapped(say(migration.Msg("confirm.target.cloud"))), pairs(migration.Msg("fact.target"), targetName(f)))
	}
	if v.targetOpen() {
		items = append(items, rightsLine(f.target))
	}
	v.target.Objects = []fyne.CanvasObject{group(migration.Msg("confirm.target"), items...)}
	v.target.Refresh()
}

// rightsLine says that the target was reached and what may be done there.
func rightsLine(t Target) fyne.CanvasObject {
	m := migration.Msg("confirm.target.open", "Target", t.Name)
	if !t.Rights.Read || !t.Rights.List {
		m = migration.Msg("confirm.target.writeonly", "Target", t.Name)
	} else if t.Rights.Free >= 0 {
		m = migration.Msg("confirm.target.free", "Target", t.Name, "Free", figures().Bytes(t.Rights.Free))
	}
	return newState(t.Rights.Write, m, migration.Msg("confirm.target.readonly", "Target", t.Name))
}

// folderField is a path to type with a button to look for it.
func folderField(h host, f *field, chosen ...func()) fyne.CanvasObject {
	browse := newPressable(h, say(migration.Msg("button.browse")), func() {
		browseFolder(h.window(), func(path string) {
			f.SetText(path)
			for _, c := range chosen {
				c()
			}
		})
	})
	return container.NewBorder(nil, nil, nil, browse, f)
}

func (v *confirmView) browse() {
	browseFolder(v.h.window(), func(path string) { v.folder.SetText(path); v.openFolder() })
}

// openFolder opens a folder as soon as it was chosen, so that the page can say
// how much room it has.
func (v *confirmView) openFolder() {
	folder := strings.TrimSpace(v.folder.Text)
	openTarget(v.h, folder, func() {
		v.isOpen, v.opened = true, folder
		v.draw()
		v.h.changed()
	})
}

// recall opens the folder of the last start, so that the page shows what was
// chosen then. It sends nothing.
func (v *confirmView) recall() {
	g, f := v.h.guide(), v.h.flow()
	folder, mode := f.start.Folder, f.mode
	v.h.work(migration.Msg("doing.target"), func(ctx context.Context) (func(), error) {
		t, err := g.OpenTarget(ctx, folder)
		if err != nil {
			return nil, err
		}
		if elsewhere(f, t) {
			return func() { v.arrived(t, folder); leadOn(v.h) }, nil
		}
		d, notes, err := g.Draft(ctx, mode)
		if err != nil {
			return func() { v.arrived(t, folder) }, err
		}
		return func() {
			v.arrived(t, folder)
			f.draft, v.notes = d, notes
			if d.Plan.Language != "" {
				v.language.SetSelected(languageName(d.Plan.Language))
			}
			v.entered()
			v.h.changed()
		}, nil
	}, nil)
}

// arrived remembers the target that was opened.
func (v *confirmView) arrived(t Target, folder string) {
	f := v.h.flow()
	f.target, f.start.Earlier = t, t.Earlier
	v.isOpen, v.opened = true, folder
	v.draw()
}

// openTarget opens the target and then goes on. What the target knows of
// earlier runs replaces what this computer knew.
func openTarget(h host, folder string, then func()) {
	g, f := h.guide(), h.flow()
	if f.start.Ticket.Target.Kind != "folder" {
		folder = ""
	}
	h.work(migration.Msg("doing.target"), func(ctx context.Context) (func(), error) {
		t, err := g.OpenTarget(ctx, strings.TrimSpace(folder))
		if err != nil {
			return nil, err
		}
		return func() {
			lead := elsewhere(f, t)
			f.target, f.start.Earlier = t, t.Earlier
			if lead {
				leadOn(h)
				return
			}
			then()
			tellTarget(h)
		}, nil
	}, nil)
}

// elsewhere tells whether the target knows an earlier run that this computer did
// not: then the way leads to it and not on.
func elsewhere(f *flow, t Target) bool {
	return f.recovery == migration.RecoverNone && t.Earlier.Begin != migration.BeginInitial && t.Earlier.Begin != f.start.Earlier.Begin
}

// tellTarget says what had to be done to open the target: a damaged journal was
// put aside. It is said on the page that follows, because a notice ends with its
// page.
func tellTarget(h host) {
	if notes := h.flow().target.Notes; len(notes) > 0 {
		h.notify(noticeWarning, notes...)
	}
}

// leadOn goes to where the earlier run stands and says why.
func leadOn(h host) {
	f := h.flow()
	defer tellTarget(h)
	f.mode = f.target.Earlier.Mode
	if f.target.Earlier.Begin == migration.BeginResume {
		h.visit(placeUpload)
		h.notify(noticeInfo, migration.Msg("confirm.earlier.resume", "Host", f.target.Earlier.Host))
		return
	}
	h.visit(placeRecovery)
	h.notify(noticeInfo, migration.Msg("confirm.earlier.recovery", "Host", f.target.Earlier.Host))
}
