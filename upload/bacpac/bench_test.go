package bacpac

import (
	"strconv"
	"testing"
	"time"

	"omt/migration"
)

// BenchmarkPart encodes rows as SuperOffice's tables have them.
func BenchmarkPart(b *testing.B) {
	table := &migration.Table{Schema: "CRM7", Name: "appointment", Columns: []migration.Column{
		{Name: "appointment_id", Type: "int"}, {Name: "contact_id", Type: "int", Nullable: true}, {Name: "person_id", Type: "int", Nullable: true},
		{Name: "do_by", Type: "datetime", Nullable: true}, {Name: "done", Type: "datetime", Nullable: true}, {Name: "type", Type: "smallint", Nullable: true},
		{Name: "location", Type: "nvarchar", MaxLength: 510, Nullable: true}, {Name: "text", Type: "nvarchar", MaxLength: -1, Nullable: true},
		{Name: "registered", Type: "datetime", Nullable: true}, {Name: "cost", Type: "float", Nullable: true}, {Name: "encryptedCheck", Type: "int", Nullable: true},
	}}
	var rows [][]any
	for i := range 1000 {
		when := time.Date(2020, 1, 1+i%300, i%24, i%60, 0, 0, time.UTC)
		rows = append(rows, []any{
			int64(i), int64(i * 7919 % 5000), int64(i * 104729 % 20000), when, when.Add(time.Hour), int64(i % 6),
			"Møterom " + strconv.Itoa(i%13), "Ringe tilbake om tilbud " + strconv.Itoa(i*31%977) + " til Fjordlys Handel", when, float64(i) / 8, int64(i * 2654435761 % (1 << 30)),
		})
	}
	w := New()
	b.ReportAllocs()
	p, err := w.Part(table, 0)
	if err != nil {
		b.Fatal(err)
	}
	n, raw := 0, int64(0)
	for b.Loop() {
		if err := p.Row(rows[n%len(rows)]); err != nil {
			b.Fatal(err)
		}
		n++
		if p.RawSize() >= 8<<20 {
			raw += p.RawSize()
			if _, err := p.Finish(); err != nil {
				b.Fatal(err)
			}
			if p, err = w.Part(table, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	raw += p.RawSize()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(raw)/b.Elapsed().Seconds()/1e6, "MB/s")
}
