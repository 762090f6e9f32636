package check

import (
	"strconv"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// entities gives every entity its key fields and size.
func (c *checker) entities() {
	for _, e := range c.p.Entities {
		c.entityFields(e)
		args := c.arguments(e.Decl.Options, argOptions, "an entity")
		e.Capacity, e.Reject = int(args["capacity"].I), args["full"].S == "reject"
	}
}

func (c *checker) entityFields(e *Entity) {
	d := e.Decl
	if len(d.Fields) > maxFields {
		c.errorf(diag.TooManyFields, d.Fields[maxFields], "entity %q has %d fields, at most %d are possible", e.Name, len(d.Fields), maxFields)
	}
	seen := map[string]*ast.Ident{}
	for i, f := range d.Fields {
		t := c.typeName(f.Type)
		if t != types.Invalid && !isKey(t) {
			c.errorf(diag.KeyMismatch, f.Type, "%s cannot be part of a key", an(t))
			t = types.Invalid
		}
		o := &EntityField{Entity: e, Name: e.Name, Type: unitless(t), Index: i}
		switch {
		case f.Name == nil && len(d.Fields) > 1:
			o.Name = "key" + strconv.Itoa(i+1)
		case f.Name != nil:
			o.Name = f.Name.Name
			c.fieldName(e, f.Name, seen)
		}
		e.Fields = append(e.Fields, o)
	}
}

// fieldName checks the name of an entity's field.
func (c *checker) fieldName(e *Entity, id *ast.Ident, seen map[string]*ast.Ident) {
	if first := seen[id.Name]; first != nil {
		c.redeclared(id, first)
		return
	}
	seen[id.Name] = id
	if f := types.LookupField(e.Name + "." + id.Name); f != nil {
		c.errorf(diag.Redeclared, id, "%s.%s is a packet field", e.Name, id.Name).
			Hintf("give the entity or its field another name")
	}
}

// typeName returns the type that a declaration names.
func (c *checker) typeName(n *ast.TypeName) types.Type {
	t := types.ByName(n.Name)
	if t == types.Invalid {
		d := c.errorf(diag.UnknownType, n, "unknown type %q", n.Name).Suggest(nearest(n.Name, append([]string(nil), types.Names...)))
		if n.Name == "net" {
			d.Hintf("networks stand in lists; a key or a value is an ip")
		} else if d.Hint == "" {
			d.Hintf("types are bool, int, float, duration, time, size, ip, mac and string")
		}
	}
	return t
}

// tables gives every table its key, in which entities count as their fields, and
// its value.
func (c *checker) tables() {
	for _, t := range c.p.Tables {
		good := true
		for _, k := range t.Decl.Keys {
			if e, ok := c.values[k.Name].(*Entity); ok {
				e.used = true
				for _, f := range e.Fields {
					t.Key, t.Parts = append(t.Key, f.Type), append(t.Parts, f.Name)
				}
				good = good && len(e.Fields) > 0
				continue
			}
			kt := c.typeName(k)
			if kt != types.Invalid && !isKey(kt) {
				c.errorf(diag.KeyMismatch, k, "%s cannot be part of a key", an(kt))
				kt = types.Invalid
			}
			good = good && kt != types.Invalid
			t.Key, t.Parts = append(t.Key, unitless(kt)), append(t.Parts, "")
		}
		if good && len(t.Key) > maxKeyParts {
			c.errorf(diag.TooManyFields, t.Decl.Keys[0], "the key of table %q has %d parts, at most %d are possible", t.Name, len(t.Key), maxKeyParts)
			good = false
		}
		for _, kt := range t.Key {
			good = good && kt != types.Invalid
		}
		if !good {
			t.Key, t.Parts = nil, nil
		}
		t.Value = c.typeName(t.Decl.Type)
		if t.Value == types.String {
			c.errorf(diag.BadArgument, t.Decl.Type, "a table cannot hold texts").Hintf("it holds numbers, addresses, times or truth values")
			t.Value = types.Invalid
		}
		args := c.arguments(t.Decl.Options, argOptions, "a table")
		t.Capacity, t.Reject = int(args["capacity"].I), args["full"].S == "reject"
	}
}
