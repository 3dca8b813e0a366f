package migration

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// splitID takes an id of itemID apart.
func splitID(id string) (kind, key string, ok bool) {
	kind, key, ok = strings.Cut(id, "/")
	if !ok || !slices.Contains(ItemKinds(), ItemKind(kind)) {
		return "", "", false
	}
	key, err := url.PathUnescape(key)
	return kind, key, err == nil && key != ""
}

// takeConfirmed holds the files that a person has chosen for missing rows
// against journal and archive, before anything is written. The names come from
// a file or a page and are not trusted: the source opens each through the
// folders of the archive and refuses what lies outside. On a resume those of
// the run so far stay.
func (m *Migration) takeConfirmed(ctx context.Context) error {
	if len(m.Confirmed) == 0 {
		return nil
	}
	all := maps.Clone(m.set.Confirmed)
	if all == nil {
		all = map[string]string{}
	}
	targets := map[string]string{} // target path by source
	for _, id := range slices.Sorted(maps.Keys(m.Confirmed)) {
		source := m.Confirmed[id]
		target, err := m.confirm(ctx, id, source)
		if err != nil {
			return err
		}
		if other, twice := targets[source]; twice && other != target {
			return Fail("take file", source, ErrCandidate, Msg("hint.take.twice", "Path", source, "ID", id))
		}
		targets[source], all[id] = target, source
	}
	m.set.Confirmed = all
	return nil
}

// confirm returns the target path of a missing row, after its file was opened.
func (m *Migration) confirm(ctx context.Context, id, source string) (string, error) {
	kind, key, ok := splitID(id)
	if !ok {
		return "", Fail("take file for", id, ErrCandidate, Msg("hint.take.unknown", "ID", id))
	}
	o, found, err := m.Journal.Find(ctx, kind, key)
	if err != nil {
		return "", fmt.Errorf("look up item: %w", err)
	}
	switch {
	case !found || o.Target == "":
		return "", Fail("take file for", id, ErrCandidate, Msg("hint.take.unknown", "ID", id))
	case sent(o) && m.set.Confirmed[id] == source:
		return o.Target, nil // by this run, before it was interrupted
	case !lost(Outcome(o.Outcome)):
		return "", Fail("take file for", id, ErrCandidate, Msg("hint.take.there", "ID", id))
	}
	f, err := m.Source.Open(ctx, Item{Kind: ItemKind(kind), Key: key, Row: o.Row, Source: source})
	if err != nil {
		return "", Fail("take file", source, fmt.Errorf("%w: %w", ErrCandidate, err), Msg("hint.take.open", "ID", id, "Path", source))
	}
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("close %s: %w", source, err)
	}
	return o.Target, nil
}

// confirmed gives a row that is still missing the file that a person has chosen
// for it. A file that has come back to its own place counts more: SuperOffice
// shows that one.
func (l *lostFiles) confirmed(v verdict, known Outcome, it Item) (verdict, Item) {
	id := itemID(string(it.Kind), it.Key)
	source, ok := l.sources[id]
	if !ok {
		return v, it
	}
	if v == isFound {
		l.warn(Msg("warn.recovery.place", "ID", id, "Path", it.Source, "Other", source))
	}
	if v != isLeft || it.Outcome == "" || !lost(known) {
		return v, it
	}
	it.Outcome, it.Source = "", source
	it.Reason = Msg("warning.document.confirmed", "ID", id, "Path", source)
	return isFound, it
}
