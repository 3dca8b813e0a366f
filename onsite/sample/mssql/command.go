package mssql

import (
	"context"
	"regexp"
	"strings"

	"omt/onsite/sample/tds"
)

// command is a statement without rows that the stand-in answers. Pattern is
// matched against the statement with words in upper case, numbers as n, texts
// as s and [names] as name.
type command struct {
	name      string
	pattern   string
	reference string
	since     string
	run       func(ctx context.Context, s *session, toks []token) (tds.Result, error)
	re        *regexp.Regexp
}

// snapshotFile is a data file of a snapshot in the outline of a command.
const snapshotFile = `\( NAME = name , FILENAME = s \)`

// commands is the closed list of them. Clients send the settings at login;
// none changes what the statements of the list give.
var commands = compileCommands([]command{
	{name: "setting", pattern: `SET (NOCOUNT|XACT_ABORT|ANSI_NULLS|ANSI_PADDING|ANSI_WARNINGS|ANSI_NULL_DFLT_ON|ARITHABORT|CONCAT_NULL_YIELDS_NULL|QUOTED_IDENTIFIER|CURSOR_CLOSE_ON_COMMIT|IMPLICIT_TRANSACTIONS) (ON|OFF)`,
		reference: docs + "statements/set-statements-transact-sql", since: "11.0", run: done},
	{name: "limit", pattern: `SET ((TEXTSIZE|LOCK_TIMEOUT) (- )?n|(ROWCOUNT|DATEFIRST) n)`,
		reference: docs + "statements/set-textsize-transact-sql", since: "11.0", run: done},
	{name: "deadlock priority", pattern: `SET DEADLOCK_PRIORITY (LOW|NORMAL|HIGH|n)`,
		reference: docs + "statements/set-deadlock-priority-transact-sql", since: "11.0", run: done},
	{name: "isolation", pattern: `SET TRANSACTION ISOLATION LEVEL (READ UNCOMMITTED|READ COMMITTED|REPEATABLE READ|SNAPSHOT|SERIALIZABLE)`,
		reference: docs + "statements/set-transaction-isolation-level-transact-sql", since: "11.0", run: setLevel},
	{name: "snapshot", pattern: `CREATE DATABASE name ON ` + snapshotFile + `( , ` + snapshotFile + `)* AS SNAPSHOT OF name`,
		reference: docs + "statements/create-database-transact-sql", since: "11.0", run: createSnapshot},
	{name: "drop", pattern: `DROP DATABASE name`, reference: docs + "statements/drop-database-transact-sql", since: "11.0", run: dropSnapshot},
	{name: "use", pattern: `USE \S+`, reference: docs + "language-elements/use-transact-sql", since: "11.0", run: use},
})

func compileCommands(list []command) []command {
	for i := range list {
		list[i].re = regexp.MustCompile("^" + list[i].pattern + "( ;)?$")
	}
	return list
}

func matchCommand(toks []token) *command {
	var words []string
	for _, t := range toks {
		switch t.kind {
		case endToken:
		case intToken:
			words = append(words, "n")
		case textToken:
			words = append(words, "s")
		case nameToken:
			words = append(words, "name")
		default:
			words = append(words, strings.ToUpper(t.text))
		}
	}
	text := strings.Join(words, " ")
	for i := range commands {
		if commands[i].re.MatchString(text) {
			return &commands[i]
		}
	}
	return nil
}

func done(context.Context, *session, []token) (tds.Result, error) { return tds.Result{}, nil }

func setLevel(_ context.Context, s *session, toks []token) (tds.Result, error) {
	s.level = map[string]tds.Isolation{
		"UNCOMMITTED": tds.ReadUncommitted, "COMMITTED": tds.ReadCommitted, "READ": tds.RepeatableRead,
		"SNAPSHOT": tds.Snapshot, "SERIALIZABLE": tds.Serializable,
	}[strings.ToUpper(lastWord(toks))]
	return tds.Result{}, nil
}

func lastWord(toks []token) string {
	last := ""
	for _, t := range toks {
		if t.kind == wordToken {
			last = t.text
		}
	}
	return last
}

func use(_ context.Context, s *session, toks []token) (tds.Result, error) {
	if name := toks[1].text; !strings.EqualFold(name, s.Database()) {
		return tds.Result{}, errUse(name)
	}
	return tds.Result{Database: s.Database()}, nil
}
