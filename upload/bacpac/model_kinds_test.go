package bacpac

import (
	"slices"
	"strings"
	"testing"

	"omt/migration"
)

// kinds are the elements of the order table as the published schema and models
// that DacFx built have them: what stands in the element, by its head.
var kinds = map[string]string{
	`"SqlCheckConstraint" Name="[shop].[CK_price]"`: `<Property Name="CheckExpressionScript"<Value([price]>=(0))>>` +
		`<Relationship Name="CheckExpressionDependencies"<Entry<References Name="[shop].[Order].[price]">>>` +
		`<Relationship Name="DefiningTable"<Entry<References Name="[shop].[Order]">>>`,
	`"SqlCheckConstraint"`: `<Property Name="CheckExpressionScript"<Value([quantity]>(0) OR [total] IS NULL)>>` +
		`<Relationship Name="CheckExpressionDependencies"<Entry<References Name="[shop].[Order].[quantity]">><Entry<References Name="[shop].[Order].[total]">>>` +
		`<Relationship Name="DefiningTable"<Entry<References Name="[shop].[Order]">>>` +
		`<Annotation Type="SqlInlineConstraintAnnotation" Name="[shop].[CK__2]">`,
	`"SqlDefaultConstraint" Name="[shop].[DF_number]"`: `<Property Name="DefaultExpressionScript"<Value(NEXT VALUE FOR [shop].[OrderNo])>>` +
		`<Relationship Name="DefiningTable"<Entry<References Name="[shop].[Order]">>>` +
		`<Relationship Name="ExpressionDependencies"<Entry<References Name="[shop].[OrderNo]">>>` +
		`<Relationship Name="ForColumn"<Entry<References Name="[shop].[Order].[number]">>>`,
	`"SqlForeignKeyConstraint" Name="[shop].[FK_contact]"`: `<Property Name="OnDeleteAction" Value="2"><Property Name="OnUpdateAction" Value="1">` +
		`<Relationship Name="Columns"<Entry<References Name="[shop].[Order].[contact]">>>` +
		`<Relationship Name="DefiningTable"<Entry<References Name="[shop].[Order]">>>` +
		`<Relationship Name="ForeignColumns"<Entry<References Name="[CRM7].[contact].[contact_id]">>>` +
		`<Relationship Name="ForeignTable"<Entry<References Name="[CRM7].[contact]">>>`,
	`"SqlIndex" Name="[shop].[Order].[IX_open]"`: `<Property Name="FilterPredicate"<Value([quantity]>(0) AND [phone]<>'[total]')>>` +
		`<Relationship Name="BodyDependencies"<Entry<References Name="[shop].[Order].[quantity]">><Entry<References Name="[shop].[Order].[phone]">>>` +
		`<Relationship Name="ColumnSpecifications"<Entry<Element Type="SqlIndexedColumnSpecification"<Property Name="IsAscending" Value="False">` +
		`<Relationship Name="Column"<Entry<References Name="[shop].[Order].[total]">>>>>>` +
		`<Relationship Name="IncludedColumns"<Entry<References Name="[shop].[Order].[phone]">>>` +
		`<Relationship Name="IndexedObject"<Entry<References Name="[shop].[Order]">>>`,
	`"SqlSequence" Name="[shop].[OrderNo]"`: `<Property Name="IsCycling" Value="True"><Property Name="HasNoMaxValue" Value="False"><Property Name="HasNoMinValue" Value="False">` +
		`<Property Name="MinValue" Value="1000"><Property Name="MaxValue" Value="99999"><Property Name="Increment" Value="5"><Property Name="StartValue" Value="1045"><Property Name="CacheSize" Value="20">` +
		`<Relationship Name="Schema"<Entry<References Name="[shop]">>>` +
		`<Relationship Name="TypeSpecifier"<Entry<Element Type="SqlTypeSpecifier"<Relationship Name="Type"<Entry<References ExternalSource="BuiltIns" Name="[bigint]">>>>>>`,
	`"SqlUserDefinedDataType" Name="[shop].[Phone]"`: `<Property Name="Length" Value="30">` +
		`<Relationship Name="Schema"<Entry<References Name="[shop]">>>` +
		`<Relationship Name="Type"<Entry<References ExternalSource="BuiltIns" Name="[nvarchar]">>>`,
}

