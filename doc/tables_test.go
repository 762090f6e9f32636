package doc_test

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// TestTables compares the generated tables with the catalogues.
func TestTables(t *testing.T) {
	fresh := map[string]string{}
	for _, g := range generated {
		if _, met := fresh[g.page]; !met {
			fresh[g.page] = read(t, g.page)
		}
		begin, end := "<!-- begin "+g.name+" -->\n", "<!-- end "+g.name+" -->"
		head, rest, ok := strings.Cut(fresh[g.page], begin)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Errorf("%s has no %q … %q", g.page, strings.TrimSpace(begin), end)
			continue
		}
		fresh[g.page] = head + begin + g.make() + end + tail
	}
	for page, text := range fresh {
		switch {
		case text == read(t, page):
		case *update:
			write(t, page, text)
		default:
			t.Errorf("the tables of %s are not those of the catalogues: go test ./doc -update", page)
		}
	}
}

// generated are the tables, by their page and the name in their markers.
var generated = []struct {
	page, name string
	make       func() string
}{
	{"language.md", "fields", fieldTable}, {"language.md", "layers", layerTable},
	{"language.md", "constants", constantTable}, {"language.md", "builtins", builtinTable},
	{"language.md", "kinds", kindTable}, {"language.md", "statements", statementTable}, {"language.md", "actions", actionTable},
	{"diagnostics.md", "errors", func() string { return codeTable(isError) }},
	{"diagnostics.md", "warnings", func() string { return codeTable(isWarning) }},
	{"diagnostics.md", "xml", func() string { return codeTable(isOfXML) }},
}

func isError(c diag.Code) bool   { return !c.IsWarning() && !isOfXML(c) }
func isWarning(c diag.Code) bool { return c.IsWarning() && !isOfXML(c) }

// isOfXML reports whether only programs in XML, or those that become such, get a code.
func isOfXML(c diag.Code) bool { return strings.Contains(c.Doc(), "XML") }

