package lsp

import (
	"bytes"
	"slices"

	"github.com/streamon/streamon/lang/types"
)

// situation is what stands before the place where something is to be completed. It is
// found from the text alone, for the text is not a program while it is being written.
type situation struct {
	prefix string   // of the word at the place
	from   int      // where that begins
	prev   string   // token before the word
	head   string   // first word of the statement that the word is in; "" = it is the first
	block  string   // word that opened the block: "metric", "on", …; "" = top level
	paren  string   // token before the innermost parenthesis or bracket that is open; "" = none
	words  []string // of the statement so far
	inText bool     // in a string, and not in the braces there, or in a comment
}

// heads are the words that a statement or declaration can begin with.
var heads = append(types.StatementWords(types.Operation, types.Condition, types.Action),
	"program", "param", "list", "entity", "metric", "table", "feature", "event", "in", "state", "on", "distinct", "count")

// situationAt reads text up to offset.
func situationAt(text []byte, offset int) situation {
	s := scanner{text: text[:offset], isFirst: true}
	s.scan()
	return s.situation
}

// scanner finds the situation at the end of a text.
type scanner struct {
	situation
	text    []byte
	pos     int
	isFirst bool // no token of this line was seen yet
	blocks  []opened
}

// opened is a brace, parenthesis or bracket that is not closed.
type opened struct {
	by    byte
	word  string // what opened it
	head  string // of the statement that it is in
	words []string
}

func (s *scanner) scan() {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '\n':
			s.isFirst = true
			s.pos++
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case c == '#', c == '/' && bytes.HasPrefix(s.text[s.pos:], []byte("//")):
			s.comment()
		case c == '"':
			s.string()
		case isWord(c):
			s.word()
		default:
			s.punctuation(c)
		}
	}
	for i := len(s.blocks) - 1; i >= 0; i-- {
		if s.blocks[i].by == '{' {
			s.block = s.blocks[i].head
			break
		}
	}
	if n := len(s.blocks); n > 0 && s.blocks[n-1].by != '{' {
		s.paren = s.blocks[n-1].word
	}
	if s.prefix == "" {
		s.from = len(s.text)
	}
}

func (s *scanner) comment() {
	for s.pos < len(s.text) && s.text[s.pos] != '\n' {
		s.pos++
	}
	s.inText = s.pos == len(s.text)
}

// string passes over a string; if it is open where the text ends, what counts is whether
// the end is in its braces.
func (s *scanner) string() {
	s.pos++
	braces := -1
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '\\':
			s.pos++
		case '"', '\n':
			s.pos++
			s.token("\"")
			return
		case '{':
			braces = s.pos
		case '}':
			braces = -1
		}
		s.pos++
	}
	s.pos = len(s.text)
	if braces < 0 {
		s.inText = true
		return
	}
	inner := situationAt(s.text[braces+1:], len(s.text)-braces-1)
	s.prefix, s.from, s.prev, s.head = inner.prefix, inner.from+braces+1, inner.prev, "text"
}

func (s *scanner) word() {
	from := s.pos
	for s.pos < len(s.text) && isWord(s.text[s.pos]) {
		s.pos++
	}
	w := string(s.text[from:s.pos])
	if s.pos == len(s.text) { // the word that is being written
		s.prefix, s.from = w, from
		if s.begins() {
			s.head, s.words = "", nil
		}
		return
	}
	if s.begins() && slices.Contains(heads, w) {
		s.head, s.words = w, nil
	}
	s.token(w)
}

// begins reports whether a statement can begin at the next token.
func (s *scanner) begins() bool {
	if n := len(s.blocks); n > 0 && s.blocks[n-1].by != '{' {
		return false
	}
	return s.isFirst || s.prev == "" || s.prev == "{" || s.prev == "}" || s.prev == ")" && s.inBlock("metric")
}

func (s *scanner) inBlock(word string) bool {
	n := len(s.blocks)
	return n > 0 && s.blocks[n-1].head == word
}

func (s *scanner) punctuation(c byte) {
	t := string(c)
	if two := string(s.text[s.pos:min(s.pos+2, len(s.text))]); slices.Contains([]string{"->", "==", "!=", "<=", ">=", ".."}, two) {
		t = two
	}
	switch c {
	case '{', '(', '[':
		s.blocks = append(s.blocks, opened{c, s.prev, s.head, s.words})
		s.token(t)
		if c == '{' && s.head != "list" && s.head != "publish" && s.prevWord() != "in" {
			s.head, s.words = "", nil
		}
		s.pos += len(t)
		return
	case '}', ')', ']':
		if n := len(s.blocks); n > 0 {
			o := s.blocks[n-1]
			s.blocks = s.blocks[:n-1]
			s.head, s.words = o.head, o.words
		}
	}
	s.token(t)
	s.pos += len(t)
}

// prevWord is the word before the brace that was just taken.
func (s *scanner) prevWord() string {
	if len(s.words) < 2 {
		return ""
	}
	return s.words[len(s.words)-2]
}

func (s *scanner) token(t string) {
	s.prev, s.isFirst = t, false
	s.words = append(s.words[:len(s.words):len(s.words)], t)
}

// isWord reports whether c can be part of a name, dotted ones included.
func isWord(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// after reports whether the word comes right after one of these, or after a comma in a
// list that began there.
func (s *situation) after(heads ...string) bool {
	if slices.Contains(heads, s.prev) {
		return true
	}
	return s.prev == "," && s.paren == "" && slices.Contains(heads, s.head)
}

// hasWord reports whether the statement has that token already.
func (s *situation) hasWord(w string) bool { return slices.Contains(s.words, w) }
