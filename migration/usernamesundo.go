package migration

import "strings"

// nameStep is one change of the sheet, of one row or of many.
type nameStep struct {
	what Message
	rows []nameChange
}

type nameChange struct {
	row         int
	before, now string
}

// Apply changes names by associate id as one step that can be undone; what is
// what the step is called. It tells how many names are others than before;
// unknown ids are passed over.
func (s *NameSheet) Apply(what Message, names map[int64]string) int {
	s.EndEdit()
	step := nameStep{what: what}
	for i := range s.rows {
		name, ok := names[s.rows[i].User.AssociateID]
		if name = strings.TrimSpace(name); ok && name != s.rows[i].Name {
			step.rows = append(step.rows, nameChange{row: i, before: s.rows[i].Name, now: name})
		}
	}
	if len(step.rows) == 0 {
		return 0
	}
	s.carryOut(step)
	return len(step.rows)
}

// Edit changes the name of one row while somebody types. All edits of the row
// until EndEdit, or until something else is changed, are one step.
func (s *NameSheet) Edit(row int, name string) {
	name = strings.TrimSpace(name)
	if last := len(s.undo) - 1; s.open && s.undo[last].rows[0].row == row {
		s.undo[last].rows[0].now = name
		s.put(row, name)
		return
	}
	s.EndEdit()
	if name == s.rows[row].Name {
		return
	}
	s.carryOut(nameStep{
		what: Msg("names.step.edit", "Initials", s.rows[row].Initials),
		rows: []nameChange{{row: row, before: s.rows[row].Name, now: name}},
	})
	s.open = true
}

// EndEdit closes the step of Edit. One that came back to where it began is
// forgotten.
func (s *NameSheet) EndEdit() {
	if !s.open {
		return
	}
	s.open = false
	last := len(s.undo) - 1
	if c := s.undo[last].rows[0]; c.before == c.now {
		s.undo = s.undo[:last]
	}
}

// CancelEdit ends Edit and gives the row back the name that it had before.
func (s *NameSheet) CancelEdit() {
	if !s.open {
		return
	}
	s.open = false
	last := len(s.undo) - 1
	c := s.undo[last].rows[0]
	s.undo = s.undo[:last]
	s.put(c.row, c.before)
}

// Undo takes the last step back and says which one; ok is false if there is none.
func (s *NameSheet) Undo() (what Message, ok bool) {
	s.EndEdit()
	if len(s.undo) == 0 {
		return Message{}, false
	}
	step := s.undo[len(s.undo)-1]
	s.undo = s.undo[:len(s.undo)-1]
	s.redo = append(s.redo, step)
	for _, c := range step.rows {
		s.put(c.row, c.before)
	}
	return step.what, true
}

// Redo carries out again what Undo took back.
func (s *NameSheet) Redo() (what Message, ok bool) {
	s.EndEdit()
	if len(s.redo) == 0 {
		return Message{}, false
	}
	step := s.redo[len(s.redo)-1]
	rest := s.redo[:len(s.redo)-1]
	s.carryOut(step)
	s.redo = rest
	return step.what, true
}

// CanUndo and CanRedo tell whether there is a step to take back or to repeat.
func (s *NameSheet) CanUndo() bool { return len(s.undo) > 0 }

// CanRedo: see CanUndo.
func (s *NameSheet) CanRedo() bool { return len(s.redo) > 0 }

func (s *NameSheet) carryOut(step nameStep) {
	for _, c := range step.rows {
		s.put(c.row, c.now)
	}
	s.undo, s.redo = append(s.undo, step), nil
}
