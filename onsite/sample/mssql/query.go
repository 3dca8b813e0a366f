package mssql

// query is a SELECT as far as the list of statements goes.
type query struct {
	distinct bool
	top      *expr
	items    []item
	from     *source // nil without FROM
	joins    []join
	where    *expr
	group    []*expr
	order    []*expr
	offset   *expr // with fetch, else nil
	fetch    *expr
}

type item struct {
	e    *expr
	name string // after AS
}

// source is a table or a derived table.
type source struct {
	schema, name string
	alias        string
	sub          *query
	called       bool    // a function that gives a table
	args         []*expr // of it
}

type join struct {
	left bool
	src  source
	on   *expr
}

// exprKind is the kind of an expression.
type exprKind uint8

const (
	columnExpr exprKind = iota
	intExpr
	textExpr
	nullExpr
	paramExpr
	globalExpr
	starExpr
	callExpr
	castExpr
	concatExpr
	compareExpr
	isNullExpr
	inExpr
	likeExpr
	andExpr
	orExpr
	caseExpr
)

// expr is an expression or condition.
type expr struct {
	kind  exprKind
	name  string // column, function (upper case), operator, literal, parameter
	alias string // before the point of a column
	typ   string // of a cast, lower case, as written
	not   bool   // IS NOT NULL
	desc  bool   // in ORDER BY
	args  []*expr
}
