package gogen

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"sort"
	"strings"
)

// Twins. A program that reads nothing of a packet but what packet.Head has is written twice:
// its methods over packets have twins over heads, word by word. Heads are one line each, and
// half the work to decode. Go has no type parameters over fields, so a twin is a copy of the
// source in which types and methods have other names:
//
//	// matchHeads is match for heads.
//	func (m *machine) matchHeads(packets []packet.Head) (any uint64) {
//
// Of a batch b the packets are b.Of; what else it has in common with packet.Heads is N, Plain and
// Time.
// A program that reads more where it handles packets, and no more to tell whose they are, has
// twins of the methods that steer.

// headFields are the fields of packet.Head. A test compares them with it.
var headFields = []string{"Has", "Src", "Dst", "SrcPort", "DstPort", "TCPFlags", "TCPWindow", "Time", "Len", "IPVersion", "Proto", "TTL"}

// twinOf are the types of a twin, by the name in package packet.
var twinOf = map[string]string{"Packet": "Head", "Batch": "Heads"}

// twinSuffix is what the names of twins end with.
const twinSuffix = "Heads"

// change puts text in place of src[from:to].
type change struct {
	from, to int
	text     string
}

// addTwins appends to the source of a program the twins of its methods, if it is one that
// heads suffice for.
func addTwins(src []byte) []byte {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return src // whoever builds it will say so
	}
	var all, steering []*ast.FuncDecl
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && takesPackets(f) {
			all = append(all, f)
			if slices.Contains([]string{"match", "Steer", "steer"}, f.Name.Name) {
				steering = append(steering, f)
			}
		}
	}
	for _, list := range [][]*ast.FuncDecl{all, steering} {
		t := twins{names: map[string]bool{}, offset: func(pos token.Pos) int { return files.PositionFor(pos, false).Offset }}
		for _, f := range list {
			t.names[f.Name.Name] = true
		}
		if t.names["match"] && (t.names["Process"] || t.names["Steer"]) && t.suffice(list) && t.areNew(tree) {
			return t.appendTo(src, list)
		}
	}
	return src
}

// twins is the methods over packets of one program.
type twins struct {
	names  map[string]bool
	offset func(token.Pos) int
}

// appendTo appends the twins of a list of methods.
func (t *twins) appendTo(src []byte, list []*ast.FuncDecl) []byte {
	out := bytes.NewBuffer(bytes.Clone(src))
	for _, f := range list {
		out.WriteString("\n// " + f.Name.Name + twinSuffix + " is " + f.Name.Name + " for heads.\n")
		out.Write(t.copy(src, f))
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// areNew reports whether nothing in the file has the name of a twin.
func (t *twins) areNew(tree *ast.File) bool {
	isNew := true
	ast.Inspect(tree, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			name, is := strings.CutSuffix(id.Name, twinSuffix)
			isNew = isNew && !(is && t.names[name])
		}
		return isNew
	})
	return isNew
}

// suffice reports whether heads suffice for all of a list of methods.
func (t *twins) suffice(list []*ast.FuncDecl) bool {
	return !slices.ContainsFunc(list, func(f *ast.FuncDecl) bool { return !t.suffices(f) })
}

// takesPackets reports whether a method has a parameter that is packets.
func takesPackets(f *ast.FuncDecl) (takes bool) {
	ast.Inspect(f.Type, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && isName(s.X, "packet") && twinOf[s.Sel.Name] != "" {
			takes = true
		}
		return true
	})
	return takes
}

func isName(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

// hasTwin reports whether it is a function of the runtime over packets that has a twin.
func hasTwin(s *ast.SelectorExpr) bool { return isName(s.X, "program") && s.Sel.Name == "Fill" }

// isWarm reports whether a call asks for packets that another processor may have decoded. Whoever is shown
// heads has made them: twins do without.
func isWarm(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	return ok && isName(s.X, "r") && s.Sel.Name == "Warm"
}

// suffices reports whether a method reads nothing of packets but what heads have. The
// variables of packets are called p, packets and b, here as in all generated code; what they
// are used for otherwise is asked for one by one, so that what is not known is no twin.
func (t *twins) suffices(f *ast.FuncDecl) bool {
	ok := true
	allowed := map[*ast.Ident]bool{}
	allow := func(x ast.Expr) {
		if id, is := x.(*ast.Ident); is {
			allowed[id] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			allow(n.Sel) // a field may have the name of a variable
			switch {
			case isName(n.X, "p"):
				ok = ok && slices.Contains(headFields, n.Sel.Name)
				allow(n.X)
			case isName(n.X, "b"):
				ok = ok && slices.Contains([]string{"N", "Packets", "Plain", "Time"}, n.Sel.Name)
				allow(n.X)
			}
		case *ast.CallExpr:
			s, is := n.Fun.(*ast.SelectorExpr)
			switch {
			case isName(n.Fun, "len"), is && isName(s.X, "m") && t.names[s.Sel.Name], is && hasTwin(s), isWarm(n):
				for _, arg := range n.Args {
					allow(arg)
				}
			}
		case *ast.IndexExpr:
			if isName(n.X, "packets") {
				allow(n.X)
			}
		case *ast.SliceExpr:
			if isName(n.X, "packets") {
				allow(n.X)
			}
		case *ast.RangeStmt:
			allow(n.X)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, x := range n.Lhs {
					allow(x)
				}
			}
		case *ast.Field:
			for _, name := range n.Names {
				allowed[name] = true
			}
		case *ast.Ident:
			if slices.Contains([]string{"p", "packets", "b"}, n.Name) && !allowed[n] {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// copy returns the source of a method's twin.
func (t *twins) copy(src []byte, f *ast.FuncDecl) []byte {
	var changes []change
	rename := func(id *ast.Ident, to string) {
		changes = append(changes, change{t.offset(id.Pos()), t.offset(id.End()), to})
	}
	rename(f.Name, f.Name.Name+twinSuffix)
	ast.Inspect(f, func(n ast.Node) bool {
		if x, ok := n.(*ast.ExprStmt); ok && isWarm(x.X) {
			changes = append(changes, line(src, t.offset(x.Pos()), t.offset(x.End())))
			return false
		}
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch {
		case isName(s.X, "packet") && twinOf[s.Sel.Name] != "":
			rename(s.Sel, twinOf[s.Sel.Name])
		case isName(s.X, "b") && s.Sel.Name == "Packets":
			rename(s.Sel, "Of")
		case isName(s.X, "m") && t.names[s.Sel.Name], hasTwin(s):
			rename(s.Sel, s.Sel.Name+twinSuffix)
		}
		return true
	})
	sort.Slice(changes, func(i, j int) bool { return changes[i].from < changes[j].from })
	at, end := t.offset(f.Type.Pos()), t.offset(f.End())
	var out []byte
	for _, c := range changes {
		out = append(append(out, src[at:c.from]...), c.text...)
		at = c.to
	}
	return append(out, src[at:end]...)
}

// line is the change that leaves out the line which src[from:to] is alone in.
func line(src []byte, from, to int) change {
	return change{bytes.LastIndexByte(src[:from], '\n') + 1, to + bytes.IndexByte(src[to:], '\n') + 1, ""}
}
