// Package onsite reads the customer's installation: it finds the configuration
// files, connects to SQL Server, proves who is signing in, and delivers
// catalogue, rows, users and the files of archive and Customer Service as
// migration.Source.
//
// It reads only. It may not import upload, fyne or the engine's parts; it hands
// out message ids, never finished sentences; and no password leaves it in an
// error, a log or a returned value other than Settings.
package onsite
