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
// What is damaged is never trusted: a small journal is read in full when it is
// opened, a large one beside the work (Whole), and each record is held against
// its checksum whenever it is read. One thing cannot be seen: a log whose end is
// gone, on a disk that lost what it had confirmed, is a sound journal of an
// earlier moment. What was acknowledged after it is then sent once more, over
// itself; if that was the whole run, the next one begins anew beside what lies at
// the target, as after the loss of the journal.
//
// The file must lie on a local disk. SQLite's write-ahead log needs shared
// memory and honest locks, which network file systems do not give; Open
// refuses those it recognises.
package journal
