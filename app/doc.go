// Package app is the window: what the migrator sees and clicks. With cmd/omt it
// is the only place that imports fyne.
//
// It shows what migration tells it and decides nothing about a migration: no
// reading of tickets, databases or targets, no rule of the engine, and no
// sentence that does not come from the catalogue in assets. Work runs in
// goroutines that the window owns; they touch widgets only through fyne.Do.
package app
