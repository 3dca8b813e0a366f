// Package upload is the cloud side of omt: the migration ticket (ticket), the
// targets at which a migration arrives (folder), the package format of the
// database (bacpac), and the suite that every target passes (uploadtest).
//
// This package itself holds no code, only the specification for the receiving
// side, FORMAT.md with the JSON schemas in schema, and the tests that keep
// specification, examples and Go types in step. Nothing below it may import
// onsite or app.
package upload
