package check

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
)

// MaxArgs bounds the arguments of exec, its program included.
const MaxArgs = 64

// exec checks a command. Its program is text that stands in the source: no packet
// chooses what runs. Values stand in the other arguments, one whole argument or a part
// of it each.
func (c *checker) exec(a *ast.ExecAction) {
	for _, s := range a.Args {
		c.message(s)
	}
	if len(a.Args) == 0 {
		c.errorf(diag.BadExec, a, "exec has no program").Hintf("%s", execForm)
		return
	}
	first := a.Args[0]
	var text strings.Builder
	for _, p := range first.Parts {
		if p.Expr != nil {
			c.errorf(diag.BadExec, p, "the program of exec is fixed, it holds no values").Hintf("values stand in the arguments after it")
			return
		}
		text.WriteString(p.Text)
	}
	switch path := text.String(); {
	case path == "":
		c.errorf(diag.BadExec, first, "exec has an empty program").Hintf("%s", execForm)
	case strings.ContainsAny(path, " \t\n"):
		c.errorf(diag.BadExec, first, "the program of exec is one word, not %q", path).
			Hintf("there is no shell: each argument is a string of its own, as in exec \"nft\" \"list\"")
	case strings.Contains(path, "/") && !strings.HasPrefix(path, "/"):
		c.errorf(diag.BadExec, first, "the program of exec is a name or a whole path, not %q", path)
	}
	if len(a.Args) > MaxArgs {
		c.errorf(diag.BadExec, a.Args[MaxArgs], "exec has %d arguments, at most %d are allowed", len(a.Args), MaxArgs)
	}
	for _, s := range a.Args {
		for _, p := range s.Parts {
			if strings.ContainsRune(p.Text, 0) {
				c.errorf(diag.BadExec, s, "an argument of exec cannot hold a NUL")
			}
		}
	}
}

// execForm shows how exec is written.
const execForm = `write exec "PROGRAM" "ARGUMENT" …`
