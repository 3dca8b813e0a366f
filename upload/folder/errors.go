package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"omt/migration"
)

// fail gives a system error the sentinel and the hint that belong to it. Errors
// of the body, those that have a hint already, and those of a cancelled context
// only get a name.
func (t *Target) fail(op, item string, err error) error {
	var done *migration.Error
	var source *sourceError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &source), errors.As(err, &done), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s %s: %w", op, item, err)
	case errors.Is(err, migration.ErrNotFound):
		return migration.Fail(op, item, err, migration.Msg("hint.folder.no-object", "Path", item))
	case isFull(err):
		return migration.Fail(op, item, fmt.Errorf("%w: %w", migration.ErrNoSpace, err), migration.Msg("hint.folder.full", "Folder", t.dir))
	case isTooBig(err):
		return migration.Fail(op, item, err, migration.Msg("hint.folder.too-big", "Folder", t.dir))
	case isNameTooLong(err):
		return migration.Fail(op, item, err, migration.Msg("hint.folder.name-too-long", "Folder", t.dir))
	case isNotDir(err), errors.Is(err, syscall.EISDIR), errors.Is(err, fs.ErrExist):
		return migration.Fail(op, item, fmt.Errorf("%w: %w", migration.ErrInTheWay, err), migration.Msg("hint.folder.in-the-way", "Folder", t.dir, "Path", item))
	case errors.Is(err, fs.ErrPermission), isReadOnly(err):
		return migration.Fail(op, item, fmt.Errorf("%w: %w", migration.ErrForbidden, err), migration.Msg("hint.folder.forbidden", "Folder", t.dir))
	case errors.Is(err, fs.ErrNotExist):
		return migration.Fail(op, item, fmt.Errorf("%w: %w", migration.ErrNotFound, err), migration.Msg("hint.folder.gone", "Folder", t.dir))
	}
	return migration.Fail(op, item, err, migration.Msg("hint.folder.failed", "Folder", t.dir))
}
