package wiring

import (
	"errors"
	"fmt"
	"path/filepath"

	"omt/cmd/internal/network"
	"omt/migration"
	"omt/upload/azure"
	"omt/upload/folder"
	"omt/upload/ticket"
)

// What can be wrong with the choice of a target.
var (
	ErrTargetKind = errors.New("this version cannot write to such a target")
	ErrNoTarget   = errors.New("no target folder was chosen")
	ErrNotFolder  = errors.New("a target folder was chosen, but the ticket is for a container")
)

// openTarget opens what the ticket names. The container's address goes from the
// ticket to the target and nowhere else: it is a bearer secret.
func openTarget(spec migration.TargetSpec, chosen, host string, net *network.Network) (migration.Target, error) {
	switch spec.Kind {
	case ticket.TargetFolder:
		if chosen == "" {
			return nil, migration.Fail("open target", "", ErrNoTarget, migration.Msg("hint.target.choose"))
		}
		path, err := filepath.Abs(chosen)
		if err != nil {
			return nil, fmt.Errorf("find target folder: %w", err)
		}
		return folder.Open(path)
	case ticket.TargetBlob:
		// Whoever names a folder believes that the data go there.
		if chosen != "" {
			return nil, migration.Fail("open target", chosen, ErrNotFolder, migration.Msg("hint.target.notfolder", "Path", chosen))
		}
		return azure.Open(spec.Container, azure.Options{Host: host, Proxy: net.Via, Dial: net.DialContext, Roots: net.Roots()})
	}
	return nil, migration.Fail("open target", spec.Kind, ErrTargetKind, migration.Msg("hint.target.kind", "Kind", spec.Kind))
}
