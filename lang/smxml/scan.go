package smxml

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// The limits of a program in XML. They keep what is built from one below 64 MB
// whatever the text is; the programs of the prototype reach a tenth of them.
const (
	maxFile       = 1 << 18 // bytes
	maxDepth      = 32      // elements inside each other
	maxElements   = 4000
	maxAttributes = 64      // of one element
	maxAttribute  = 1 << 14 // bytes of one value
	maxActions    = 4000    // of all attributes together
	maxVariables  = 16_000  // of all texts together
	maxErrors     = 100     // after that many the rest is not looked at
)

// element is one element with its place in the file.
type element struct {
	name     string
	span     source.Span // from "<" to ">" of the opening tag
	tag      source.Span // the name in it
	end      source.Pos  // after the closing tag
	attrs    []*attr
	children []*element
	parent   *element
}

// attr is one attribute.
type attr struct {
	name  string
	at    source.Span // of the name
	value value
	used  bool
}

// comment is <!-- text -->.
type comment struct {
	span source.Span
	text string
}

// scanner reads the tokens of an XML text and builds the elements. The
// standard decoder knows the place of a tag but not of what stands in it, and
// expressions live in attributes; so the text is read here, and a test holds the
// result against that decoder.
//
// It accepts what programs are made of: elements, attributes, comments,
// character data (which is ignored, as are CDATA sections), processing
// instructions, the five entities of XML and character references. Document types
// are refused, so there is no entity to expand.
type scanner struct {
	places
	src      []byte
	off      int
	diags    *diag.List
	root     *element
	open     *element
	depth    int
	elements int
	comments []comment
	failed   bool
}

// fail reports an error after which the text cannot be understood.
func (s *scanner) fail(from, to int, format string, args ...any) *diag.Diagnostic {
	s.failed = true
	return s.diags.Errorf(diag.XML, s.span(from, to), format, args...)
}

// run reads the whole text.
func (s *scanner) run() {
	if len(s.src) > maxFile {
		s.fail(0, 0, "the file has %d bytes, a program may have %d", len(s.src), maxFile)
		return
	}
	if !s.encoding() {
		return
	}
	for !s.failed && s.off < len(s.src) {
		rest := s.src[s.off:]
		switch {
		case rest[0] != '<':
			s.text(rest)
		case bytes.HasPrefix(rest, []byte("<!--")):
			s.comment()
		case bytes.HasPrefix(rest, []byte("<?")):
			s.skip("<?", "?>", "processing instruction")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")) && s.open != nil:
			s.skip("<![CDATA[", "]]>", "CDATA section")
		case bytes.HasPrefix(rest, []byte("<!")):
			s.fail(s.off, s.off+2, "a document type cannot stand in a program").
				Hintf("entities and external files are not read; remove the declaration")
		case bytes.HasPrefix(rest, []byte("</")):
			s.closing()
		default:
			s.opening()
		}
	}
	switch {
	case s.failed:
	case s.open != nil:
		e := s.open
		s.failed = true
		s.diags.Errorf(diag.XML, e.span, "<%s> is not closed", e.name).Hintf("write </%s>", e.name)
	case s.root == nil:
		s.fail(0, 0, "no element in the file").Hintf("a program is a <botstream> element")
	}
}

// encoding looks at the first bytes and at the XML declaration, and reports
// whether the text can be read.
func (s *scanner) encoding() bool {
	switch b := s.src; {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		s.off = 3
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}), bytes.HasPrefix(b, []byte{0xFF, 0xFE}),
		len(b) > 1 && (b[0] == 0 || b[1] == 0):
		s.fail(0, 0, "the file is in UTF-16 or UTF-32").Hintf("save it as UTF-8")
		return false
	}
	if name, from, to := s.declared(); name != "" {
		switch strings.ToLower(name) {
		case "utf-8", "utf8", "us-ascii", "ascii":
		case "iso-8859-1", "latin1", "latin-1":
			s.latin = true
		default:
			s.fail(from, to, "encoding %q cannot be read", name).Hintf("save the file as UTF-8")
			return false
		}
	}
	for i, c := range s.src {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			s.fail(i, i+1, "this control character cannot stand in XML")
			return false
		}
	}
	if !s.latin && !utf8.Valid(s.src) {
		bad := 0
		for bad < len(s.src) {
			r, n := utf8.DecodeRune(s.src[bad:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			bad += n
		}
		s.fail(bad, bad+1, "this byte is not UTF-8").Hintf(`save the file as UTF-8, or declare encoding="ISO-8859-1"`)
		return false
	}
	return true
}

// declared returns the encoding that the XML declaration names, and where.
func (s *scanner) declared() (name string, from, to int) {
	head, _, found := bytes.Cut(s.src[s.off:], []byte("?>"))
	if !found || !bytes.HasPrefix(head, []byte("<?xml")) || len(head) > 1000 {
		return "", 0, 0
	}
	i := bytes.Index(head, []byte("encoding"))
	if i < 0 {
		return "", 0, 0
	}
	rest := bytes.TrimLeft(head[i+len("encoding"):], " \t\r\n=")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return "", 0, 0
	}
	from = s.off + len(head) - len(rest) + 1
	text, _, _ := strings.Cut(string(rest[1:]), string(rest[0]))
	return text, from, from + len(text)
}

