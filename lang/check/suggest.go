package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/types"
)

// nearest is diag.Nearest over names in any order: it sorts them, so that the
// guess is the same in every run.
func nearest(name string, names []string) string {
	slices.Sort(names)
	return diag.Nearest(name, names)
}

// nearestField returns the name of the field whose name or alias is most like name, or "".
func nearestField(name string) string {
	if f := types.LookupField(nearest(name, types.AllFieldNames())); f != nil {
		return f.Name
	}
	return ""
}

// valueNames returns what a name without dots could have meant, likelier ones
// first: of equally near names the first is suggested.
func (c *checker) valueNames(name string) []string {
	own := slices.Sorted(maps.Keys(c.values))
	words, constants := []string{"true", "false"}, []string(nil)
	for _, b := range types.Builtins() {
		if !b.Call {
			words = append(words, b.Name)
		}
	}
	for _, l := range types.Layers() {
		words = append(words, l.Name)
	}
	for _, k := range types.Constants("") {
		constants = append(constants, k.Name)
	}
	if name == strings.ToUpper(name) {
		return slices.Concat(own, constants, words)
	}
	return slices.Concat(own, words, constants)
}

// fieldList is "src, dst, ttl": the fields of a layer without its name.
func fieldList(layer string) string {
	names := types.FieldNames(layer + ".")
	for i, n := range names {
		names[i] = strings.TrimPrefix(n, layer+".")
	}
	return strings.Join(names, ", ")
}

// join is "a, b or c".
func join(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	n := len(names) - 1
	return strings.Join(names[:n], ", ") + " " + last + " " + names[n]
}

// an is a type with its article: "an int".
func an(t types.Type) string { return article(t.String()) }

func article(word string) string {
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
