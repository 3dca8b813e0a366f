package app

import "omt/migration"

// phaseName is the name of the row of a phase.
func phaseName(ph migration.Phase) migration.Message {
	switch ph {
	case migration.PhaseStarting:
		return migration.Msg("phase.starting")
	case migration.PhaseDatabase:
		return migration.Msg("phase.database")
	case migration.PhaseTemplates:
		return migration.Msg("phase.templates")
	case migration.PhaseDocuments:
		return migration.Msg("phase.documents")
	case migration.PhaseService:
		return migration.Msg("phase.service")
	case migration.PhaseAttachments:
		return migration.Msg("phase.attachments")
	}
	return migration.Msg("phase.finishing")
}

// rateWords is a speed: 38.0 MB/s.
func rateWords(bytes int64) string {
	return say(migration.Msg("phase.speed", "Bytes", figures().Bytes(bytes)))
}

// phaseWords says where a phase stands.
func phaseWords(p migration.PhaseProgress) string {
	n := figures()
	items, bytes := n.Number(p.Items), n.Bytes(p.Bytes)
	if p.State == migration.PhaseDone {
		// What was left out must not read as if it had been sent.
		items = n.Number(p.Items - p.Left)
	}
	var text string
	switch {
	case p.State == migration.PhaseWaiting:
		return say(migration.Msg("phase.waiting"))
	case p.Counting:
		return say(migration.Msg("phase.counting", "Items", items, "Bytes", bytes))
	case p.State == migration.PhaseDone:
		text = doneWords(p, items, bytes)
	case p.TotalItems > 0:
		done, total := n.BytesOf(p.Bytes, p.TotalBytes)
		text = runningWords(p, items, n.Number(p.TotalItems), done, total)
	case p.State == migration.PhaseStopped:
		return say(migration.Msg("phase.stopped.early"))
	default:
		text = say(migration.Msg("phase.running"))
	}
	if p.Left > 0 {
		text = say(migration.Msg("phase.left", "Words", text, "Left", n.Number(p.Left)))
	}
	if p.Skipped > 0 {
		text = say(migration.Msg("phase.skipped", "Words", text, "Skipped", n.Number(p.Skipped)))
	}
	if p.State == migration.PhaseStopped {
		text = say(migration.Msg("phase.stopped", "Words", text))
	}
	return text
}

func runningWords(p migration.PhaseProgress, items, total, bytes, totalBytes string) string {
	switch p.Phase {
	case migration.PhaseDatabase:
		// The size of the package is known only when it is finished.
		return say(migration.Msg("phase.database.some", "Items", items, "Total", total, "Bytes", figures().Bytes(p.Bytes)))
	case migration.PhaseTemplates:
		return say(migration.Msg("phase.templates.some", "Items", items, "Total", total, "Bytes", bytes, "TotalBytes", totalBytes))
	case migration.PhaseDocuments:
		return say(migration.Msg("phase.documents.some", "Items", items, "Total", total, "Bytes", bytes, "TotalBytes", totalBytes))
	case migration.PhaseService:
		return say(migration.Msg("phase.service.some", "Items", items, "Total", total, "Bytes", bytes, "TotalBytes", totalBytes))
	case migration.PhaseAttachments:
		return say(migration.Msg("phase.attachments.some", "Items", items, "Total", total, "Bytes", bytes, "TotalBytes", totalBytes))
	}
	return say(migration.Msg("phase.steps.some", "Items", items, "Total", total))
}

func doneWords(p migration.PhaseProgress, items, bytes string) string {
	switch {
	case p.Phase == migration.PhaseStarting || p.Phase == migration.PhaseFinishing:
		return say(migration.Msg("phase.done"))
	case p.Items == 0:
		return say(migration.Msg("phase.nothing"))
	case p.Items < p.TotalItems:
		// A phase ends with less than was expected when rows have no file; the
		// row must not read as if everything had been sent.
		done, total := figures().BytesOf(p.Bytes, p.TotalBytes)
		return say(migration.Msg("phase.done.some", "Words",
			runningWords(p, items, figures().Number(p.TotalItems), done, total)))
	}
	switch p.Phase {
	case migration.PhaseDatabase:
		return say(migration.Msg("phase.database.all", "Items", items, "Bytes", bytes))
	case migration.PhaseTemplates:
		return say(migration.Msg("phase.templates.all", "Items", items, "Bytes", bytes))
	case migration.PhaseDocuments:
		return say(migration.Msg("phase.documents.all", "Items", items, "Bytes", bytes))
	case migration.PhaseService:
		return say(migration.Msg("phase.service.all", "Items", items, "Bytes", bytes))
	}
	return say(migration.Msg("phase.attachments.all", "Items", items, "Bytes", bytes))
}
