package onsite

// The statements that write to SQL Server: a closed set of its own, apart from
// the read-only one in statements.go. A freeze is the two of the first group in
// one transaction, a thaw is sqlEventDelete. With consent a snapshot is made
// and dropped, see below. Nothing else is ever written.
// Valid on SQL Server 2012 to 2022; {name} as in statements.go.
const (
	// sqlSequenceTake takes the next id of a table, as the vendor documents it,
	// with one addition: only if nobody has taken it since it was read. So the
	// id is known, and recorded, before anything is written.
	sqlSequenceTake = `UPDATE {sequence} SET [next_id] = [next_id] + 1 WHERE [id] = @p1 AND [next_id] = @p2`

	// sqlEventInsert writes the event: scope 1 is system-wide, its owner 0. What
	// is not named may be NULL in every documented version.
	sqlEventInsert = `INSERT INTO {SystemEvent} ([SystemEvent_id], [scope], [owner], [eventkey], [eventmess], [registered], [registered_associate_id], [updated], [updated_associate_id], [updatedCount]) VALUES (@p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10)`

	// sqlEventDelete takes it away again, and only if it is still what was written.
	sqlEventDelete = `DELETE FROM {SystemEvent} WHERE [SystemEvent_id] = @p1 AND [eventkey] = @p2`
)

// A snapshot names every data file of the database, so that its statement is
// made of what sqlDataFiles tells (createSnapshot, dropSnapshot):
//
//	CREATE DATABASE [omt_...] ON (NAME = [file], FILENAME = N'path'), ... AS SNAPSHOT OF [database]
//	DROP DATABASE [omt_...]
