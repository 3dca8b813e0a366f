// Package ticket reads, verifies and signs migration tickets: the small signed
// JSON file by which Online Operations name one tenant, one customer and one
// target. The form of the file is in upload/FORMAT.md.
//
// Here lives everything that decides whether a ticket is trusted, with a JSON
// reader and canonical form of its own, because two readings of the same bytes
// are how signatures are forged. Nothing here opens a network connection or
// knows a database; using a verified ticket is the business of migration.
//
// No function of this package ever puts the query of a container address into
// an error: it is a bearer secret.
package ticket
