package mssql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"modernc.org/sqlite"
	lite "modernc.org/sqlite/lib"

	"omt/onsite/sample/tds"
)

// writing is a statement that changes rows. Pattern is matched against the
// statement with keywords in upper case, quoted names as name and parameters as p.
type writing struct {
	name      string
	pattern   string
	reference string
	since     string
	command   uint16
	re        *regexp.Regexp
}

// writings is the closed list: the freeze of an installation and its end.
var writings = compileWritings([]writing{
	{name: "count on", pattern: `UPDATE name \. name SET name = name \+ 1 WHERE name = p( AND name = p)*`,
		reference: docs + "queries/update-transact-sql", since: "11.0", command: tds.CommandUpdate},
	{name: "insert row", pattern: `INSERT INTO name \. name \( name( , name)* \) VALUES \( p( , p)* \)`,
		reference: docs + "statements/insert-transact-sql", since: "11.0", command: tds.CommandInsert},
	{name: "delete row", pattern: `DELETE FROM name \. name WHERE name = p( AND name = p)*`,
		reference: docs + "statements/delete-transact-sql", since: "11.0", command: tds.CommandDelete},
})

func compileWritings(list []writing) []writing {
	for i := range list {
		list[i].re = regexp.MustCompile("^" + list[i].pattern + "( ;)?$")
	}
	return list
}

func matchWrite(toks []token) *writing {
	if len(toks) == 0 || toks[0].kind != wordToken {
		return nil
	}
	var words []string
	for _, t := range toks {
		switch t.kind {
		case endToken:
		case nameToken:
			words = append(words, "name")
		case paramToken:
			words = append(words, "p")
		case textToken:
			return nil
		default:
			words = append(words, strings.ToUpper(t.text))
		}
	}
	text := strings.Join(words, " ")
	for i := range writings {
		if writings[i].re.MatchString(text) {
			return &writings[i]
		}
	}
	return nil
}

// write runs a statement of the list, in the session's transaction or in one of
// its own.
func (s *session) write(ctx context.Context, w *writing, toks []token, st tds.Statement) (tds.Result, error) {
	params, err := declared(st)
	if err != nil {
		return tds.Result{}, err
	}
	var names []string
	var marks []string
	for _, t := range toks {
		switch t.kind {
		case nameToken:
			names = append(names, t.text)
		case paramToken:
			marks = append(marks, t.text)
		}
	}
	rel := s.store.tables.find(names[0], names[1])
	if rel == nil || rel.table == nil || !s.store.sameName(rel.name, names[1]) {
		return tds.Result{}, errObject(names[0] + "." + names[1])
	}
	c := change{s: s, rel: rel, names: names[2:], command: w.command}
	if err := c.bind(marks, params); err != nil {
		return tds.Result{}, err
	}
	if s.rights.denied(rel) || s.srv.opts.NoWrite {
		return tds.Result{}, errWriteDenied(c.right(), rel.name, s.Database(), rel.schema)
	}
	if s.srv.opts.ReadOnly || s.store != s.srv.store {
		return tds.Result{}, errReadOnly(s.Database())
	}
	rows, err := c.run(ctx)
	return tds.Result{Changed: tds.Changed{Command: w.command, Rows: uint64(rows)}}, err
}

// change is a statement whose names and values are known.
type change struct {
	s       *session
	rel     *relation
	names   []string
	command uint16
	args    []any
}

func (c *change) right() string {
	switch c.command {
	case tds.CommandInsert:
		return "INSERT"
	case tds.CommandDelete:
		return "DELETE"
	}
	return "UPDATE"
}

// bind finds the columns and gives each value the type of its column. UPDATE
// names its counter twice before the columns of its condition.
func (c *change) bind(marks []string, params map[string]tds.Param) error {
	for _, n := range c.names {
		if at, ok := c.rel.find(n); !ok || !c.s.store.sameName(c.rel.columns[at].name, n) {
			return errColumn(n)
		}
	}
	with := c.names
	if c.command == tds.CommandUpdate {
		if !strings.EqualFold(c.names[0], c.names[1]) {
			return errSyntax(c.names[1])
		}
		with = c.names[2:]
	}
	if len(with) != len(marks) {
		return errValues
	}
	given := map[string]bool{}
	for i, n := range with {
		at, _ := c.rel.find(n)
		f := c.rel.columns[at]
		p, ok := params[strings.ToLower(marks[i])]
		if !ok {
			return errVariable(marks[i])
		}
		if c.command == tds.CommandInsert && given[strings.ToLower(n)] {
			return errTwice(n)
		}
		given[strings.ToLower(n)] = true
		if p.Value == nil && !f.nullable && c.command == tds.CommandInsert {
			return errNull(f.name, c.rel.name)
		}
		v, err := toLite(f.typ, p.Value)
		if err != nil {
			return errConversion(p.Value, f.typ.Name)
		}
		c.args = append(c.args, v)
	}
	if c.command != tds.CommandInsert {
		return nil
	}
	for _, f := range c.rel.columns {
		if !f.nullable && !f.computed && !f.identity && !given[strings.ToLower(f.name)] {
			return errNull(f.name, c.rel.name)
		}
	}
	return nil
}

