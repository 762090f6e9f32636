package smon

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/streamon/streamon/lang/ast"
)

// Every declaration and every statement but an assignment begins with a word of its own.
// Participle would try the members of a union one by one, and makes a node for each;
// so the grammar that parses has a function in place of the large unions, which looks at
// the word and has participle parse that production alone. [Grammar] is built with
// the unions, and a test holds the two together.

// Grammar returns the grammar in EBNF as participle understands it.
func Grammar() string {
	return participle.MustBuild[ast.File](append(options(),
		participle.Union[ast.Decl](
			&ast.ParamDecl{}, &ast.ListDecl{}, &ast.EntityDecl{}, &ast.MetricDecl{}, &ast.TableDecl{},
			&ast.FeatureDecl{}, &ast.EventDecl{}, &ast.InDecl{}, &ast.StateDecl{}, &ast.Handler{},
		),
		participle.Union[ast.Stmt](
			&ast.AssignAction{}, &ast.When{}, &ast.Otherwise{}, &ast.Always{}, &ast.OpAction{},
			&ast.ResetAction{}, &ast.DeleteAction{}, &ast.AlertAction{}, &ast.LogAction{},
			&ast.PublishAction{}, &ast.DropAction{}, &ast.BlockAction{}, &ast.CaptureAction{},
			&ast.ExecAction{}, &ast.StartAction{}, &ast.StopAction{},
		),
		participle.Union[ast.Action](
			&ast.AssignAction{}, &ast.OpAction{},
			&ast.ResetAction{}, &ast.DeleteAction{}, &ast.AlertAction{}, &ast.LogAction{},
			&ast.PublishAction{}, &ast.DropAction{}, &ast.BlockAction{}, &ast.CaptureAction{},
			&ast.ExecAction{}, &ast.StartAction{}, &ast.StopAction{},
		),
	)...).String() + "\n"
}

// options are those of both grammars. Lookahead 0 means that a production that began to
// match must go on; where two begin alike the tags say what to look ahead for.
func options() []participle.Option {
	return []participle.Option{
		participle.Lexer(definition{}),
		participle.Elide("Space", "Comment"),
		participle.UseLookahead(0),
		participle.ParseTypeWith(parseExpr),
		participle.Union[ast.Trigger](&ast.PacketTrigger{}, &ast.TimeoutTrigger{}, &ast.EveryTrigger{}),
	}
}

// productions is the root of the grammar that parses: a file, and what is parsed alone.
type productions struct {
	File *ast.File `parser:"@@"`

	Param   *ast.ParamDecl   `parser:"| @@"`
	List    *ast.ListDecl    `parser:"| @@"`
	Entity  *ast.EntityDecl  `parser:"| @@"`
	Metric  *ast.MetricDecl  `parser:"| @@"`
	Table   *ast.TableDecl   `parser:"| @@"`
	Feature *ast.FeatureDecl `parser:"| @@"`
	Event   *ast.EventDecl   `parser:"| @@"`
	In      *ast.InDecl      `parser:"| @@"`
	State   *ast.StateDecl   `parser:"| @@"`
	Handler *ast.Handler     `parser:"| @@"`

	When      *ast.When      `parser:"| @@"`
	Otherwise *ast.Otherwise `parser:"| @@"`
	Always    *ast.Always    `parser:"| @@"`

	Assign  *ast.AssignAction  `parser:"| @@"`
	Op      *ast.OpAction      `parser:"| @@"`
	Reset   *ast.ResetAction   `parser:"| @@"`
	Delete  *ast.DeleteAction  `parser:"| @@"`
	Alert   *ast.AlertAction   `parser:"| @@"`
	Log     *ast.LogAction     `parser:"| @@"`
	Publish *ast.PublishAction `parser:"| @@"`
	Drop    *ast.DropAction    `parser:"| @@"`
	Block   *ast.BlockAction   `parser:"| @@"`
	Capture *ast.CaptureAction `parser:"| @@"`
	Exec    *ast.ExecAction    `parser:"| @@"`
	Start   *ast.StartAction   `parser:"| @@"`
	Stop    *ast.StopAction    `parser:"| @@"`
}

// production parses one production, whose first token is known to fit.
type production[N any] func(lex *lexer.PeekingLexer) (N, error)

