package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// previewList shows what a recovery of missing files would send: files that are
// there now, and below them changed ones to be ticked.
type previewList struct {
	h       host
	object  *fyne.Container
	words   *paragraph
	found   *fileList
	changed *fileList
	maybe   *candidateList
	all     *tick
	newer   *paragraph
	again   *pressable
	preview *migration.RecoveryPreview
	ticked  []string
	tick    func(ticked []string)
}

func newPreviewList(h host, tick func([]string), choose func(map[string]string), again func()) *previewList {
	p := &previewList{h: h, words: wrapped(""), newer: wrapped(""), tick: tick}
	p.newer.Importance = widget.LowImportance
	p.again = newPressable(h, say(migration.Msg("upload.preview.again")), again)
	p.found = newFileList(h, nil)
	p.changed = newFileList(h, p.toggle)
	p.maybe = newCandidateList(h, choose)
	p.all = newTick(h, say(migration.Msg("upload.preview.all")), p.toggleAll)
	p.changed.beside(p.all)
	top := container.NewBorder(nil, nil, nil, container.NewVBox(p.again), flush(p.words))
	lists := container.New(evenly{}, p.found.object, p.maybe.list.object, p.changed.object)
	p.object = container.NewStack(margined(margin, framed(top, flush(p.newer), nil, nil, lists)))
	return p
}

// show draws a preview, nil while it is not known, with what was ticked and
// which files were chosen for missing rows.
func (p *previewList) show(r *migration.RecoveryPreview, ticked []string, chosen map[string]string) {
	p.maybe.show(r, chosen)
	p.preview, p.ticked = r, slices.Clone(ticked)
	reveal(p.found.object, r != nil && len(r.Found) > 0)
	reveal(p.changed.object, r != nil && len(r.Changed) > 0)
	p.newer.Hidden = r == nil || r.Newer+r.Unsearched == 0
	enable(p.again, r != nil)
	if r == nil {
		setText(p.words, say(migration.Msg("upload.preview.looking")))
		return
	}
	n := figures()
	words := migration.Msg("upload.preview.words", "Found", n.Number(r.FoundTotal), "Missing", n.Number(r.Missing),
		"Bytes", n.Bytes(r.FoundBytes), "When", moment(p.h, r.Ended))
	if r.FoundTotal == 0 {
		words = migration.Msg("upload.preview.still", "Missing", n.Number(r.Missing), "When", moment(p.h, r.Ended))
	}
	setText(p.words, say(words))
	var below []string
	if r.Newer > 0 {
		below = append(below, say(migration.Msg("upload.preview.newer", "Count", n.Number(r.Newer))))
	}
	if r.Unsearched > 0 {
		below = append(below, say(migration.Msg("missing.unsearched", "Count", n.Number(r.Unsearched))))
	}
	setText(p.newer, strings.Join(below, " "))
	p.found.show(say(migration.Msg("upload.preview.found", "Count", n.Number(r.FoundTotal))), r.Found, r.FoundTotal, nil)
	p.drawChanged()
}

func (p *previewList) drawChanged() {
	n := figures()
	title := migration.Msg("upload.preview.changed", "Count", n.Number(p.preview.ChangedTotal), "Ticked", n.Number(int64(len(p.ticked))))
	p.changed.show(say(title), p.preview.Changed, p.preview.ChangedTotal, p.ticked)
	on := p.all.OnChanged
	p.all.OnChanged = nil
	p.all.SetChecked(len(p.ticked) > 0 && len(p.ticked) == len(p.preview.Changed))
	p.all.OnChanged = on
}

func (p *previewList) toggle(id string, on bool) {
	at := slices.Index(p.ticked, id)
	switch {
	case on && at < 0:
		p.ticked = append(p.ticked, id)
	case !on && at >= 0:
		p.ticked = slices.Delete(p.ticked, at, at+1)
	}
	p.told()
}

func (p *previewList) toggleAll(on bool) {
	p.ticked = nil
	if on {
		for _, it := range p.preview.Changed {
			p.ticked = append(p.ticked, it.ID)
		}
	}
	p.told()
}

func (p *previewList) told() {
	p.drawChanged()
	p.tick(slices.Clone(p.ticked))
}

// fileList is a titled list of files, with checkboxes if they can be chosen.
type fileList struct {
	object fyne.CanvasObject
	head   *fyne.Container
	title  *paragraph
	more   *widget.Label
	list   *list
	items  []migration.RecoveryItem
	ticked map[string]bool
	toggle func(id string, on bool) // nil: they are not chosen one by one
	// words say the second line of a file; nil says size and dates.
	words func(migration.RecoveryItem) migration.Message
}

