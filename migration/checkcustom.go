package migration

import (
	"context"
	"strings"
)

// checkCustomisations is the inventory of what may not work online ("customised
// solutions and integrations may not work", DOCS: migration guide), each with
// what to ask its supplier.
func checkCustomisations(ctx context.Context, k *checking, f *finding) error {
	list, err := k.Facts.Customisations(ctx)
	if err != nil {
		return err
	}
	names, err := k.dictionary(ctx)
	if err != nil {
		return err
	}
	cat, err := k.tables(ctx)
	if err != nil {
		return err
	}
	list = append(list, moduleCustoms(cat.Modules)...)
	list = append(list, partnerTables(cat, names, list)...)
	for _, c := range list {
		f.row(words(Msg("check.custom."+string(c.Kind))), value(c.Name), words(Msg("check.ask."+string(c.Kind))))
	}
	f.end(CheckWarning)
	return nil
}

// moduleCustoms sorts views, procedures, functions and triggers by kind.
// SuperOffice itself has none (SDK: Changing The Database).
func moduleCustoms(modules []Module) []Customisation {
	var out []Customisation
	for _, kind := range []CustomKind{CustomView, CustomProcedure, CustomFunction, CustomTrigger} {
		for _, m := range modules {
			if moduleKind(m.Type) == kind {
				out = append(out, Customisation{Kind: kind, Name: m.Schema + "." + m.Name})
			}
		}
	}
	return out
}

func moduleKind(typ string) CustomKind {
	switch {
	case typ == "VIEW":
		return CustomView
	case strings.HasSuffix(typ, "TRIGGER"):
		return CustomTrigger
	case strings.HasSuffix(typ, "PROCEDURE"):
		return CustomProcedure
	}
	return CustomFunction
}

// partnerTables are the tables that SuperOffice does not know: of another
// schema, or in its own without being registered.
func partnerTables(cat *Catalog, registered []string, customs []Customisation) []Customisation {
	known := map[string]bool{}
	for _, n := range registered {
		known[strings.ToLower(n)] = true
	}
	for _, c := range customs {
		if c.Table != "" {
			known[strings.ToLower(c.Table)] = true
		}
	}
	var out []Customisation
	for _, t := range cat.Tables {
		own := strings.EqualFold(t.Schema, cat.Schema)
		// Without a list of tables nothing of SuperOffice's own schema can be
		// called foreign.
		if own && (len(registered) == 0 || known[strings.ToLower(t.Name)] || dictionaryTable[strings.ToLower(t.Name)]) {
			continue
		}
		out = append(out, Customisation{Kind: CustomTable, Name: t.FullName()})
	}
	return out
}

// dictionaryTable are the tables in which SuperOffice before 8.1 keeps its
// dictionary; they have negative numbers (DOCS: special-tables).
var dictionaryTable = map[string]bool{
	"conceptualdatabase": true, "conceptualtable": true, "conceptualfield": true, "physicalschema": true, "physicaldatabase": true,
	"physicaltable": true, "physicalfield": true, "dicindex": true, "indexfield": true, "relationship": true,
}
