package mssql

// ordered reads columns that may be descending.
func (p *parser) ordered() []*expr {
	var out []*expr
	for {
		c := p.column()
		if c.desc = p.word("DESC"); !c.desc {
			p.word("ASC")
		}
		out = append(out, c)
		if !p.accept(",") {
			return out
		}
	}
}

// page reads OFFSET and FETCH, which SQL Server takes behind ORDER BY only and
// not beside TOP.
func (p *parser) page(q *query) {
	if !p.word("OFFSET") {
		return
	}
	if q.top != nil {
		p.fail()
	}
	q.offset = p.term()
	p.expectWord("ROWS")
	p.expectWord("FETCH")
	p.expectWord("NEXT")
	q.fetch = p.term()
	p.expectWord("ROWS")
	p.expectWord("ONLY")
}

// choice reads CASE with one condition and NULL for what meets it.
func (p *parser) choice() *expr {
	p.expectWord("CASE")
	p.expectWord("WHEN")
	e := &expr{kind: caseExpr, name: "CASE", args: []*expr{p.condition()}}
	p.expectWord("THEN")
	p.expectWord("NULL")
	p.expectWord("ELSE")
	e.args = append(e.args, p.value())
	p.expectWord("END")
	return e
}
