package onsite

import (
	"fmt"
	"strings"

	"omt/migration"
)

// where writes the condition of a range. Only the server compares: the
// condition says the order of the clustered index column by column, with NULL
// before every value, or behind it where the column is descending.
type where struct {
	key  []keyColumn
	args []any
	err  error
}

func newWhere(key []keyColumn) *where { return &where{key: key} }

// arg adds a parameter and returns its mark.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("@p%d", len(w.args))
}

// text is the condition for the rows behind from and up to to; nil is open.
func (w *where) text(from, to migration.Key) string {
	var parts []string
	if from != nil {
		parts = append(parts, w.behind(w.marks(from)))
	}
	if to != nil {
		parts = append(parts, w.upTo(w.marks(to)))
	}
	if parts == nil {
		return ""
	}
	return " WHERE " + strings.Join(parts, " AND ")
}

// marks are the parameters of a key, empty for NULL.
func (w *where) marks(k migration.Key) []string {
	out := make([]string, len(w.key))
	if len(k) != len(w.key) {
		w.err = errKey
		return out
	}
	for i, s := range k {
		if s == nil {
			continue
		}
		v, err := keyArg(w.key[i], *s)
		if err != nil {
			w.err = errKey
		}
		out[i] = w.key[i].exactly(w.arg(v))
	}
	return out
}

// behind: the first column that differs stands behind that of the key. The
// first column is named once more alone, so that the server can begin there.
func (w *where) behind(marks []string) string {
	var choices []string
	for i := range w.key {
		if c := w.later(i, marks[i]); c != "" {
			choices = append(choices, w.alike(marks[:i], c))
		}
	}
	if len(choices) == 0 {
		k := quote(w.key[0].Name) // nothing stands behind the last of all
		return "(" + k + " IS NULL AND " + k + " IS NOT NULL)"
	}
	text := "(" + strings.Join(choices, " OR ") + ")"
	first := w.key[0]
	switch {
	case len(choices) == 1 || marks[0] == "":
		return text
	case first.desc && first.Nullable:
		return fmt.Sprintf("(%s <= %s OR %s IS NULL) AND %s", quote(first.Name), marks[0], quote(first.Name), text)
	case first.desc:
		return fmt.Sprintf("%s <= %s AND %s", quote(first.Name), marks[0], text)
	}
	return fmt.Sprintf("%s >= %s AND %s", quote(first.Name), marks[0], text)
}

// upTo: the first column that differs stands before that of the key, or none
// differs.
func (w *where) upTo(marks []string) string {
	var choices []string
	for i := range w.key {
		if c := w.earlier(i, marks[i]); c != "" {
			choices = append(choices, w.alike(marks[:i], c))
		}
	}
	choices = append(choices, w.alike(marks, ""))
	text := "(" + strings.Join(choices, " OR ") + ")"
	first := w.key[0]
	switch {
	case len(w.key) == 1 || marks[0] == "":
		return text
	case !first.desc && first.Nullable:
		return fmt.Sprintf("(%s <= %s OR %s IS NULL) AND %s", quote(first.Name), marks[0], quote(first.Name), text)
	case !first.desc:
		return fmt.Sprintf("%s <= %s AND %s", quote(first.Name), marks[0], text)
	}
	return fmt.Sprintf("%s >= %s AND %s", quote(first.Name), marks[0], text)
}

// alike is a condition on a column for rows whose columns before it are those
// of the key.
func (w *where) alike(marks []string, then string) string {
	var parts []string
	for i, m := range marks {
		if m == "" {
			parts = append(parts, quote(w.key[i].Name)+" IS NULL")
		} else {
			parts = append(parts, quote(w.key[i].Name)+" = "+m)
		}
	}
	if then != "" {
		parts = append(parts, then)
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// later is the condition that a column stands behind the key's; empty if
// nothing does.
func (w *where) later(i int, mark string) string {
	c, k := w.key[i], quote(w.key[i].Name)
	switch {
	case mark == "" && c.desc:
		return ""
	case mark == "":
		return k + " IS NOT NULL"
	case c.desc && c.Nullable:
		return "(" + k + " < " + mark + " OR " + k + " IS NULL)"
	case c.desc:
		return k + " < " + mark
	}
	return k + " > " + mark
}

// earlier is the condition that a column stands before the key's; empty if
// nothing does.
func (w *where) earlier(i int, mark string) string {
	c, k := w.key[i], quote(w.key[i].Name)
	switch {
	case mark == "" && !c.desc:
		return ""
	case mark == "":
		return k + " IS NOT NULL"
	case !c.desc && c.Nullable:
		return "(" + k + " < " + mark + " OR " + k + " IS NULL)"
	case !c.desc:
		return k + " < " + mark
	}
	return k + " > " + mark
}
