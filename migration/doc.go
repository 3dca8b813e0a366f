// Package migration is the service layer: what a migration is, in which order
// it happens and what must hold at its end. It owns the session, the plan, the
// engine, the manifest and the report, and the small interfaces through which
// it reads the installation (Source) and writes the tenant (Target, Packager).
//
// It may not import fyne, net/http, a database driver, onsite or upload: the
// window, the installation and the cloud side are handed to it by cmd. The one
// package below it that opens a database is migration/journal.
package migration