// The productions by the word that they begin with, and those that begin with a name.
// build fills them.
var (
	program production[*ast.File]
	decls   map[string]production[ast.Decl]
	stmts   map[string]production[ast.Stmt]
	actions map[string]production[ast.Action]
	assign  production[*ast.AssignAction]
)

// build makes the grammar, once, and not before a program is parsed: it takes a
// millisecond, beside the scanner.
var build = sync.OnceFunc(func() {
	g := participle.MustBuild[productions](append(options(),
		participle.ParseTypeWith(parseDecl), participle.ParseTypeWith(parseStmt), participle.ParseTypeWith(parseAction))...)
	program = single[ast.File, *ast.File](g)
	assign = single[ast.AssignAction, *ast.AssignAction](g)
	decls = map[string]production[ast.Decl]{
		"param": single[ast.ParamDecl, ast.Decl](g), "list": single[ast.ListDecl, ast.Decl](g),
		"entity": single[ast.EntityDecl, ast.Decl](g), "metric": single[ast.MetricDecl, ast.Decl](g),
		"table": single[ast.TableDecl, ast.Decl](g), "feature": single[ast.FeatureDecl, ast.Decl](g),
		"event": single[ast.EventDecl, ast.Decl](g), "in": single[ast.InDecl, ast.Decl](g),
		"state": single[ast.StateDecl, ast.Decl](g), "on": single[ast.Handler, ast.Decl](g),
	}
	op := single[ast.OpAction, ast.Action](g)
	actions = map[string]production[ast.Action]{
		"set": op, "get": op,
		"reset": single[ast.ResetAction, ast.Action](g), "delete": single[ast.DeleteAction, ast.Action](g),
		"alert": single[ast.AlertAction, ast.Action](g), "log": single[ast.LogAction, ast.Action](g),
		"publish": single[ast.PublishAction, ast.Action](g), "drop": single[ast.DropAction, ast.Action](g),
		"block": single[ast.BlockAction, ast.Action](g), "capture": single[ast.CaptureAction, ast.Action](g),
		"exec": single[ast.ExecAction, ast.Action](g), "start": single[ast.StartAction, ast.Action](g),
		"stop": single[ast.StopAction, ast.Action](g),
	}
	stmts = map[string]production[ast.Stmt]{
		"when": single[ast.When, ast.Stmt](g), "otherwise": single[ast.Otherwise, ast.Stmt](g), "always": single[ast.Always, ast.Stmt](g),
	}
})

// single returns what parses the production of node type T, as an N.
func single[T, N any](g *participle.Parser[productions]) production[N] {
	parser, err := participle.ParserForProduction[T](g)
	if err != nil {
		panic(err) // productions lacks it
	}
	trailing := participle.AllowTrailing(true)
	return func(lex *lexer.PeekingLexer) (N, error) {
		node, err := parser.ParseFromLexer(lex, trailing)
		return any(node).(N), err
	}
}

// parseFile is the production File.
func parseFile(lex *lexer.PeekingLexer) (*ast.File, error) {
	build()
	return program(lex)
}

// parseDecl is the production Decl.
func parseDecl(lex *lexer.PeekingLexer) (ast.Decl, error) {
	if t := lex.Peek(); t.Type == tokIdent {
		if parse := decls[t.Value]; parse != nil {
			return parse(lex)
		}
	}
	return nil, participle.NextMatch
}

// parseStmt is the production Stmt.
func parseStmt(lex *lexer.PeekingLexer) (ast.Stmt, error) {
	if t := lex.Peek(); t.Type == tokIdent && !isAssignment(lex) {
		if parse := stmts[t.Value]; parse != nil {
			return parse(lex)
		}
	}
	a, err := parseAction(lex)
	if err != nil {
		return nil, err
	}
	return a.(ast.Stmt), nil
}

// parseAction is the production Action. What begins with none of the words is an
// assignment, or the error that it is none.
func parseAction(lex *lexer.PeekingLexer) (ast.Action, error) {
	if t := lex.Peek(); t.Type == tokIdent && !isAssignment(lex) {
		if parse := actions[t.Value]; parse != nil {
			return parse(lex)
		}
	}
	return assign(lex)
}

// isAssignment reports whether a name and a bracket follow: a table may have the name of
// a statement.
func isAssignment(lex *lexer.PeekingLexer) bool {
	here := lex.MakeCheckpoint()
	lex.Next()
	bracket := lex.Peek().Value == "["
	lex.LoadCheckpoint(here)
	return bracket
}
