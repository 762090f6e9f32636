package gogen

import "github.com/dave/jennifer/jen"

// pair is one field of a composite literal; a nil value leaves it out.
type pair struct {
	name  string
	value *jen.Statement
}

// composite writes the fields of a struct literal in the order given, on one
// line: {Name: "rate", Value: program.FloatValue(rate)}.
func composite(fields ...pair) *jen.Statement {
	var list []jen.Code
	for _, f := range fields {
		if f.value != nil {
			list = append(list, jen.Id(f.name).Op(":").Add(f.value))
		}
	}
	return jen.Values(list...)
}

// tall is composite with every field on a line of its own.
func tall(fields ...pair) *jen.Statement {
	var list []jen.Code
	for _, f := range fields {
		if f.value != nil {
			list = append(list, jen.Line().Id(f.name).Op(":").Add(f.value))
		}
	}
	return jen.Values(append(list, jen.Line())...)
}

// word is a string literal, nil for an empty one.
func word(s string) *jen.Statement {
	if s == "" {
		return nil
	}
	return jen.Lit(s)
}

// number is an integer literal, nil for 0.
func number(n int64) *jen.Statement {
	if n == 0 {
		return nil
	}
	return jen.Lit(int(n))
}