// markdown escapes what a table of Markdown would take for something else.
var markdown = strings.NewReplacer("|", `\|`, "<", `\<`, `\`, `\\`, "&", "&amp;", "[", `\[`)

// codeTable lists the codes of one kind as smcc explain has them.
func codeTable(is func(diag.Code) bool) string {
	var s strings.Builder
	s.WriteString("| code | when | what to do |\n|---|---|---|\n")
	for _, c := range diag.Codes() {
		if !is(c) {
			continue
		}
		when := c.Doc()
		for _, verb := range []string{" occurs when ", " warns of "} {
			if _, after, ok := strings.Cut(when, verb); ok {
				when = after
				break
			}
		}
		fmt.Fprintf(&s, "| `%v` | %s | %s |\n", c, markdown.Replace(strings.TrimSuffix(when, ".")), markdown.Replace(strings.TrimSuffix(c.Fix(), ".")))
	}
	return s.String()
}

func fieldTable() string {
	var s strings.Builder
	s.WriteString("| field | type | meaning | other names |\n|---|---|---|---|\n")
	for _, f := range types.Fields() {
		doc := f.Doc
		if f.IsEither() {
			doc += "; stands for " + code(f.Either, " and ")
		}
		if f.Group != "" {
			doc += " (constants: " + f.Group + ")"
		}
		other := code(f.Aliases, ", ")
		if len(f.Old) > 0 {
			if other != "" {
				other += "; "
			}
			other += "old: " + code(f.Old, ", ")
		}
		fmt.Fprintf(&s, "| `%s` | %v | %s | %s |\n", f.Name, f.Type, doc, other)
	}
	return s.String()
}

func code(names []string, sep string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	return strings.Join(quoted, sep)
}

func layerTable() string {
	var s strings.Builder
	s.WriteString("| layer | true when the packet has |\n|---|---|\n")
	for _, l := range types.Layers() {
		fmt.Fprintf(&s, "| `%s` | %s |\n", l.Name, l.Doc)
	}
	return s.String()
}

func constantTable() string {
	var s strings.Builder
	s.WriteString("| constant | value | group | meaning |\n|---|---|---|---|\n")
	for _, c := range types.Constants("") {
		value := fmt.Sprint(c.Value)
		if c.Group == "flags" || c.Group == "tlsversion" {
			value = fmt.Sprintf("0x%x", c.Value)
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s |\n", c.Name, value, c.Group, c.Doc)
	}
	return s.String()
}

func builtinTable() string {
	var s strings.Builder
	s.WriteString("| builtin | takes | yields | meaning |\n|---|---|---|---|\n")
	for _, b := range types.Builtins() {
		takes, yields := "", b.Result.String()
		switch {
		case b.Name == "both":
			takes, yields = "two values of one type", "a key"
		case b.Call && b.Args == types.Invalid:
			takes, yields = "numbers of one unit", "the same"
		case b.Call:
			takes = b.Args.String()
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s |\n", b.Sign, takes, yields, b.Doc)
	}
	return s.String()
}

// statementTable has what only stands in a handler, and operations.
func statementTable() string {
	var s strings.Builder
	s.WriteString("| statement | effect |\n|---|---|\n")
	for _, part := range []types.Part{types.Operation, types.Condition} {
		for _, st := range types.Statements(part) {
			fmt.Fprintf(&s, "| `%s` | %s |\n", st.Sign, st.Doc)
		}
	}
	s.WriteString("| `ACTION` | the same as `always { ACTION }` |\n")
	return s.String()
}

func actionTable() string {
	var s strings.Builder
	s.WriteString("| action | effect |\n|---|---|\n")
	for _, st := range types.Statements(types.Action) {
		fmt.Fprintf(&s, "| `%s` | %s |\n", st.Sign, st.Doc)
	}
	return s.String()
}

func kindTable() string {
	var s strings.Builder
	s.WriteString("| kind | after | reads | argument | type | default | allowed | meaning |\n|---|---|---|---|---|---|---|---|\n")
	for _, k := range types.Kinds("") {
		head := fmt.Sprintf("| `%s` | `%s` | %v ", k.Name, k.Role, k.Value)
		for _, a := range k.Args {
			typ, def := a.Type.String(), ""
			if a.Type == types.Invalid {
				typ, def = "word", "evict"
			}
			switch {
			case a.Required:
				def = "**required**"
			case a.Default.Type != types.Invalid:
				def = value(a.Default.Type, a.Default.Number())
			}
			fmt.Fprintf(&s, "%s| `%s` | %s | %s | %s | %s |\n", head, a.Name, typ, def, limits(a), a.Doc)
			head = "| | | "
		}
	}
	return s.String()
}

func limits(a types.KindArg) string {
	if a.Type == types.Invalid {
		return "`evict`, `reject`"
	}
	low := value(a.Type, a.Min)
	if a.Type == types.Duration && int64(a.Min)%1000 == 1 {
		return "above " + value(a.Type, a.Min-1) + ", to " + value(a.Type, a.Max)
	}
	return low + " to " + value(a.Type, a.Max)
}

// value prints a number as a program would.
func value(typ types.Type, x float64) string {
	if typ != types.Duration {
		if n := int64(x); float64(n) == x && n >= 1<<20 && n&(n-1) == 0 {
			return fmt.Sprintf("2^%d", bits.TrailingZeros64(uint64(n)))
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	for _, u := range []struct {
		size float64
		name string
	}{{86400e9, "d"}, {3600e9, "h"}, {60e9, "m"}, {1e9, "s"}, {1e6, "ms"}} {
		if x >= u.size && x == float64(int64(x/u.size))*u.size {
			if u.name == "m" && x == 60e9 {
				return "60s"
			}
			return fmt.Sprintf("%d%s", int64(x/u.size), u.name)
		}
	}
	return fmt.Sprintf("%vns", x)
}
