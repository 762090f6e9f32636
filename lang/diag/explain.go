package diag

import (
	_ "embed"
	"strings"
	"sync"
)

// codesSource is codes.go itself: the comments there are the documentation
// that smcc explain prints, so they exist once.
//
//go:embed codes.go
var codesSource string

type codeText struct{ doc, fix, example string }

var codeTexts = sync.OnceValue(readCodeTexts)

// Doc returns when the code occurs, as one paragraph that begins with the
// name of its constant.
func (c Code) Doc() string { return codeTexts()[c].doc }

// About is Doc for people, who do not know the constant: "Occurs when …", "Warns of …".
func (c Code) About() string {
	_, text, _ := strings.Cut(c.Doc(), " ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Fix returns what to do about the diagnostic, as one paragraph without a capital.
func (c Code) Fix() string { return codeTexts()[c].fix }

// Example returns the shortest program that provokes the code, with a final
// line end.
func (c Code) Example() string { return codeTexts()[c].example }

// IsWarning reports whether the code is one of warnings.
func (c Code) IsWarning() bool { return strings.Contains(c.Doc(), " warns of ") }

// readCodeTexts pairs the comments of the first const block with the
// constants, which follow in the order of their values.
func readCodeTexts() map[Code]codeText {
	_, block, _ := strings.Cut(codesSource, "\nconst (\n")
	block, _, _ = strings.Cut(block, "\n)\n")
	texts := make(map[Code]codeText, numCodes)
	var doc, fix, example []string
	part := &doc // that the next line of the comment belongs to
	next := NoCode
	for _, line := range strings.Split(block, "\n") {
		line = strings.TrimPrefix(line, "\t")
		text, isComment := strings.CutPrefix(line, "//")
		words, isFix := strings.CutPrefix(text, " Fix: ")
		switch {
		case isFix:
			part = &fix
			fix = append(fix, words)
		case isComment && strings.TrimSpace(text) == "Example:":
			part = &example
		case isComment && part == &example:
			example = append(example, strings.TrimPrefix(text, "\t")+"\n")
		case isComment && strings.TrimSpace(text) != "":
			*part = append(*part, strings.TrimSpace(text))
		case !isComment && strings.TrimSpace(line) != "":
			texts[next] = codeText{strings.Join(doc, " "), strings.Join(fix, " "), strings.Join(example, "")}
			next++
			doc, fix, example, part = nil, nil, nil, &doc
		}
	}
	return texts
}
