package ticket

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"omt/migration"
)

// shape compares a parsed value with the Go type that will hold it: every
// field must be there once, in its exact spelling and of the right kind, and no
// other. The field list is that of migration.Ticket itself, so that a new field
// cannot be forgotten here. at is the path of v for messages.
func shape(v value, t reflect.Type, at string) error {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return kind[string](v, at, "a date as text")
	case t.Kind() == reflect.Struct:
		return shapeObject(v, t, at)
	case t.Kind() == reflect.Slice:
		list, ok := v.([]value)
		if !ok {
			return malformed(at, "must be a list")
		}
		for i, e := range list {
			if err := shape(e, t.Elem(), fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case t.Kind() == reflect.Int:
		return kind[int64](v, at, "a whole number")
	case t.Kind() == reflect.Bool:
		return kind[bool](v, at, "true or false")
	}
	return kind[string](v, at, "a text")
}

func kind[T any](v value, at, want string) error {
	if _, ok := v.(T); !ok {
		return malformed(at, "must be "+want)
	}
	return nil
}

func shapeObject(v value, t reflect.Type, at string) error {
	o, ok := v.(object)
	if !ok {
		return malformed(at, "must be an object")
	}
	known := map[string]bool{}
	for i := range t.NumField() {
		name, opts, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		known[name] = true
		field, there := o.get(name)
		if !there {
			if opts == "omitempty" {
				continue
			}
			return malformed(join(at, name), "is missing")
		}
		if err := shape(field, t.Field(i).Type, join(at, name)); err != nil {
			return err
		}
	}
	for _, m := range o {
		if !known[m.name] {
			return migration.Fail("read ticket", "", fmt.Errorf("unknown field %q", join(at, m.name)),
				migration.Msg("hint.ticket.unknown-field", "Field", join(at, m.name)))
		}
	}
	return nil
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func malformed(field, what string) error {
	if field == "" {
		field = "ticket"
	}
	return migration.Fail("read ticket", "", fmt.Errorf("field %s %s", field, what),
		migration.Msg("hint.ticket.field", "Field", field))
}
