package migration

// Message is a text that people will read, not yet in words: an id of the
// catalogue in assets with its arguments. Layers below the window return
// messages; window, report and command line turn them into the user's language.
type Message struct {
	ID   string         `json:"id"`
	Args map[string]any `json:"args,omitempty"`
}

// Msg makes a message from an id and pairs of argument name and value.
// An odd number of values is a programming error and panics.
func Msg(id string, pairs ...any) Message {
	if len(pairs)%2 != 0 {
		panic("migration.Msg: odd number of arguments for " + id)
	}
	m := Message{ID: id}
	for i := 0; i < len(pairs); i += 2 {
		if m.Args == nil {
			m.Args = map[string]any{}
		}
		m.Args[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// IsZero tells whether there is nothing to say.
func (m Message) IsZero() bool { return m.ID == "" }
