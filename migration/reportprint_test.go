package migration_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"omt/migration"
)

// printedPages are all pages for people, with something in each of their parts.
func printedPages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	keep := func(name string, b []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(b)
	}
	b, err := hostileCertificate().HTML("de")
	keep("report", b, err)
	b, err = hostileReport(t).HTML("de")
	keep("check", b, err)
	w := newWorld(t, newFakeSource(1, 5, 3))
	w.src.addDocument(50, "gone.docx", nil)
	w.mustRun(w.plan)
	w.findMissing(twinSource{w.src}, func(m *migration.Migration, p *migration.RecoveryPreview) error {
		b, err := m.MissingHTML(context.Background(), p, "de")
		keep("missing", b, err)
		return nil
	})
	return pages
}

// TestPagesPrintWell: what a browser needs to print a page: a language to break
// words by, heads of tables that are repeated, rows and headings that are not torn
// apart, nothing that needs colour, width or a background, and no link's address.
// How it then looks on A4 and Letter was looked at in Chromium.
func TestPagesPrintWell(t *testing.T) {
	table := regexp.MustCompile(`(?s)<table>.*?</table>`)
	for name, page := range printedPages(t) {
		if !strings.Contains(page, `<html lang="de">`) {
			t.Errorf("%s: the page has no language", name)
		}
		tables := table.FindAllString(page, -1)
		if len(tables) < 2 {
			t.Errorf("%s: %d tables", name, len(tables))
		}
		for _, x := range tables {
			head, body, found := strings.Cut(x, "<tbody>")
			if !found || !strings.HasSuffix(x, "</tbody></table>") {
				t.Errorf("%s: a table without a body: %.80s", name, x)
			}
			if strings.Contains(head, "<th") && (!strings.Contains(head, "<thead><tr><th scope=\"col\"") || strings.Contains(head, "<td")) {
				t.Errorf("%s: the head is not repeated: %s", name, head)
			}
			if strings.Contains(body, "<th>") || strings.Contains(body, `scope="col"`) || strings.Contains(x, "style=") {
				t.Errorf("%s: a head within the rows, or style of its own: %.200s", name, x)
			}
		}
		checkPrintStyle(t, name, page)
	}
}

func checkPrintStyle(t *testing.T, name, page string) {
	t.Helper()
	_, css, _ := strings.Cut(page, "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	screen, paper, found := strings.Cut(css, "@media print {")
	if !found {
		t.Fatalf("%s: no style for the printer", name)
	}
	for _, c := range []struct{ in, want string }{
		{screen, `body {[^}]*overflow-wrap: anywhere`},
		{screen, `table {[^}]*width: 100%`},
		{screen, `@page {[^}]*margin:`},
		{paper, `body {[^}]*color: #000[^}]*background: none[^}]*max-width: none`},
		{paper, `h1, h2, [^}]*{ break-after: avoid`},
		{paper, `[^}]*\btr {[^}]*break-inside: avoid`},
		{paper, `thead { display: table-header-group`},
		{paper, `a { color: inherit; text-decoration: none`},
		{paper, `\.warning, \.failed { color: inherit`},
	} {
		if !regexp.MustCompile(c.want).MatchString(c.in) {
			t.Errorf("%s: the style has no %s", name, c.want)
		}
	}
	// A size would force one paper on the printers of the other.
	for _, bad := range []string{`[^-]size:`, `attr\(href`, `background-`, `position: fixed`, `overflow: hidden`} {
		if regexp.MustCompile(bad).MatchString(css) {
			t.Errorf("%s: the style has %s", name, bad)
		}
	}
	// A state is said by its words, not by its colour alone.
	for _, m := range regexp.MustCompile(`class="(?:w )?(?:passed|warning|failed)">([^<]*)<`).FindAllStringSubmatch(page, -1) {
		if strings.TrimSpace(m[1]) == "" {
			t.Errorf("%s: a state without words", name)
		}
	}
}

// TestReportSaysThatAListIsCut: the page names 5000 of what was left out at most,
// and says how many there are.
func TestReportSaysThatAListIsCut(t *testing.T) {
	r := hostileCertificate()
	r.Kinds["document"][migration.Missing] = migration.Tally{Count: 7123}
	r.Recovery.ChangedTotal, r.Orphans.Total = 2345, 3456
	html, err := r.HTML("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<p>1 of 7,123 are shown.</p>", "<p>1 of 2,345 are shown.</p>", "<p>1 of 3,456 are shown.</p>"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	r.Kinds["document"][migration.Missing] = migration.Tally{Count: 1}
	r.Recovery.ChangedTotal, r.Orphans.Total = 1, 1
	if html, err = r.HTML("en"); err != nil || strings.Contains(string(html), "are shown") {
		t.Errorf("a list that is whole is said to be cut: %v", err)
	}
}
