package app

import (
	"maps"
	"path"
	"strings"

	"omt/migration"
)

// candidateList shows files that may be those of rows that are missing still.
// Nothing is ticked before the person does it, and one file a row at most.
type candidateList struct {
	h      host
	list   *fileList
	rows   []candidateRow
	chosen map[string]string // source by id of the row
	choose func(map[string]string)
}

// candidateRow is one line: a candidate and the row that it may belong to.
type candidateRow struct {
	row  migration.MissingRow
	file migration.Candidate
}

// listedCandidates bounds the lines; a longer list is for a spreadsheet.
const listedCandidates = 1000

func newCandidateList(h host, choose func(map[string]string)) *candidateList {
	l := &candidateList{h: h, choose: choose}
	l.list = newFileList(h, l.toggle)
	l.list.words = l.words
	return l
}

// show draws the candidates of a preview; nil while it is not known.
func (l *candidateList) show(r *migration.RecoveryPreview, chosen map[string]string) {
	l.rows, l.chosen = nil, maps.Clone(chosen)
	total := int64(0)
	if r != nil {
		for _, row := range r.Candidates {
			total += int64(len(row.Candidates))
			for _, c := range row.Candidates {
				if len(l.rows) < listedCandidates {
					l.rows = append(l.rows, candidateRow{row, c})
				}
			}
		}
	}
	reveal(l.list.object, len(l.rows) > 0)
	items := make([]migration.RecoveryItem, len(l.rows))
	var ticked []string
	for i, x := range l.rows {
		items[i] = migration.RecoveryItem{ID: x.id(), Kind: x.row.Kind, Target: x.row.Target, Source: x.file.Source, Size: x.file.Size, Modified: x.file.Modified}
		if l.chosen[x.row.ID] == x.file.Source {
			ticked = append(ticked, x.id())
		}
	}
	n := figures()
	title := migration.Msg("upload.preview.candidates", "Count", n.Number(total), "Ticked", n.Number(int64(len(l.chosen))))
	l.list.show(say(title), items, total, ticked)
}

// id of a line: ids of rows have no space in them.
func (x candidateRow) id() string { return x.row.ID + " " + x.file.Source }

// toggle chooses a file for its row in place of another one, or takes the choice
// back.
func (l *candidateList) toggle(id string, on bool) {
	row, source, _ := strings.Cut(id, " ")
	next := map[string]string{}
	maps.Copy(next, l.chosen)
	switch {
	case on:
		next[row] = source
	case next[row] == source:
		delete(next, row)
	}
	l.choose(next)
}

// words say for which file a candidate stands, and why.
func (l *candidateList) words(it migration.RecoveryItem) migration.Message {
	n := figures()
	fits := ""
	for _, x := range l.rows {
		if x.id() != it.ID {
			continue
		}
		var words []string
		for _, f := range x.file.Fits {
			words = append(words, say(migration.Msg("fit."+string(f))))
		}
		fits = strings.Join(words, ", ")
		break
	}
	return migration.Msg("upload.preview.candidate", "Name", path.Base(it.Target), "Fits", fits,
		"Bytes", n.Bytes(it.Size), "When", moment(l.h, it.Modified))
}