func newFileList(h host, toggle func(string, bool)) *fileList {
	l := &fileList{title: wrapped(""), more: muted(""), toggle: toggle}
	l.title.TextStyle.Bold = true
	l.head = container.NewStack(l.title)
	l.list = newList(h, func() int { return len(l.items) },
		func() fyne.CanvasObject { return newFileRow(h, toggle != nil) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			it := l.items[i]
			o.(*fileRow).show(it, l.ticked[it.ID], toggle, l.words)
		})
	// The space bar of the focused list does what a click on the checkbox does.
	l.list.OnSelected = func(i widget.ListItemID) {
		l.list.UnselectAll()
		if toggle != nil && i < len(l.items) {
			toggle(l.items[i].ID, !l.ticked[l.items[i].ID])
		}
	}
	l.object = newBox(theme.ColorNameHeaderBackground, 4, 0, framed(l.head, l.more, nil, nil, l.list))
	return l
}

// beside puts a control at the end of the line of the title.
func (l *fileList) beside(o fyne.CanvasObject) {
	l.head.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, nil, o, l.title)}
}

func (l *fileList) show(title string, items []migration.RecoveryItem, total int64, ticked []string) {
	setText(l.title, title)
	l.more.Hidden = int64(len(items)) >= total
	if n := figures(); !l.more.Hidden {
		setText(l.more, say(migration.Msg("check.more", "Shown", n.Number(int64(len(items))), "Total", n.Number(total))))
	}
	l.items, l.ticked = items, map[string]bool{}
	for _, id := range ticked {
		l.ticked[id] = true
	}
	l.list.Refresh()
}

// fileRow is one file: path, size, date of today, and of what was sent.
type fileRow struct {
	widget.BaseWidget
	h     host
	check *tick // nil if files are not chosen one by one
	path  *widget.Label
	words *widget.Label
}

func newFileRow(h host, checks bool) *fileRow {
	r := &fileRow{h: h, path: line(""), words: line("")}
	r.words.SizeName = theme.SizeNameCaptionText
	r.words.Importance = widget.LowImportance
	if checks {
		r.check = newTick(h, "", nil)
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *fileRow) show(it migration.RecoveryItem, ticked bool, toggle func(string, bool), other func(migration.RecoveryItem) migration.Message) {
	n := figures()
	path := it.Source
	if path == "" {
		path = it.Target
	}
	setText(r.path, clean(path))
	words := migration.Msg("upload.preview.file", "Kind", say(migration.Msg("kind."+string(it.Kind))), "Bytes", n.Bytes(it.Size), "When", moment(r.h, it.Modified))
	if r.check != nil {
		words = migration.Msg("upload.preview.file.resized", "Bytes", n.Bytes(it.Size), "When", moment(r.h, it.Modified), "SentBytes", n.Bytes(it.SentSize))
	}
	if r.check != nil && !it.Sent.IsZero() {
		words = migration.Msg("upload.preview.file.changed", "Bytes", n.Bytes(it.Size), "When", moment(r.h, it.Modified), "SentBytes", n.Bytes(it.SentSize), "Sent", moment(r.h, it.Sent))
	}
	if other != nil {
		words = other(it)
	}
	if r.check != nil {
		r.check.OnChanged = nil
		r.check.SetChecked(ticked)
		r.check.OnChanged = func(on bool) { toggle(it.ID, on) }
	}
	setText(r.words, say(words))
}

// CreateRenderer puts the checkbox before the two lines of text.
func (r *fileRow) CreateRenderer() fyne.WidgetRenderer {
	text := container.New(snug{}, r.path, r.words)
	if r.check == nil {
		return widget.NewSimpleRenderer(text)
	}
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, container.NewCenter(r.check), nil, text))
}

// AccessibilityLabel says the row as a sentence.
func (r *fileRow) AccessibilityLabel() string { return r.path.Text + ": " + r.words.Text }

// AccessibilityRole says that it is to be read.
func (r *fileRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// evenly shares the height among the visible objects, with a gap between them.
type evenly struct{}

const halfGap = 8

func (evenly) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size = fyne.NewSize(max(size.Width, m.Width), size.Height+max(m.Height, 100)+halfGap)
		}
	}
	return size
}

func (evenly) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	n := 0
	for _, o := range objects {
		if o.Visible() {
			n++
		}
	}
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := (size.Height - halfGap*float32(n-1)) / float32(n)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + halfGap
	}
}