// text skips character data, which means nothing in a program. An entity in it
// has to be one of the known ones all the same.
func (s *scanner) text(rest []byte) {
	n := bytes.IndexByte(rest, '<')
	if n < 0 {
		n = len(rest)
	}
	if s.open == nil && len(bytes.TrimSpace(rest[:n])) > 0 {
		at := s.off + bytes.IndexFunc(rest[:n], func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) })
		s.fail(at, at+1, "text outside of the root element")
		return
	}
	s.off += n
}

// skip passes over what stands between open and closing.
func (s *scanner) skip(open, closing, what string) {
	i := bytes.Index(s.src[s.off+len(open):], []byte(closing))
	if i < 0 {
		s.fail(s.off, s.off+len(open), "%s does not end", what).Hintf("it ends with %s", closing)
		return
	}
	s.off += len(open) + i + len(closing)
}

func (s *scanner) comment() {
	from := s.off
	s.skip("<!--", "-->", "comment")
	if !s.failed {
		s.comments = append(s.comments, comment{s.span(from, s.off), s.plain(s.src[from+4 : s.off-3])})
	}
}

// plain returns bytes of the file as text.
func (s *scanner) plain(b []byte) string {
	if !s.latin {
		return string(b)
	}
	var out strings.Builder
	for _, c := range b {
		out.WriteRune(rune(c))
	}
	return out.String()
}

func isNameByte(c byte) bool {
	return c >= 0x80 || c == '_' || c == '-' || c == '.' ||
		'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// name reads a name at the present offset.
func (s *scanner) name(what string) (string, source.Span) {
	from := s.off
	for s.off < len(s.src) && isNameByte(s.src[s.off]) && s.off-from < maxAttribute {
		s.off++
	}
	text := s.plain(s.src[from:s.off])
	if text == "" || strings.IndexByte("-.0123456789", text[0]) >= 0 {
		s.fail(from, max(s.off, from+1), "the name of %s has to stand here", what)
	}
	return text, s.span(from, s.off)
}

func (s *scanner) blanks() {
	for s.off < len(s.src) && strings.IndexByte(" \t\r\n", s.src[s.off]) >= 0 {
		s.off++
	}
}

// next returns the byte at the present offset, or 0 at the end.
func (s *scanner) next() byte {
	if s.off < len(s.src) {
		return s.src[s.off]
	}
	return 0
}

func (s *scanner) closing() {
	from := s.off
	s.off += 2
	name, _ := s.name("an element")
	if s.failed {
		return
	}
	s.blanks()
	switch {
	case s.next() != '>':
		s.fail(from, s.off, "the closing tag of <%s> does not end", name).Hintf("it ends with >")
	case s.open == nil:
		s.fail(from, s.off+1, "</%s> closes nothing", name)
	case s.open.name != name:
		s.fail(from, s.off+1, "</%s> closes <%s>", name, s.open.name).
			Note(s.open.span, "<%s> was opened here", s.open.name)
	default:
		s.off++
		s.leave()
	}
}

// leave ends the innermost open element.
func (s *scanner) leave() {
	s.open.end = s.pos(s.off)
	s.open = s.open.parent
	s.depth--
}

func (s *scanner) opening() {
	from := s.off
	s.off++
	name, tag := s.name("an element")
	if s.failed {
		return
	}
	e := &element{name: name, tag: tag, parent: s.open}
	switch {
	case s.open != nil:
		s.open.children = append(s.open.children, e)
	case s.root != nil:
		s.fail(from, s.off, "a second root element")
		return
	default:
		s.root = e
	}
	s.elements++
	s.depth++
	switch {
	case s.elements > maxElements:
		s.fail(from, s.off, "a program has at most %d elements", maxElements)
		return
	case s.depth > maxDepth:
		s.fail(from, s.off, "at most %d elements stand inside each other", maxDepth)
		return
	}
	s.open = e
	isEmpty := s.attributes(e)
	if s.failed {
		return
	}
	e.span = s.span(from, s.off)
	e.end = e.span.End
	if isEmpty {
		s.leave()
	}
}

// attributes reads up to the end of an opening tag and reports whether the
// element ends there.
func (s *scanner) attributes(e *element) bool {
	for {
		before := s.off
		s.blanks()
		switch c := s.next(); {
		case c == '>':
			s.off++
			return false
		case c == '/' && s.off+1 < len(s.src) && s.src[s.off+1] == '>':
			s.off += 2
			return true
		case c == 0:
			s.fail(before, before, "<%s> does not end", e.name).Hintf("it ends with >")
			return false
		case before == s.off:
			s.fail(s.off, s.off+1, "unexpected %q in <%s>", rune(c), e.name).Hintf("attributes are separated by blanks")
			return false
		}
		a := s.attribute()
		if s.failed {
			return false
		}
		for _, other := range e.attrs {
			if other.name == a.name {
				s.fail(a.at.Start.Offset, a.at.End.Offset, "attribute %q is given twice", a.name).Note(other.at, "the first one is here")
				return false
			}
		}
		if e.attrs = append(e.attrs, a); len(e.attrs) > maxAttributes {
			s.fail(a.at.Start.Offset, a.at.End.Offset, "more than %d attributes", maxAttributes)
			return false
		}
	}
}

func (s *scanner) attribute() *attr {
	a := &attr{}
	a.name, a.at = s.name("an attribute")
	if s.failed {
		return nil
	}
	s.blanks()
	if s.next() != '=' {
		s.fail(a.at.Start.Offset, s.off, "attribute %q has no value", a.name).Hintf(`write %s="…"`, a.name)
		return nil
	}
	s.off++
	s.blanks()
	quote := s.next()
	if quote != '"' && quote != '\'' {
		s.fail(s.off, s.off+1, "the value of %q has to stand in quotes", a.name)
		return nil
	}
	s.off++
	s.value(a, quote)
	return a
}

// value reads an attribute value up to its quote. Line ends and tabs become
// blanks (XML 1.0 §3.3.3), references what they stand for.
func (s *scanner) value(a *attr, quote byte) {
	v := &a.value
	v.p, v.start = &s.places, s.off
	end := bytes.IndexByte(s.src[s.off:], quote)
	switch {
	case end < 0:
		s.fail(s.off-1, s.off, "the value of %q does not end", a.name).Hintf("a %c is missing", quote)
		return
	case end > maxAttribute:
		s.fail(s.off-1, s.off, "the value of %q has %d bytes, at most %d are possible", a.name, end, maxAttribute)
		return
	}
	v.end = s.off + end
	raw := s.src[s.off:v.end]
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '<') < 0 && bytes.IndexByte(raw, '\r') < 0 && (!s.latin || isASCII(raw)) {
		v.text = strings.Map(blankFor, string(raw))
	} else {
		s.slow(v)
	}
	s.off = v.end + 1
}

