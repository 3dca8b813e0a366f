package onsite

import (
	"context"
	"fmt"
	"math"

	"omt/migration"
)

// Items yields every item of one kind in an order that is the same in every
// run. Only a batch of rows and a bounded number of folder listings are held.
func (in *Installation) Items(ctx context.Context, kind migration.ItemKind, yield func(migration.Item) error) error {
	fd := in.files.finder()
	in.forget()
	switch kind {
	case migration.KindTemplate:
		return in.templates(ctx, fd, yield)
	case migration.KindDocument:
		return in.documents(ctx, fd, beforeAll, yield)
	case migration.KindVersion:
		return in.versions(ctx, fd, yield)
	case migration.KindPersonal:
		return in.personal(ctx, fd, yield)
	case migration.KindService:
		return in.service(ctx, yield)
	case migration.KindAttachment:
		return in.attachments(ctx, fd, yield)
	}
	return fmt.Errorf("list items of kind %q: %w", kind, migration.ErrNotFound)
}

// Tail yields the documents whose ids come after one. Ids above 2^31 do not exist.
func (in *Installation) Tail(ctx context.Context, after int64, yield func(migration.Item) error) error {
	fd := in.files.finder()
	in.forget()
	return in.documents(ctx, fd, min(after, math.MaxInt32), yield)
}

var (
	_ migration.TailSource    = (*Installation)(nil)
	_ migration.Source        = (*Installation)(nil)
	_ migration.Authenticator = (*NetServer)(nil)
)
