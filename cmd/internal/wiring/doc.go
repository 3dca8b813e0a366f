// Package wiring puts the layers together for the commands: it opens ticket,
// installation, target and journal from what flags or the window gave and
// builds a migration of them. It decides nothing that migration, onsite or
// upload could decide, and prints nothing.
package wiring