func blankFor(r rune) rune {
	if r == '\n' || r == '\t' {
		return ' '
	}
	return r
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// slow decodes a value in which text and file differ, byte for byte with where it
// stands.
func (s *scanner) slow(v *value) {
	var b strings.Builder
	add := func(text string, at int) {
		for i := range len(text) {
			if !s.latin && len(text) > 1 && at+i < v.end && s.src[at] != '&' {
				v.offs = append(v.offs, at+i)
			} else {
				v.offs = append(v.offs, at)
			}
		}
		b.WriteString(text)
	}
	for i := v.start; i < v.end && !s.failed; {
		switch c := s.src[i]; {
		case c == '<':
			s.fail(i, i+1, "a < cannot stand in an attribute").Hintf("write &lt; or, in a condition, lt")
		case c == '&':
			text, n := s.reference(i, v.end)
			add(text, i)
			i += n
		case c == '\r' && i+1 < v.end && s.src[i+1] == '\n':
			i++
		case c == '\n' || c == '\t' || c == '\r':
			add(" ", i)
			i++
		case s.latin:
			add(string(rune(c)), i)
			i++
		default:
			_, n := utf8.DecodeRune(s.src[i:])
			add(string(s.src[i:i+n]), i)
			i += n
		}
	}
	v.text = b.String()
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// reference resolves "&name;" at i and returns its text and length in the file.
func (s *scanner) reference(i, end int) (string, int) {
	body := s.src[i+1 : min(end, i+12)]
	n := bytes.IndexByte(body, ';')
	if n <= 0 {
		s.fail(i, i+1, "an & cannot stand alone").Hintf("write &amp; (so && is &amp;&amp;), or and")
		return "", 1
	}
	name := string(body[:n])
	if text, ok := entities[name]; ok {
		return text, n + 2
	}
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			digits, base = hex, 16
		}
		if r, err := strconv.ParseUint(digits, base, 32); err == nil && isChar(rune(r)) && digits[0] != '+' {
			return string(rune(r)), n + 2
		}
		s.fail(i, i+n+2, "%q is no character", "&"+name+";")
		return "", n + 2
	}
	s.fail(i, i+n+2, "unknown entity %q", "&"+name+";").Hintf("known are &lt; &gt; &amp; &quot; &apos;")
	return "", n + 2
}

// isChar reports whether XML allows r (XML 1.0 §2.2).
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0x10FFFF
}

// attr returns the attribute of that name, marked as used, or nil.
func (e *element) attr(name string) *attr {
	for _, a := range e.attrs {
		if a.name == name {
			a.used = true
			return a
		}
	}
	return nil
}

// whole is the span of the element with all inside.
func (e *element) whole() source.Span { return source.Span{Start: e.span.Start, End: e.end} }

func (e *element) String() string { return fmt.Sprintf("<%s>", e.name) }
