package diag

import (
	_ "embed"
	"iter"
	"strings"
	"sync"
)

// The sources of the codes themselves, in the order of their values: the comments
// there are the documentation that smcc explain prints, so they exist once.
var (
	//go:embed codesyntax.go
	syntaxSource string
	//go:embed codename.go
	nameSource string
	//go:embed codetype.go
	typeSource string
	//go:embed codemachine.go
	machineSource string
	//go:embed codewarning.go
	warningSource string
	//go:embed codexml.go
	xmlSource string
)

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

// readCodeTexts pairs the comments of the const blocks with the constants, which
// follow in the order of their values. What ends a block has no comment and is no code.
func readCodeTexts() map[Code]codeText {
	texts := make(map[Code]codeText, numCodes)
	next := NoCode
	for _, source := range []string{syntaxSource, nameSource, typeSource, machineSource, warningSource, xmlSource} {
		_, block, _ := strings.Cut(source, "\nconst (\n")
		block, _, _ = strings.Cut(block, "\n)\n")
		for paragraph := range commented(block) {
			texts[next] = readCodeText(paragraph)
			next++
		}
	}
	return texts
}

// commented yields the comment of each line of a const block that has one, without
// its slashes.
func commented(block string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var lines []string
		for line := range strings.SplitSeq(block, "\n") {
			line = strings.TrimPrefix(line, "\t")
			if text, ok := strings.CutPrefix(line, "//"); ok {
				lines = append(lines, text)
				continue
			}
			if len(lines) > 0 && !yield(lines) {
				return
			}
			lines = nil
		}
	}
}

// readCodeText cuts a comment into its three parts.
func readCodeText(comment []string) codeText {
	var doc, fix, example []string
	part := &doc // that the next line of the comment belongs to
	for _, text := range comment {
		words, isFix := strings.CutPrefix(text, " Fix: ")
		switch {
		case isFix:
			part = &fix
			fix = append(fix, words)
		case strings.TrimSpace(text) == "Example:":
			part = &example
		case part == &example:
			example = append(example, strings.TrimPrefix(text, "\t")+"\n")
		case strings.TrimSpace(text) != "":
			*part = append(*part, strings.TrimSpace(text))
		}
	}
	return codeText{strings.Join(doc, " "), strings.Join(fix, " "), strings.Join(example, "")}
}
