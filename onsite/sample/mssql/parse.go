package mssql

import (
	"strings"
)

// parser reads tokens. After the first error it sees nothing but the end, so
// that all its loops stop.
type parser struct {
	toks  []token
	at    int
	depth int // of parentheses
	err   error
}

// parse reads one SELECT, with or without a semicolon at its end.
func parse(toks []token) (*query, error) {
	p := &parser{toks: toks}
	q := p.query(false)
	p.accept(";")
	if p.peek().kind != endToken {
		p.fail()
	}
	return q, p.err
}

func (p *parser) peek() token {
	if p.err != nil {
		return token{}
	}
	return p.toks[p.at]
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != endToken {
		p.at++
	}
	return t
}

// fail refuses the token at hand.
func (p *parser) fail() {
	if p.err != nil {
		return
	}
	t := p.peek()
	switch {
	case t.kind == wordToken && reserved[strings.ToLower(t.text)]:
		p.err = errKeyword(t.text)
	case t.kind == endToken && p.at > 0:
		p.err = errSyntax(p.toks[p.at-1].text)
	default:
		p.err = errSyntax(t.text)
	}
}

// accept takes a sign if it comes next.
func (p *parser) accept(sign string) bool {
	if t := p.peek(); t.kind == signToken && t.text == sign {
		p.at++
		return true
	}
	return false
}

// nest takes an opening parenthesis if it comes next; unnest takes the closing
// one.
func (p *parser) nest() bool {
	if !p.accept("(") {
		return false
	}
	if p.depth++; p.depth > maxDepth {
		p.err = errNested
	}
	return true
}

func (p *parser) unnest() {
	p.depth--
	p.expect(")")
}

func (p *parser) expect(sign string) {
	if !p.accept(sign) {
		p.fail()
	}
}

