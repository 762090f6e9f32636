package diag

import "strings"

// Nearest returns the candidate that is most like name, or "" when none is
// within a third of name's length (at least one) of edits: inserting, deleting or
// replacing a character or swapping two neighbours counts one. Case alone
// does not count; in a name of one character nothing else does. A plural counts one edit
// from its singular. Of equally near ones the first wins.
func Nearest(name string, candidates []string) string {
	if name == "" {
		return ""
	}
	n := len([]rune(name))
	limit := max(1, n/3)
	if n == 1 { // one character replaced is another name
		limit = 0
	}
	best, bestDist := "", limit+1
	for _, c := range candidates {
		if c == name {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(c), bestDist)
		if limit > 0 && d > 1 && (plural(name) == c || plural(c) == name) {
			d = 1
		}
		if d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// plural returns the regular plural of an English word.
func plural(word string) string {
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		return stem + "ies"
	}
	if strings.HasSuffix(word, "s") || strings.HasSuffix(word, "x") || strings.HasSuffix(word, "h") {
		return word + "es"
	}
	return word + "s"
}

// distance is the restricted Damerau-Levenshtein distance (optimal string
// alignment). It may return any number ≥ limit when the true one is.
func distance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if diff := len(s) - len(t); diff >= limit || -diff >= limit {
		return limit
	}
	prev2 := make([]int, len(t)+1)
	prev := make([]int, len(t)+1)
	cur := make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		cur[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(t)]
}
