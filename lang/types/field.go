package types

import (
	"slices"
	"strings"
	"sync"
)

// Field is one entry of the catalogue of packet fields, or a pair of them.
type Field struct {
	Name    string   // canonical: Wireshark's display-filter name, short where that is long
	Aliases []string // Wireshark's own names where ours are shorter; accepted silently
	Old     []string // names of the paper and of the XML dialect; accepted with a warning
	Type    Type
	Layer   string // the layer it is listed under, see [Layers]

	// Need names bits of packet.Layers: the field is valid iff the packet has
	// one of them. Empty: always valid.
	Need []string

	// Path is where it stands in packet.Packet, and Mask, if not empty, the
	// constant of package packet to test there for a bool field.
	Path, Mask string

	// Either holds the names of two fields: a comparison with this one holds if
	// it holds for one of them (for both, with != and not in). Such a field is
	// nothing but the left or right side of a comparison.
	Either []string

	Max   int64  // largest value of an int; 0 = not known
	Group string // group of the constants that fit, see [Constants]
	Doc   string
}

// IsEither reports whether f stands for two fields.
func (f *Field) IsEither() bool { return len(f.Either) > 0 }

type fieldIndex struct {
	byName map[string]*Field
	old    map[string]bool
	names  []string // canonical, sorted
}

var fields = sync.OnceValue(func() fieldIndex {
	ix := fieldIndex{byName: map[string]*Field{}, old: map[string]bool{}}
	for i := range catalogue {
		f := &catalogue[i]
		ix.byName[f.Name] = f
		ix.names = append(ix.names, f.Name)
		for _, a := range f.Aliases {
			ix.byName[a] = f
		}
		for _, a := range f.Old {
			ix.byName[a] = f
			ix.old[a] = true
		}
	}
	slices.Sort(ix.names)
	return ix
})

// LookupField returns the field of that name or alias, or nil.
func LookupField(name string) *Field { return fields().byName[name] }

// IsOldName reports whether name is an alias that only old programs use.
func IsOldName(name string) bool { return fields().old[name] }

// Fields returns the catalogue in the order of the manual. Callers must not
// change it.
func Fields() []Field { return catalogue }

// FieldNames returns the canonical names, sorted; with a prefix ("tcp.") only
// those that begin so.
func FieldNames(prefix string) []string {
	var out []string
	for _, n := range fields().names {
		if strings.HasPrefix(n, prefix) {
			out = append(out, n)
		}
	}
	return out
}

// AllFieldNames returns canonical names and aliases, sorted, for suggestions.
func AllFieldNames() []string {
	out := make([]string, 0, len(fields().byName))
	for n := range fields().byName {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// CanonicalName returns the canonical name of a field, or name itself when that is no
// field's.
func CanonicalName(name string) string {
	if f := LookupField(name); f != nil {
		return f.Name
	}
	return name
}
