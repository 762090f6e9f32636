package check

import (
	"strings"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// maxKeyParts is the number of parts that a flow key may have; maxFields that of
// an entity. A key may hold an entity and more beside it.
const (
	maxKeyParts = 8
	maxFields   = 5
)

// keys types the parts of a key. An entity counts as its fields.
func (c *checker) keys(parts []ast.Expr) ([]types.Type, bool) {
	var out []types.Type
	good := true
	for _, e := range parts {
		if n, ok := unparen(e).(*ast.Name); ok && !strings.Contains(n.Name, ".") {
			if ent, ok := c.values[n.Name].(*Entity); ok && len(ent.Fields) != 1 {
				c.resolve(n)
				c.need(need{kind: needEntity, span: n.Span(), name: n.Name, entity: ent})
				for _, f := range ent.Fields {
					out = append(out, f.Type)
				}
				good = good && len(ent.Fields) > 0
				continue
			}
		}
		t := c.typed(e)
		if t != types.Invalid && !isKey(t) {
			d := c.errorf(diag.KeyMismatch, e, "%s cannot be part of a key", an(t))
			if t == types.Float {
				d.Hintf("fractions rarely compare equal; use a whole number")
			}
			t = types.Invalid
		}
		good = good && t != types.Invalid
		out = append(out, t)
	}
	if good && len(out) > maxKeyParts {
		c.errorf(diag.TooManyFields, parts[0], "this key has %d parts, at most %d are possible", len(out), maxKeyParts)
		good = false
	}
	return out, good
}

// isKey reports whether values of t can be part of a key.
func isKey(t types.Type) bool {
	switch t {
	case types.Bool, types.Int, types.Size, types.Duration, types.Time, types.IP, types.MAC, types.String:
		return true
	}
	return false
}

// sameKey reports whether two keys have the same layout.
func sameKey(a, b []types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !(isInt(a[i]) && isInt(b[i])) {
			return false
		}
	}
	return true
}

// keyText is "(ip, int)".
func keyText(key []types.Type) string {
	names := make([]string, len(key))
	for i, t := range key {
		names[i] = unitless(t).String()
	}
	if len(key) == 1 {
		return names[0]
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// tableKey checks a key of a table against its declaration.
func (c *checker) tableKey(t *Table, at ast.Node, parts []ast.Expr) bool {
	key, ok := c.keys(parts)
	if !ok || t.Key == nil {
		return false
	}
	if !sameKey(key, t.Key) {
		c.errorf(diag.KeyMismatch, at, "the key of table %q is %s, not %s", t.Name, keyText(t.Key), keyText(key)).
			Note(t.Decl.Span(), "table %q is declared here", t.Name)
		return false
	}
	return true
}

// flowKey checks a key of a metric against its first use, or makes this the
// first use.
func (c *checker) flowKey(m *Metric, at ast.Node, parts []ast.Expr) bool {
	key, ok := c.keys(parts)
	if !ok {
		return false
	}
	if m.keyed == nil {
		for i := range key {
			key[i] = unitless(key[i])
		}
		m.keyed, m.Key = at, key
		return true
	}
	if sameKey(key, m.Key) {
		return true
	}
	has := "the key of metric %q is %s"
	if len(m.Key) == 0 {
		c.errorf(diag.KeyMismatch, at, "metric %q has no key elsewhere, here it is %s", m.Name, keyText(key)).
			Note(m.keyed.Span(), "its first use, without a key")
		return false
	}
	if len(key) == 0 {
		has += ", here there is none"
		c.errorf(diag.KeyMismatch, at, has, m.Name, keyText(m.Key)).Note(m.keyed.Span(), "its first use")
		return false
	}
	c.errorf(diag.KeyMismatch, at, has+", not %s", m.Name, keyText(m.Key), keyText(key)).Note(m.keyed.Span(), "its first use")
	return false
}

// distinctKey is flowKey for what stands after new.
func (c *checker) distinctKey(m *Metric, k *ast.Key) {
	key, ok := c.keys(k.Parts)
	if !ok {
		return
	}
	if m.counted == nil {
		for i := range key {
			key[i] = unitless(key[i])
		}
		m.counted, m.Distinct = k, key
		return
	}
	if !sameKey(key, m.Distinct) {
		c.errorf(diag.KeyMismatch, k, "the distinct key of metric %q is %s, not %s", m.Name, keyText(m.Distinct), keyText(key)).
			Note(m.counted.Span(), "its first use")
	}
}
