package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// frozen says that users of this installation were stopped by an earlier start
// and offers to let them in again; nil if nobody was.
func (v *welcomeView) frozen() fyne.CanvasObject {
	what := v.h.flow().start.Frozen.What()
	if len(what) == 0 {
		return nil
	}
	words := make([]string, 0, len(what))
	for _, m := range append(what[1:], migration.Msg("welcome.frozen.go")) {
		words = append(words, say(m))
	}
	thaw := newPressable(v.h, say(migration.Msg("button.thaw")), func() { v.thaw(Access{}) })
	return offering(notice(v.h, "warning", say(what[0]), words, ""), buttons(thaw))
}

// thaw connects to the installation, if that was not done yet, and undoes what
// was changed there. access is what the person accepted for it.
func (v *welcomeView) thaw(access Access) {
	g, f := v.h.guide(), v.h.flow()
	location, known := f.location, f.identity
	v.h.work(migration.Msg("doing.thaw"), func(ctx context.Context) (func(), error) {
		if known == (migration.Identity{}) {
			id, err := g.Connect(ctx, location, access)
			if err != nil {
				return nil, err
			}
			known = id
		}
		notes, err := g.Thaw(ctx)
		if err != nil && !errors.Is(err, migration.ErrNotFrozen) {
			return func() { f.identity = known }, err
		}
		return func() {
			f.identity, f.start.Frozen = known, migration.FrozenState{}
			v.draw()
			v.h.notify(noticeInfo, append([]migration.Message{migration.Msg("welcome.thawed")}, notes...)...)
		}, nil
	}, func(err error) bool {
		return askAccess(v.h.window(), err, &access, nil, func() { v.thaw(access) })
	})
}
