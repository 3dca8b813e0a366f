package app

import (
	"slices"

	"omt/migration"
)

// completeParts are the sections of the last page, made of the same report that
// the customer keeps.
func completeParts(f *flow) []completePart {
	if f.result == nil || f.result.Report == nil {
		return []completePart{nextSteps(f, nil)}
	}
	r := f.result.Report
	parts := []completePart{sentPart(f, r)}
	if left := leftPart(r); len(left.lines) > 0 {
		parts = append(parts, left)
	}
	parts = append(parts, verifiedPart(f, r))
	return append(parts, nextSteps(f, r))
}

// onlyMissing tells whether this was a recovery of missing files, also one that
// an earlier start began.
func onlyMissing(f *flow) bool {
	if f.result != nil && f.result.Recovery != migration.RecoverNone {
		return f.result.Recovery == migration.RecoverMissing
	}
	return f.recovery == migration.RecoverMissing
}

// sentPart counts what is at the target now.
func sentPart(f *flow, r *migration.Report) completePart {
	p := completePart{title: migration.Msg("complete.sent")}
	n := figures()
	if onlyMissing(f) {
		p.add("check", migration.Msg("complete.database.kept"))
	} else {
		p.add("check", migration.Msg("complete.database", "Tables", n.Number(int64(r.Database.Tables)), "Rows", n.Number(r.Database.Rows), "Bytes", n.Bytes(r.Database.Bytes)))
	}
	for _, k := range fileKinds() {
		sent, same := r.Kinds[string(k)][migration.Uploaded], r.Kinds[string(k)][migration.Unchanged]
		if sent.Count+same.Count == 0 {
			continue
		}
		words := migration.Msg("complete.files", "Kind", say(migration.Msg("kinds."+string(k))),
			"Count", n.Number(sent.Count+same.Count), "Bytes", n.Bytes(sent.Bytes+same.Bytes))
		if same.Count > 0 {
			words = migration.Msg("complete.files.unchanged", "Words", say(words), "Count", n.Number(same.Count))
		}
		p.add("check", words)
	}
	return p
}

// fileKinds are the kinds of files in the order of the Upload page.
func fileKinds() []migration.ItemKind {
	return []migration.ItemKind{
		migration.KindTemplate, migration.KindDocument, migration.KindVersion,
		migration.KindPersonal, migration.KindService, migration.KindAttachment,
	}
}

// leftOutcomes are the reasons for which a file is not at the target.
func leftOutcomes() []migration.Outcome {
	return []migration.Outcome{migration.Missing, migration.WithoutPath, migration.OtherProvider, migration.Unreadable, migration.ChangedOnRead}
}

// leftOut is how many files that a record points to were not sent.
func leftOut(r *migration.Report) (n int64) {
	for _, k := range fileKinds() {
		for _, o := range leftOutcomes() {
			n += int64(r.Kinds[string(k)][o].Count)
		}
	}
	return n
}

// leftPart counts what was not sent, by kind and reason.
func leftPart(r *migration.Report) completePart {
	p := completePart{title: migration.Msg("complete.left")}
	n := figures()
	for _, k := range fileKinds() {
		for _, o := range leftOutcomes() {
			if t := r.Kinds[string(k)][o]; t.Count > 0 {
				p.add("warning", migration.Msg("complete.left.line", "Kind", say(migration.Msg("kinds."+string(k))),
					"Count", n.Number(t.Count), "Reason", say(migration.Msg("outcome."+string(o)))))
			}
		}
	}
	if r.Strays.Files > 0 {
		p.add("", migration.Msg("complete.strays", "Count", n.Number(r.Strays.Files), "Bytes", n.Bytes(r.Strays.Bytes)))
	}
	if c := r.Recovery; c != nil && c.ChangedTotal > 0 {
		p.add("", migration.Msg("complete.changed", "Count", n.Number(c.ChangedTotal)))
	}
	if c := r.Recovery; c != nil && c.Newer > 0 {
		p.add("", migration.Msg("complete.newer", "Count", n.Number(c.Newer)))
	}
	if len(p.lines) > 0 {
		p.add("", migration.Msg("complete.left.list"))
	}
	return p
}

// verifiedPart tells what was compared and what was not: nothing is called
// verified that was only accepted.
func verifiedPart(f *flow, r *migration.Report) completePart {
	p := completePart{title: migration.Msg("complete.verified")}
	if !onlyMissing(f) {
		p.add("check", migration.Msg("complete.rows"))
		if !slices.ContainsFunc(r.Warnings, func(w migration.Message) bool { return w.ID == "warn.notreadback" }) {
			p.add("check", migration.Msg("complete.read"))
		}
		p.addIf(r.Consistency.Whole(), migration.Msg("consistency."+r.Consistency.Class))
		p.addIf(r.Consistency.Proved, migration.Msg(r.Consistency.Proof()))
	}
	p.add("check", migration.Msg("complete.accepted"))
	for _, w := range someOf(r.Warnings) {
		p.add("warning", w)
	}
	return p
}

// nextSteps say what happens now, and who does it.
func nextSteps(f *flow, r *migration.Report) completePart {
	p := completePart{title: migration.Msg("complete.next")}
	if !onlyMissing(f) {
		p.add("", migration.Msg("complete.next.mail"))
		if d := f.draft; d != nil {
			p.add("", notificationWords(d.Plan.Notifications))
			if len(d.Plan.Mailboxes) > 0 {
				p.add("", migration.Msg("complete.next.mailboxes", "SPF", spfRecord))
			}
		}
	}
	if r == nil || missing(r) > 0 {
		p.add("", migration.Msg("complete.next.missing"))
	}
	if !onlyMissing(f) && f.mode == migration.ModeTest {
		p.add("", migration.Msg("complete.next.test"))
	}
	return p
}

// missing counts the rows whose file may still be found.
func missing(r *migration.Report) int64 {
	var n int64
	for _, k := range r.Kinds {
		n += k[migration.Missing].Count + k[migration.Unreadable].Count
	}
	return n
}
