// Package journal is the crash-safe memory of a migration: what was planned,
// which parts and documents have arrived, how every row ended. It is one SQLite
// file per environment, tenant, company and serial number, written by one
// goroutine in group commits. Acknowledged means committed here: the done
// function of Ack and AckMember runs after the commit and never before it.
//
// The package is the only one below migration that imports database/sql and
// SQLite, and it imports nothing of this module, so that migration can import
// it. It decides nothing about a migration: kinds, outcomes, modes and states
// are the caller's words.
//
// What it stores is read by support staff. Callers keep secrets out of every
// field: no passwords, no container addresses with their signature, no ticket.
//
// The file must lie on a local disk. SQLite's write-ahead log needs shared
// memory and honest locks, which network file systems do not give; Open
// refuses those it recognises.
package journal
