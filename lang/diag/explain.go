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

type codeText struct{ doc, example string }

var codeTexts = sync.OnceValue(readCodeTexts)

// Doc returns when the code occurs, as one paragraph that begins with the
// name of its constant.
func (c Code) Doc() string { return codeTexts()[c].doc }

// Example returns the shortest program that provokes the code, with a final
// line end.
func (c Code) Example() string { return codeTexts()[c].example }

// readCodeTexts pairs the comments of the first const block with the
// constants, which follow in the order of their values.
func readCodeTexts() map[Code]codeText {
	_, block, _ := strings.Cut(codesSource, "\nconst (\n")
	block, _, _ = strings.Cut(block, "\n)\n")
	texts := make(map[Code]codeText, numCodes)
	var doc []string
	var example strings.Builder
	inExample := false
	next := NoCode
	for _, line := range strings.Split(block, "\n") {
		line = strings.TrimPrefix(line, "\t")
		text, isComment := strings.CutPrefix(line, "//")
		switch {
		case isComment && strings.TrimSpace(text) == "Example:":
			inExample = true
		case isComment && inExample:
			example.WriteString(strings.TrimPrefix(text, "\t") + "\n")
		case isComment && strings.TrimSpace(text) != "":
			doc = append(doc, strings.TrimSpace(text))
		case !isComment && strings.TrimSpace(line) != "":
			texts[next] = codeText{strings.Join(doc, " "), example.String()}
			next++
			doc, inExample = nil, false
			example.Reset()
		}
	}
	return texts
}