// word takes a keyword if it comes next.
func (p *parser) word(w string) bool {
	if t := p.peek(); t.kind == wordToken && strings.EqualFold(t.text, w) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expectWord(w string) {
	if !p.word(w) {
		p.fail()
	}
}

// ident takes a name.
func (p *parser) ident() string {
	t := p.peek()
	if t.kind != nameToken && (t.kind != wordToken || reserved[strings.ToLower(t.text)]) {
		p.fail()
		return ""
	}
	p.at++
	return t.text
}

func (p *parser) query(inside bool) *query {
	p.expectWord("SELECT")
	q := &query{distinct: p.word("DISTINCT")}
	if p.word("TOP") {
		p.expect("(")
		q.top = p.term()
		p.expect(")")
	}
	for {
		it := item{e: p.value()}
		if p.word("AS") {
			it.name = p.ident()
		}
		q.items = append(q.items, it)
		if !p.accept(",") {
			break
		}
	}
	if p.word("FROM") {
		s := p.source()
		q.from = &s
		p.joins(q)
		if p.word("WHERE") {
			q.where = p.condition()
		}
		if p.word("GROUP") {
			p.expectWord("BY")
			q.group = p.columns()
		}
		if p.word("ORDER") {
			p.expectWord("BY")
			q.order = p.ordered()
			p.page(q)
		}
	}
	if inside && q.order != nil && q.top == nil && q.fetch == nil && p.err == nil {
		p.err = errOrderInside
	}
	return q
}

func (p *parser) columns() []*expr {
	var out []*expr
	for {
		out = append(out, p.column())
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) source() source {
	if p.nest() {
		s := source{sub: p.query(true)}
		p.unnest()
		// SQL Server wants a name for every derived table.
		p.expectWord("AS")
		s.alias = p.ident()
		return s
	}
	s := source{name: p.ident()}
	if p.accept(".") {
		s.schema, s.name = s.name, p.ident()
	}
	s.alias = s.name
	if s.called = p.accept("("); s.called {
		s.args = append(s.args, p.term())
		for p.accept(",") {
			s.args = append(s.args, p.term())
		}
		p.expect(")")
	}
	if p.word("AS") {
		s.alias = p.ident()
	}
	return s
}

func (p *parser) joins(q *query) {
	for {
		j := join{left: p.word("LEFT")}
		switch {
		case j.left:
			p.word("OUTER")
			p.expectWord("JOIN")
		case p.word("INNER"):
			p.expectWord("JOIN")
		case !p.word("JOIN"):
			return
		}
		j.src = p.source()
		p.expectWord("ON")
		j.on = p.condition()
		q.joins = append(q.joins, j)
	}
}

func (p *parser) condition() *expr {
	e := p.conjunction()
	for p.word("OR") {
		e = &expr{kind: orExpr, args: []*expr{e, p.conjunction()}}
	}
	return e
}

func (p *parser) conjunction() *expr {
	e := p.predicate()
	for p.word("AND") {
		e = &expr{kind: andExpr, args: []*expr{e, p.predicate()}}
	}
	return e
}

func (p *parser) predicate() *expr {
	if p.nest() {
		e := p.condition()
		p.unnest()
		return e
	}
	left := p.value()
	switch {
	case p.word("IS"):
		e := &expr{kind: isNullExpr, not: p.word("NOT"), args: []*expr{left}}
		p.expectWord("NULL")
		return e
	case p.word("IN"):
		p.expect("(")
		e := &expr{kind: inExpr, args: []*expr{left, p.literal()}}
		for p.accept(",") {
			e.args = append(e.args, p.literal())
		}
		p.expect(")")
		return e
	}
	if p.word("LIKE") {
		return &expr{kind: likeExpr, args: []*expr{left, p.literal()}}
	}
	for _, op := range []string{"=", "<>", "<=", ">=", "<", ">"} {
		if p.accept(op) {
			return &expr{kind: compareExpr, name: op, args: []*expr{left, p.value()}}
		}
	}
	p.fail()
	return &expr{kind: nullExpr}
}

func (p *parser) literal() *expr {
	switch p.peek().kind {
	case intToken, textToken:
		return p.term()
	}
	p.fail()
	return &expr{kind: nullExpr}
}

func (p *parser) value() *expr {
	e := p.term()
	for p.accept("+") {
		e = &expr{kind: concatExpr, args: []*expr{e, p.term()}}
	}
	return e
}

func (p *parser) term() *expr {
	t := p.peek()
	switch t.kind {
	case intToken:
		return &expr{kind: intExpr, name: p.next().text}
	case textToken:
		return &expr{kind: textExpr, name: p.next().text}
	case paramToken:
		return &expr{kind: paramExpr, name: p.next().text}
	case globalToken:
		return &expr{kind: globalExpr, name: strings.ToUpper(p.next().text)}
	case wordToken:
		if strings.EqualFold(t.text, "NULL") {
			p.at++
			return &expr{kind: nullExpr}
		}
		if strings.EqualFold(t.text, "CASE") {
			return p.choice()
		}
		if next := p.toks[p.at+1]; next.kind == signToken && next.text == "(" {
			return p.call()
		}
	}
	return p.column()
}

func (p *parser) column() *expr {
	e := &expr{kind: columnExpr, name: p.ident()}
	if p.accept(".") {
		e.alias = e.name
		// After a point SQL Server takes this reserved word as a name.
		if t := p.peek(); t.kind == wordToken && strings.EqualFold(t.text, "precision") {
			e.name = p.next().text
		} else {
			e.name = p.ident()
		}
	}
	return e
}

// functions that the list has.
var functions = words("max sum count count_big coalesce cast serverproperty databasepropertyex collationproperty db_name db_id quotename has_perms_by_name datalength substring")

func (p *parser) call() *expr {
	if !functions[strings.ToLower(p.peek().text)] {
		p.fail()
		return &expr{kind: nullExpr}
	}
	e := &expr{kind: callExpr, name: strings.ToUpper(p.next().text)}
	if !p.nest() {
		p.fail()
	}
	switch {
	case e.name == "CAST":
		e.kind = castExpr
		e.args = []*expr{p.value()}
		p.expectWord("AS")
		e.typ = p.typeName()
	case e.name == "COUNT_BIG", e.name == "COUNT":
		p.expect("*")
		e.args = []*expr{{kind: starExpr}}
	case p.accept(")"):
		p.depth--
		return e
	default:
		e.args = append(e.args, p.value())
		for p.accept(",") {
			e.args = append(e.args, p.value())
		}
	}
	p.unnest()
	return e
}

func (p *parser) typeName() string {
	name := strings.ToLower(p.ident())
	if p.accept("(") {
		t := p.next()
		if t.kind != intToken && !strings.EqualFold(t.text, "max") {
			p.fail()
		}
		name += "(" + strings.ToLower(t.text)
		if p.accept(",") {
			if t = p.next(); t.kind != intToken {
				p.fail()
			}
			name += ", " + t.text
		}
		name += ")"
		p.expect(")")
	}
	return name
}
