package types

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// packetSource is what the catalogue may name in runtime/packet: lang does not
// import runtime, so the names are read from its source.
type packetSource struct {
	consts  map[string]bool
	structs map[string]map[string]string // struct → field → type
}

func readPacket(t *testing.T) packetSource {
	t.Helper()
	const path = "../../runtime/packet/packet.go"
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the source of runtime/packet is not here: %v", err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := packetSource{map[string]bool{}, map[string]map[string]string{}}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				for _, s := range n.Specs {
					for _, id := range s.(*ast.ValueSpec).Names {
						p.consts[id.Name] = true
					}
				}
			}
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok {
				fields := map[string]string{}
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						if typ, ok := f.Type.(*ast.Ident); ok {
							fields[id.Name] = typ.Name
						} else {
							fields[id.Name] = "slice"
						}
					}
				}
				p.structs[n.Name.Name] = fields
			}
		}
		return true
	})
	return p
}

// goTypes are the types of packet.Packet that can hold a field's type.
var goTypes = map[Type][]string{
	Bool: {"bool"}, Int: {"uint8", "uint16", "uint32"}, Time: {"Time"}, IP: {"IP"}, MAC: {"MAC"}, String: {"slice"},
}

func TestFieldsAreInPacket(t *testing.T) {
	p := readPacket(t)
	for _, f := range Fields() {
		for _, need := range f.Need {
			if !p.consts[need] {
				t.Errorf("%s needs %s, which runtime/packet does not have", f.Name, need)
			}
		}
		if f.IsEither() {
			continue
		}
		if f.Mask != "" {
			if !p.consts[f.Mask] {
				t.Errorf("%s tests %s, which runtime/packet does not have", f.Name, f.Mask)
			}
			continue
		}
		typ := "Packet"
		for _, part := range strings.Split(f.Path, ".") {
			typ = p.structs[typ][part]
		}
		if !slices.Contains(goTypes[f.Type], typ) {
			t.Errorf("%s is %v, packet.Packet.%s is %q", f.Name, f.Type, f.Path, typ)
		}
	}
	for _, l := range Layers() {
		for _, need := range l.Need {
			if !p.consts[need] {
				t.Errorf("layer %s needs %s, which runtime/packet does not have", l.Name, need)
			}
		}
	}
}

func TestCatalogue(t *testing.T) {
	seen := map[string]string{}
	groups := map[string]bool{}
	for _, c := range Constants("") {
		groups[c.Group] = true
	}
	for _, f := range Fields() {
		names := append(append([]string{f.Name}, f.Aliases...), f.Old...)
		for _, n := range names {
			if other, dup := seen[n]; dup {
				t.Errorf("%q names both %s and %s", n, other, f.Name)
			}
			seen[n] = f.Name
			if got := LookupField(n); got == nil || got.Name != f.Name {
				t.Errorf("LookupField(%q) = %v, want %s", n, got, f.Name)
			}
		}
		if f.Doc == "" || strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s: Doc = %q, want a phrase without full stop", f.Name, f.Doc)
		}
		if LookupLayer(f.Layer) == nil {
			t.Errorf("%s: layer %q is unknown", f.Name, f.Layer)
		}
		if !strings.HasPrefix(f.Name, f.Layer+".") {
			t.Errorf("%s is listed under %s", f.Name, f.Layer)
		}
		if f.Group != "" && !groups[f.Group] {
			t.Errorf("%s: no constant is in group %q", f.Name, f.Group)
		}
		for _, e := range f.Either {
			if g := LookupField(e); g == nil || g.IsEither() || g.Type != f.Type {
				t.Errorf("%s: %q does not fit as one of either", f.Name, e)
			}
		}
		if f.IsEither() != (f.Path == "") {
			t.Errorf("%s: Path = %q, Either = %v", f.Name, f.Path, f.Either)
		}
	}
	if LookupField("ip.dts") != nil {
		t.Error("LookupField(ip.dts) found something")
	}
	if !IsOldName("tcp.sport") || IsOldName("dns.flags.rcode") {
		t.Error("IsOldName mixes up old names and long ones")
	}
}

func TestNameTables(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Constants("") {
		if seen[c.Name] || c.Doc == "" || c.Name != strings.ToUpper(c.Name) {
			t.Errorf("constant %q is a duplicate, undocumented or not in capitals", c.Name)
		}
		seen[c.Name] = true
		if got := LookupConstant(c.Name); got == nil || got.Value != c.Value {
			t.Errorf("LookupConstant(%q) = %v", c.Name, got)
		}
	}
	for _, b := range Builtins() {
		if b.Doc == "" || !strings.HasPrefix(b.Sign, b.Name) || LookupBuiltin(b.Name, b.Call) == nil {
			t.Errorf("builtin %q is not whole", b.Name)
		}
	}
	for _, k := range Kinds("") {
		if k.Doc == "" || LookupKind(k.Name) == nil || k.Value == Invalid {
			t.Errorf("kind %q is not whole", k.Name)
		}
		for _, a := range k.Args {
			if a.Doc == "" || a.Default.Type != Invalid && (a.Required || a.Default.Type != a.Type) {
				t.Errorf("kind %s: argument %q is not whole", k.Name, a.Name)
			}
		}
	}
	for _, n := range Names {
		if typ := ByName(n); typ.String() != n {
			t.Errorf("ByName(%q) = %v", n, typ)
		}
	}
}
