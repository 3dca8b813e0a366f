package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"omt/assets"
	"omt/migration"
)

// event is a line of --json.
type event struct {
	Event    string              `json:"event"`
	Error    string              `json:"error,omitempty"`
	Hint     *migration.Message  `json:"hint,omitempty"`
	Words    string              `json:"words,omitempty"` // hint or message in the language of the command
	Snapshot *migration.Snapshot `json:"progress,omitempty"`
	Result   *migration.Result   `json:"result,omitempty"`
	Data     any                 `json:"data,omitempty"`
}

func wantsJSON(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		name, value, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		return strings.HasPrefix(a, "-") && name == "json" && value != "false"
	})
}

// printError says what went wrong and what to do, once. cancelled: the person
// has stopped the command.
func printError(c console, asJSON, cancelled bool, err error) {
	hints := hintsOf(err)
	if asJSON {
		e := event{Event: "error", Error: err.Error()}
		if len(hints) > 0 {
			e.Hint, e.Words = &hints[0], assets.Text(hints[0].ID, hints[0].Args)
		}
		if len(hints) > 1 {
			e.Data = hints
		}
		writeLine(c.out, e)
	}
	if cancelled {
		fmt.Fprintln(c.err, assets.Text("cli.cancelled", nil))
		return
	}
	fmt.Fprintf(c.err, "omtctl: %v\n", err)
	for _, h := range hints {
		fmt.Fprintln(c.err, assets.Text(h.ID, h.Args))
	}
}

// hintsOf is what people are told about an error: every fault of a plan or of a
// list of files, else
// the one hint.
func hintsOf(err error) []migration.Message {
	var plan *migration.PlanFaults
	if errors.As(err, &plan) {
		return plan.Faults
	}
	var take *migration.TakeFaults
	if errors.As(err, &take) {
		return take.Faults
	}
	if h := migration.HintOf(err); !h.IsZero() {
		return []migration.Message{h}
	}
	return nil
}

func writeLine(w io.Writer, e event) {
	b, err := json.Marshal(e)
	if err != nil {
		b = []byte(`{"event":"error","error":"encode output"}`)
	}
	fmt.Fprintf(w, "%s\n", b)
}

// printer writes what a command has to say, as JSON lines or as words.
type printer struct {
	c    console
	json bool
}

// message says one sentence of the catalogue.
func (p printer) message(m migration.Message) {
	words := assets.Text(m.ID, m.Args)
	if p.json {
		writeLine(p.c.out, event{Event: "message", Hint: &m, Words: words})
		return
	}
	fmt.Fprintln(p.c.err, words)
}

// shownMessages is how many of many messages a terminal gets to see.
const shownMessages = 5

// few says the first messages and how many more there are.
func (p printer) few(ms []migration.Message) {
	for i, m := range ms {
		if i == shownMessages && !p.json {
			p.message(migration.Msg("cli.more", "Count", len(ms)-i))
			return
		}
		p.message(m)
	}
}

// data hands over what the command made.
func (p printer) data(v any, words string) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: v})
		return
	}
	fmt.Fprintln(p.c.out, words)
}

// result ends a run.
func (p printer) result(r *migration.Result, target string) {
	if p.json {
		writeLine(p.c.out, event{Event: "done", Result: r, Data: r.Report})
		return
	}
	p.few(r.Report.Warnings)
	rep := r.Report
	texts := assets.Spoken()
	if r.Recovery == migration.RecoverMissing {
		fmt.Fprintln(p.c.out, texts.Text("cli.recovered", map[string]any{"Sent": r.Counts.Sent, "Changed": rep.Recovery.ChangedTotal, "Newer": rep.Recovery.Newer}))
	} else {
		fmt.Fprintln(p.c.out, texts.Text("cli.done", map[string]any{
			"Tables": rep.Database.Tables, "Rows": texts.Number(rep.Database.Rows), "Bytes": texts.Bytes(rep.Database.Bytes),
		}))
		fmt.Fprintln(p.c.out, texts.Text("consistency."+rep.Consistency.Class, nil), texts.Text(rep.Consistency.Proof(), nil))
	}
	p.kinds(rep.Kinds)
	fmt.Fprintln(p.c.out, texts.Text("cli.where", map[string]any{"Target": target}))
}

// kinds is a table of what became of each kind of file.
func (p printer) kinds(all migration.Tallies) {
	texts := assets.Spoken()
	for _, k := range migration.ItemKinds() {
		for _, o := range []migration.Outcome{
			migration.Uploaded, migration.Unchanged, migration.Missing, migration.WithoutPath, migration.OtherProvider, migration.Unreadable, migration.ChangedOnRead,
		} {
			if t, ok := all[string(k)][o]; ok {
				fmt.Fprintf(p.c.out, "  %-24s %-32s %10s %10s\n", texts.Text("kind."+string(k), nil), texts.Text("outcome."+string(o), nil), texts.Number(t.Count), texts.Bytes(t.Bytes))
			}
		}
	}
}

// watch shows progress until the returned function is called; the last state
// is always shown.
func (p printer) watch(pr *migration.Progress, every time.Duration) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.progress(pr.Snapshot())
			case <-done:
				p.progress(pr.Snapshot())
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

func (p printer) progress(s migration.Snapshot) {
	if p.json {
		writeLine(p.c.out, event{Event: "progress", Snapshot: &s})
		return
	}
	texts := assets.Spoken()
	line := fmt.Sprintf("%6.1f s", s.Elapsed.Seconds())
	for _, ph := range s.Phases {
		if ph.State != migration.PhaseRunning {
			continue
		}
		total := texts.Number(ph.TotalItems)
		if ph.Counting {
			total = texts.Text("cli.counting", nil)
		}
		line += fmt.Sprintf("  %s %s/%s %s", texts.Text("phase."+string(ph.Phase), nil), texts.Number(ph.Items), total, texts.Bytes(ph.Bytes))
	}
	fmt.Fprintln(p.c.err, line)
}
