package bacpac

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path"
	"regexp"
	"strings"

	"omt/migration"
)

const contentTypes = bom + `<?xml version="1.0" encoding="utf-8"?>` +
	`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="xml" ContentType="text/xml" />` +
	`<Default Extension="BCP" ContentType="application/octet-stream" />` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" /></Types>`

// originTime is how DacFx writes times; the zero time stands for an end that
// is not known, and is what its own exports have.
const originTime = "2006-01-02T15:04:05.0000000-07:00"

// relsXML names table and schema of every data part. Importers find the data
// by it, not by the member names.
func relsXML(c *migration.Catalog, parts []migration.MemberInfo) ([]byte, error) {
	// By folder and not by full name, which [a.b].[c] and [a].[b.c] share.
	tables := make(map[string]*migration.Table, len(c.Tables))
	for _, t := range c.Tables {
		tables[path.Dir(partName(t, 0))] = t
	}
	var b bytes.Buffer
	b.WriteString(bom + `<?xml version="1.0" encoding="utf-8"?>` +
		`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, p := range parts {
		t := tables[path.Dir(p.Name)]
		if t == nil || p.Table != t.FullName() || p.Name != partName(t, p.Part) {
			return nil, fmt.Errorf("relate member %s: it is not a part of a table %q in the catalogue", p.Name, p.Table)
		}
		for _, r := range []string{"table=" + t.Name, "schema=" + t.Schema} {
			fmt.Fprintf(&b, `<Relationship Type="%s" Target="%s" Id="%s" />`,
				escapeXML(r), escapeXML("/"+p.Name), relationID(r, p.Name))
		}
	}
	b.WriteString(`</Relationships>`)
	return b.Bytes(), nil
}

// relationID is R and 16 hex digits, unique in the package. DacFx draws it by
// chance; a digest keeps the same package the same bytes.
func relationID(kind, name string) string {
	sum := sha256.Sum256([]byte(kind[:strings.IndexByte(kind, '=')] + "\x00" + name))
	return fmt.Sprintf("R%x", sum[:8])
}

// originXML says where the package comes from, with the checksum of the model
// and the number of rows. Elements and their order are those of DacFx.
func originXML(c *migration.Catalog, model []byte, s migration.PackageStats) []byte {
	end := "0001-01-01T00:00:00.0000000"
	if !s.Finished.IsZero() {
		end = s.Finished.Format(originTime)
	}
	var b bytes.Buffer
	line := func(depth int, format string, args ...any) {
		b.WriteString("\r\n" + strings.Repeat("  ", depth))
		fmt.Fprintf(&b, format, args...)
	}
	b.WriteString(bom + `<?xml version="1.0" encoding="utf-8"?>`)
	line(0, `<DacOrigin xmlns="%s">`, dacNamespace)
	line(1, `<PackageProperties>`)
	line(2, `<Version>3.1.0.0</Version>`)
	line(2, `<ContainsExportedData>true</ContainsExportedData>`)
	line(2, `<StreamVersions>`)
	line(3, `<Version StreamName="Data">2.0.0.0</Version>`)
	line(3, `<Version StreamName="DeploymentContributors">1.0.0.0</Version>`)
	line(2, `</StreamVersions>`)
	line(1, `</PackageProperties>`)
	line(1, `<Operation>`)
	line(2, `<Identity>%s</Identity>`, escapeXML(s.ID))
	line(2, `<Start>%s</Start>`, s.Started.Format(originTime))
	line(2, `<End>%s</End>`, end)
	line(2, `<ProductName>%s</ProductName>`, escapeXML(s.Tool))
	line(2, `<ProductVersion>%s</ProductVersion>`, toolVersion(s.Tool))
	line(2, `<ProductSchema>%s</ProductSchema>`, dacNamespace)
	line(1, `</Operation>`)
	line(1, `<Server>`)
	line(2, `<ServerVersion>%s</ServerVersion>`, escapeXML("Microsoft SQL Server - "+c.ServerVersion))
	line(2, `<ObjectCounts>`)
	for _, n := range objectCounts(c) {
		line(3, `<%s>%d</%s>`, n.name, n.count, n.name)
	}
	line(2, `</ObjectCounts>`)
	line(1, `</Server>`)
	line(1, `<ExportStatistics>`)
	line(2, `<SourceDatabaseSize>%d</SourceDatabaseSize>`, c.SizeKB)
	line(2, `<TableRowCountTotalTag>%d</TableRowCountTotalTag>`, s.Rows)
	line(1, `</ExportStatistics>`)
	line(1, `<Checksums>`)
	line(2, `<Checksum Uri="/%s">%X</Checksum>`, modelName, sha256.Sum256(model))
	line(1, `</Checksums>`)
	line(1, `<ModelSchemaVersion>%s</ModelSchemaVersion>`, schemaVersion)
	line(0, `</DacOrigin>`)
	return b.Bytes()
}

var dottedNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+){1,3}`)

// toolVersion is the first dotted number in the tool's name and version, as an
// importer may parse the element as a version.
func toolVersion(tool string) string {
	if v := dottedNumber.FindString(tool); v != "" {
		return v
	}
	return "0.0.0.0"
}

type objectCount struct {
	name  string
	count int
}

// objectCounts counts the elements of the model by name, in DacFx's
// alphabetical order, without zeros.
func objectCounts(c *migration.Catalog) []objectCount {
	kinds := map[migration.IndexKind]int{}
	var columns, computed, checks, defaults, keys int
	for _, t := range c.Tables {
		columns += len(t.Data())
		computed += len(t.Modelled()) - len(t.Data())
		for i := range t.Columns {
			defaults += one(t.CarriesDefault(&t.Columns[i]))
		}
		for i := range t.Checks {
			checks += one(t.CarriesCheck(&t.Checks[i]))
		}
		for i := range t.ForeignKeys {
			keys += one(c.CarriesForeignKey(t, &t.ForeignKeys[i]))
		}
		for i := range t.Indexes {
			kinds[t.Indexes[i].Kind] += one(t.CarriesIndex(&t.Indexes[i]))
		}
	}
	var out []objectCount
	for _, n := range []objectCount{
		{"CheckConstraint", checks},
		{"ComputedColumn", computed},
		{"DatabaseOptions", 1},
		{"DefaultConstraint", defaults},
		{"ForeignKeyConstraint", keys},
		{"Index", kinds[migration.PlainIndex]},
		{"PrimaryKeyConstraint", kinds[migration.PrimaryKey]},
		{"Schema", len(schemaNames(c))},
		{"Sequence", len(c.Sequences)},
		{"SimpleColumn", columns},
		{"Table", len(c.Tables)},
		{"UniqueConstraint", kinds[migration.UniqueConstraint]},
		{"UserDefinedDataType", len(c.Types)},
	} {
		if n.count > 0 {
			out = append(out, n)
		}
	}
	return out
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