func (c *change) sqlite() string {
	var terms []string
	from := c.names
	if c.command == tds.CommandUpdate {
		from = c.names[2:]
	}
	for i, n := range from {
		if c.command == tds.CommandInsert {
			terms = append(terms, quoteLite(n))
			continue
		}
		terms = append(terms, fmt.Sprintf("%s = ?%d", quoteLite(n), i+1))
	}
	switch c.command {
	case tds.CommandInsert:
		return "INSERT INTO " + c.rel.lite + " (" + strings.Join(terms, ", ") + ") VALUES (" + strings.TrimSuffix(strings.Repeat("?, ", len(terms)), ", ") + ")"
	case tds.CommandDelete:
		return "DELETE FROM " + c.rel.lite + " WHERE " + strings.Join(terms, " AND ")
	}
	n := quoteLite(c.names[0])
	return "UPDATE " + c.rel.lite + " SET " + n + " = " + n + " + 1 WHERE " + strings.Join(terms, " AND ")
}

// run executes in the transaction of the session. Without one the statement is
// its own, as in SQL Server.
func (c *change) run(ctx context.Context) (int64, error) {
	s := c.s
	if s.inTran {
		if s.tx == nil {
			tx, err := s.store.db.BeginTx(context.WithoutCancel(ctx), nil)
			if err != nil {
				return 0, fmt.Errorf("begin transaction: %w", err)
			}
			s.tx = tx
		}
		s.wrote = true
		return c.in(ctx, s.tx)
	}
	tx, err := s.store.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("begin transaction: %w", err)
	}
	n, err := c.in(ctx, tx)
	if err != nil {
		return 0, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("commit: %w", err)
	}
	return n, nil
}

func (c *change) in(ctx context.Context, tx *sql.Tx) (int64, error) {
	if c.command == tds.CommandInsert {
		if err := c.free(ctx, tx); err != nil {
			return 0, err
		}
	}
	res, err := tx.ExecContext(ctx, c.sqlite(), c.args...)
	if err != nil {
		var e *sqlite.Error
		if errors.As(err, &e) && e.Code()&0xff == lite.SQLITE_CONSTRAINT {
			return 0, errDuplicate(c.rel.name)
		}
		return 0, fmt.Errorf("write rows: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("count rows: %w", err)
	}
	grown := map[uint16]int64{tds.CommandInsert: n, tds.CommandDelete: -n}[c.command]
	return n, c.s.store.count(ctx, tx, c.rel.objectID, grown, grown*c.rel.rowSize(), 1)
}

// free refuses a row that a unique index has already. SQLite knows only the
// clustered one: the tables are loaded faster without the others.
func (c *change) free(ctx context.Context, tx *sql.Tx) error {
	for i := range c.rel.table.Indexes {
		ix := &c.rel.table.Indexes[i]
		if !unique(ix) {
			continue
		}
		var terms []string
		var args []any
		for _, k := range keyColumns(c.rel, ix) {
			var v any
			for j, n := range c.names {
				if strings.EqualFold(n, c.rel.columns[k.at].name) {
					v = c.args[j]
				}
			}
			terms, args = append(terms, quoteLite(c.rel.columns[k.at].name)+" IS ?"), append(args, v)
		}
		var n int64
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+c.rel.lite+" WHERE "+strings.Join(terms, " AND "), args...).Scan(&n); err != nil {
			return fmt.Errorf("look for row: %w", err)
		}
		if n > 0 {
			return errDuplicate(c.rel.name)
		}
	}
	return nil
}

var errValues = &tds.Error{Number: 109, Class: 15, State: 1, Message: "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement."}

func errWriteDenied(right, table, db, schema string) *tds.Error {
	return &tds.Error{Number: 229, Class: 14, State: 5, Message: fmt.Sprintf("The %s permission was denied on the object '%s', database '%s', schema '%s'.", right, table, db, schema)}
}

func errReadOnly(db string) *tds.Error {
	return &tds.Error{Number: 3906, Class: 16, State: 1, Message: fmt.Sprintf("Failed to update database \"%s\" because the database is read-only.", db)}
}

func errTwice(column string) *tds.Error {
	return &tds.Error{Number: 264, Class: 16, State: 1, Message: fmt.Sprintf("The column name '%s' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once.", column)}
}

func errNull(column, table string) *tds.Error {
	return &tds.Error{Number: 515, Class: 16, State: 2, Message: fmt.Sprintf("Cannot insert the value NULL into column '%s', table '%s'; column does not allow nulls. INSERT fails.", column, table)}
}

func errDuplicate(table string) *tds.Error {
	return &tds.Error{Number: 2601, Class: 14, State: 1, Message: fmt.Sprintf("Cannot insert duplicate key row in object '%s' with unique index.", table)}
}
