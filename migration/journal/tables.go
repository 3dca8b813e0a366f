package journal

import "slices"

var (
	metaTable = &table{name: "meta", keys: 1, columns: []column{
		{"name", text}, {"value", blob}}}

	runTable = &table{name: "runs", keys: 1, columns: []column{
		{"id", text}, {"seq", integer}, {"mode", text}, {"state", text}, {"reason", text}, {"ticket", text},
		{"host", text}, {"tool", text}, {"target", text}, {"started", text}, {"ended", text}, {"settings", blob}}}

	noteTable = &table{name: "notes", keys: 2, columns: []column{
		{"run", text}, {"name", text}, {"body", blob}}}

	rangeTable = &table{name: "ranges", keys: 3, columns: []column{
		{"run", text}, {"tbl", text}, {"seq", integer}, {"lo", nullable}, {"hi", nullable},
		{"rows", integer}, {"done", integer}}}

	memberTable = &table{name: "members", keys: 2, columns: []column{
		{"run", text}, {"name", text}, {"tbl", text}, {"part", integer}, {"rng", integer}, {"rows", integer},
		{"crc32", integer}, {"raw", integer}, {"packed", integer}, {"size", integer}, {"method", integer},
		{"sha256", blob}, {"md5", blob}, {"block", text}, {"pos", integer}, {"at", text}, {"digest", blob}}}

	// memberTable1 is memberTable before version 3.
	memberTable1 = &table{name: "members", keys: 2, columns: memberTable.columns[:len(memberTable.columns)-1]}

	objectTable = &table{name: "objects", keys: 2, order: []int{0, 2, 1}, rank: 2, hint: "INDEXED BY objects_order", columns: []column{
		{"kind", text}, {"key", text}, {"row", integer}, {"target", text}, {"folded", text}, {"source", text},
		{"owner", text}, {"size", integer}, {"mtime", text}, {"sha256", blob}, {"md5", blob}, {"outcome", text},
		{"reason", blob}, {"run", text}, {"attempts", integer}, {"shared_kind", text}, {"shared_key", text}, {"at", text}}}

	// earlierTable holds objects of the run before the present one.
	earlierTable = &table{name: "earlier", keys: 2, order: []int{0, 1}, columns: objectTable.columns}

	claimTable = &table{name: "claims", keys: 1, order: []int{0}, columns: []column{
		{"folded", text}, {"kind", text}, {"key", text}}}

	ledgerTable = &table{name: "ledger", keys: 1, columns: []column{
		{"name", text}, {"records", integer}, {"total", integer}}}
)

// Objects are always read through their index, by the audit too, so that an index
// that lost an entry cannot hide a row later. Without the hint SQLite may sort
// a million rows in memory instead.
const objectOrder = `kind,"row","key"`

// counted are the tables whose records the ledger counts: small ones, that Open
// reads, and large ones with a record for every object, that are read beside the
// work.
var (
	small   = []*table{metaTable, runTable, noteTable, rangeTable, memberTable}
	large   = []*table{objectTable, claimTable, earlierTable}
	counted = slices.Concat(small, large)
)

func (r *Run) record(seq int64) record {
	return record{r.ID, seq, r.Mode, r.State, r.Reason, r.TicketID, r.Host, r.Tool, r.Target,
		encodeTime(r.Started), encodeTime(r.Ended), encodeBytes(r.Settings)}
}

func readRun(r record) (Run, error) {
	f := fields{r: r}
	x := Run{ID: f.text()}
	f.int()
	x.Mode, x.State, x.Reason, x.TicketID = f.text(), f.text(), f.text(), f.text()
	x.Host, x.Tool, x.Target = f.text(), f.text(), f.text()
	x.Started, x.Ended, x.Settings = f.time(), f.time(), f.bytes()
	return x, decoded(runTable, r, f.err)
}

func (r *Range) record() record {
	var done int64
	if r.Done {
		done = 1
	}
	return record{r.Run, r.Table, int64(r.Seq), encodeInt(r.Lo), encodeInt(r.Hi), r.Rows, done}
}

func readRange(r record) (Range, error) {
	f := fields{r: r}
	x := Range{Run: f.text(), Table: f.text(), Seq: int(f.int()), Lo: f.optional(), Hi: f.optional(), Rows: f.int()}
	x.Done = f.int() != 0
	return x, nil
}

func (m *Member) record() record {
	return record{m.Run, m.Name, m.Table, int64(m.Part), int64(m.Range), m.Rows, int64(m.CRC32), m.RawSize,
		m.PackedSize, m.Size, int64(m.Method), encodeHash(m.SHA256[:]), encodeHash(m.MD5[:]), m.BlockID, m.Offset, encodeTime(m.At),
		encodeHash(m.Digest[:])}
}

func readMember(r record) (Member, error) {
	f := fields{r: r}
	x := Member{Run: f.text(), Name: f.text(), Table: f.text(), Part: int(f.int()), Range: int(f.int()), Rows: f.int()}
	x.CRC32, x.RawSize, x.PackedSize, x.Size = uint32(f.int()), f.int(), f.int(), f.int()
	x.Method = uint16(f.int())
	f.hash(x.SHA256[:])
	f.hash(x.MD5[:])
	x.BlockID, x.Offset, x.At = f.text(), f.int(), f.time()
	f.hash(x.Digest[:])
	return x, decoded(memberTable, r, f.err)
}

func (o *Object) record() record {
	return record{o.Kind, o.Key, o.Row, o.Target, o.Folded, o.Source, o.Owner, o.Size, encodeTime(o.ModTime),
		encodeHash(o.SHA256[:]), encodeHash(o.MD5[:]), o.Outcome, encodeBytes(o.Reason), o.Run, int64(o.Attempts),
		o.SharedKind, o.SharedKey, encodeTime(o.At)}
}

func readObject(r record) (Object, error) {
	f := fields{r: r}
	x := Object{Kind: f.text(), Key: f.text(), Row: f.int(), Target: f.text(), Folded: f.text(), Source: f.text()}
	x.Owner, x.Size, x.ModTime = f.text(), f.int(), f.time()
	f.hash(x.SHA256[:])
	f.hash(x.MD5[:])
	x.Outcome, x.Reason, x.Run, x.Attempts = f.text(), f.bytes(), f.text(), int(f.int())
	x.SharedKind, x.SharedKey, x.At = f.text(), f.text(), f.time()
	return x, decoded(objectTable, r, f.err)
}

// decoded turns a value that cannot be read back into damage: the checksum was
// right, so a foreign program wrote the row.
func decoded(t *table, r record, err error) error {
	if err == nil {
		return nil
	}
	return damaged(t.describe(r), "%v", err)
}
