package draw

import (
	"strings"
	"unicode"
)

// font is a way to write: what it looks like is in the style sheet of the SVG, how
// wide it can become is known here. Nobody can tell which font a viewer has, so
// the widths are those of DejaVu, the widest in use; others leave more room.
type font struct {
	class string
	size  int // px
	line  int // px from one line to the next
	mono  bool
	scale int // width in percent of the bold letters below
}

var (
	fontTitle = font{"title", 17, 24, false, 100}
	fontDoc   = font{"doc", 12, 17, false, 92}
	fontHead  = font{"head", 12, 18, false, 100}
	fontName  = font{"name", 14, 19, false, 100}
	fontSmall = font{"small", 11, 15, false, 92}
	fontEvent = font{"event", 12, 16, false, 100}
	fontGuard = font{"guard", 11, 15, true, 0}
	fontRule  = font{"rule", 10, 14, true, 0}
	fontAct   = font{"act", 11, 15, false, 92}
	fontHits  = font{"hits", 11, 15, false, 100}
	fontNever = font{"never", 11, 15, false, 100}
)

// letters are widths of DejaVu Sans Bold in thousandths of the size, rounded up.
var letters = func() (t [128]int) {
	for r := range t {
		t[r] = 720
		if r >= 'A' && r <= 'Z' {
			t[r] = 860
		}
	}
	for width, list := range map[int]string{400: "ijlI.,:;'| ", 530: "ftr()[]{}/\\-\"`!_", 960: "&<>=+~#^", 1110: "mwMW@%"} {
		for _, r := range list {
			t[r] = width
		}
	}
	return t
}()

// width returns how wide a text is at most, in px.
func (f font) width(text string) int {
	sum := 0
	for _, r := range text {
		sum += f.letter(r)
	}
	return (sum*f.size + 999) / 1000
}

func (f font) letter(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0x3000 && r < 0x3100, r >= 0xff00 && r < 0xff61, r >= 0x1f000:
		return 1210
	case r >= 0x530 && r != '…' && r != '→' && r != '·':
		return 1010
	case f.mono:
		return 605
	case r < 128:
		return letters[r] * f.scale / 100
	}
	return 1010 * f.scale / 100
}

// shorten cuts a text so that it is at most limit px wide.
func (f font) shorten(text string, limit int) string {
	if f.width(text) <= limit {
		return text
	}
	list := []rune(text)
	for len(list) > 0 && f.width(string(list)+"…") > limit {
		list = list[:len(list)-1]
	}
	return strings.TrimRight(string(list), " ") + "…"
}

// wrap breaks a text into at most lines lines of limit px; the last one tells by an
// ellipsis that there was more. Texts are broken before "and" and "or" and behind
// commas if possible.
func (f font) wrap(text string, limit, lines int) []string {
	var out []string
	line := ""
	add := func(piece string) bool { // whether it fits on the line
		joined := strings.TrimLeft(line+" "+piece, " ")
		if f.width(joined) > limit {
			return false
		}
		line = joined
		return true
	}
	flush := func() {
		if line != "" {
			out = append(out, line)
		}
		line = ""
	}
	for _, c := range clauses(text) {
		if add(c) {
			continue
		}
		flush()
		if add(c) {
			continue
		}
		for _, word := range strings.Fields(c) {
			if add(word) {
				continue
			}
			flush()
			line = f.shorten(word, limit)
		}
	}
	flush()
	if len(out) > lines {
		rest := strings.Join(out[lines-1:], " ")
		last := f.shorten(rest, limit)
		out = append(out[:lines-1:lines-1], last)
	}
	return out
}

// clauses cuts a text before each "and" and "or", and behind each comma.
func clauses(text string) (out []string) {
	for _, w := range strings.Fields(text) {
		if w == "and" || w == "or" || len(out) == 0 || strings.HasSuffix(out[len(out)-1], ",") {
			out = append(out, w)
		} else {
			out[len(out)-1] += " " + w
		}
	}
	return out
}
