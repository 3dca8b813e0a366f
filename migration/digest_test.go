package migration_test

import (
	"testing"
	"time"

	"omt/migration"
)

// TestDigestForm holds the digest against values that a few lines of Python made
// by the description in upload/FORMAT.md.
func TestDigestForm(t *testing.T) {
	d, err := migration.NewRowDigest([]migration.DigestColumn{
		{Name: "id", Type: "int"}, {Name: "ratio", Type: "float"}, {Name: "done", Type: "bit"}, {Name: "text", Type: "nvarchar"},
		{Name: "raw", Type: "varbinary"}, {Name: "cost", Type: "decimal", Precision: 18, Scale: 4}, {Name: "at", Type: "datetime"},
		{Name: "clock", Type: "time"}, {Name: "zoned", Type: "datetimeoffset"}, {Name: "none", Type: "bigint"},
	})
	if err != nil {
		t.Fatal(err)
	}
	row := []any{
		int64(-70000), -1.5, true, "Bergström 😀", []byte{0, 0xff, 0x10}, []byte("-012.5000"),
		time.Date(1969, 12, 31, 0, 0, 1, 3_000_000, time.UTC), time.Date(1, 1, 1, 1, 1, 1, 100, time.UTC),
		time.Unix(1_700_000_000, 0).In(time.FixedZone("", 3600)), nil,
	}
	for _, want := range []struct {
		rows int
		sum  string
	}{
		{1, "172fbaa39657c82949476e659889e12a5fdf6ee40a6968f050b2662a6e933296"},
		{2, "2e5f75472caf9052928edccb3113c254bfbeddc814d2d1e0a164cc54dd26652c"},
	} {
		for range want.rows {
			if err := d.Row(row); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.Take(); err != nil || got.String() != want.sum {
			t.Errorf("%d rows: %v, %v, want %s", want.rows, got, err, want.sum)
		}
	}
	large, err := migration.NewRowDigest([]migration.DigestColumn{{Name: "x", Type: "image"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Row([]any{make([]byte, migration.LargeCell+1)}); err != nil {
		t.Fatal(err)
	}
	if got, err := large.Take(); err != nil || got.String() != "754eb853e2388fccd738eedfefd1125b4617552f7e57a12ec9cf924507762123" {
		t.Errorf("large cell: %v, %v", got, err)
	}
}
