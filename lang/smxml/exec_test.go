package smxml

import (
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// TestExec reads commands: their arguments, a value written {}, or why they would need
// a shell.
func TestExec(t *testing.T) {
	tests := []struct{ command, want string }{
		{`date`, `date`},
		{` iptables  -A INPUT -s %ip_src -j DROP `, `iptables|-A|INPUT|-s|{}|-j|DROP`},
		{`/usr/sbin/nft add element '{ %ip_src }' %ts`, `/usr/sbin/nft|add|element|{ {} }|{}`},
		{`mail -s \"%domain_name is bad\" root`, `mail|-s|{} is bad|root`},
		{`mail --to="a b"'c d'e ""`, `mail|--to=a bc de|`},
		{`x '$(a) | b; c > d'`, "refused"}, // the action ends at ";"
		{`x '$(a) | b > c'`, `x|$(a) | b > c`},
		{`x 'a\nb' 'c\\d'`, "x|a\nb|c\\d"},
		{`x "it's" 'say "hi"'`, `x|it's|say "hi"`},
		{`x 100% a=b %ip_src-%ip_dst`, `x|100%|a=b|{}-{}`},
		{`x | y`, `"|" would need a shell`},
		{`x > /tmp/y`, `">" would need a shell`},
		{`x < y`, `"<" would need a shell`},
		{`x & y`, `"&" would need a shell`},
		{`x $HOME`, `"$" would need a shell`},
		{`x "$HOME"`, `"$" would need a shell`},
		{"x `y`", "\"`\" would need a shell"},
		{"x \"`y`\"", "\"`\" would need a shell"},
		{`x *`, `"*" would need a shell`},
		{`x ~/y`, `"~" would need a shell`},
		{`x a\nb`, `"\\" would need a shell`},
		{`x 'a`, `"'" is not closed`},
		{``, `there is no program`},
		{`''`, `there is no program`},
		{`%domain_name x`, `a packet would choose the program`},
		{`x%ip_src y`, `a packet would choose the program`},
		{`A=b x`, `"A=b" is no program`},
		{`'a b' x`, `"a b" is no program`},
		{`bin/x`, `"bin/x" is neither a name nor a whole path`},
		{strings.Repeat("x ", 65), `more than 64 arguments`},
	}
	for _, tt := range tests {
		action := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace("exec(" + tt.command + ")")
		text := `<botstream><statedef id="0"/><event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">` +
			`<condition expression="true" action="` + action + `"/></state></event></botstream>`
		file, diags := Parse(source.NewFile("x.xml", []byte(text)), nil)
		got := ""
		ast.Walk(file, func(n ast.Node) bool {
			if a, ok := n.(*ast.ExecAction); ok {
				got = argsText(a)
			}
			return true
		})
		for _, d := range diags {
			switch {
			case d.Code == diag.ExecRefused:
				_, got, _ = strings.Cut(d.Message, "logged: ")
			case d.Severity == diag.Error:
				got = "refused"
			}
		}
		if got != tt.want {
			t.Errorf("exec(%s) is read as %s, want %s", tt.command, got, tt.want)
		}
	}
}

// argsText writes the arguments with "|" between them and {} for values.
func argsText(a *ast.ExecAction) string {
	var out []string
	for _, s := range a.Args {
		text := ""
		for _, p := range s.Parts {
			if p.Expr != nil {
				text += "{}"
			} else {
				text += p.Text
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "|")
}