// columns are what stands within the order table.
var columnKinds = []string{
	`<Entry<Element Type="SqlSimpleColumn" Name="[shop].[Order].[id]"<Property Name="IsNullable" Value="False"><Property Name="IsIdentity" Value="True"><Property Name="IdentitySeed" Value="-7"><Property Name="IdentityIncrement" Value="3">`,
	`<Entry<Element Type="SqlSimpleColumn" Name="[shop].[Order].[quantity]"<Property Name="IsSparse" Value="True">`,
	`<Entry<Element Type="SqlComputedColumn" Name="[shop].[Order].[total]"<Property Name="ExpressionScript"<Value([price]*[quantity])>><Property Name="IsPersisted" Value="True">` +
		`<Relationship Name="ExpressionDependencies"<Entry<References Name="[shop].[Order].[price]">><Entry<References Name="[shop].[Order].[quantity]">>>>>` +
		`<Entry<Element Type="SqlSimpleColumn" Name="[shop].[Order].[phone]"<Relationship Name="TypeSpecifier"<Entry<Element Type="SqlTypeSpecifier"<Relationship Name="Type"<Entry<References Name="[shop].[Phone]">>>>>>`,
	`<Property Name="IsRowGuidColumn" Value="True">`,
}

// TestModelOfDataAlone: users, logins, roles and permissions, which the importing
// side refuses, are no part of a model, nor is anything else that this package
// does not know how to write.
func TestModelOfDataAlone(t *testing.T) {
	raw, err := modelXML(sampleCatalog())
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields("SqlDatabaseOptions SqlSchema SqlTable SqlPrimaryKeyConstraint SqlUniqueConstraint SqlDefaultConstraint SqlCheckConstraint " +
		"SqlForeignKeyConstraint SqlIndex SqlSequence SqlUserDefinedDataType")
	met := map[string]bool{}
	for _, e := range parseModel(t, raw).Children[0].Children {
		if met[e.attr("Type")] = true; !slices.Contains(known, e.attr("Type")) {
			t.Errorf("the model has a %s", e.attr("Type"))
		}
	}
	if len(met) != len(known) {
		t.Errorf("%d kinds of elements, want %d: %v", len(met), len(known), met)
	}
}

func TestModelKinds(t *testing.T) {
	raw, err := modelXML(sampleCatalog())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	var last string
	for _, e := range parseModel(t, raw).Children[0].Children {
		flat := e.flat()
		kind := e.attr("Type")
		if kind != "SqlDatabaseOptions" && kind < last {
			t.Errorf("%s stands behind %s", kind, last)
		}
		if kind != "SqlDatabaseOptions" {
			last = kind
		}
		head, rest, _ := strings.Cut(strings.TrimPrefix(flat, "<Element Type="), "<")
		found[head] = strings.TrimSuffix("<"+rest, ">")
		if strings.Contains(flat, `Name="[shop].[Order].[id]"`) && kind == "SqlTable" {
			for _, c := range columnKinds {
				if !strings.Contains(flat, c) {
					t.Errorf("table lacks %s:\n%s", c, flat)
				}
			}
		}
	}
	for head, want := range kinds {
		if found[head] != want {
			t.Errorf("%s is\n%s\nwant\n%s", head, found[head], want)
		}
	}
}

func TestNextNumber(t *testing.T) {
	for _, c := range []struct {
		s    migration.Sequence
		want string
	}{
		{migration.Sequence{Start: "5"}, "5"},
		{migration.Sequence{Start: "1", Increment: "1", Current: "9", Maximum: "10"}, "10"},
		{migration.Sequence{Start: "1", Increment: "1", Current: "10", Minimum: "1", Maximum: "10", Cycle: true}, "1"},
		{migration.Sequence{Start: "1", Increment: "1", Current: "10", Minimum: "1", Maximum: "10"}, "10"},
		{migration.Sequence{Start: "9", Increment: "-2", Current: "3", Minimum: "1", Maximum: "10"}, "1"},
		{migration.Sequence{Start: "9", Increment: "-2", Current: "2", Minimum: "1", Maximum: "10", Cycle: true}, "10"},
		{migration.Sequence{Start: "1", Increment: "10", Current: "99999999999999999999999999999999999990"}, "100000000000000000000000000000000000000"},
	} {
		if got := nextNumber(c.s); got != c.want {
			t.Errorf("%+v goes on with %s, want %s", c.s, got, c.want)
		}
	}
}
