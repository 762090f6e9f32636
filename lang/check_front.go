package lang

import (
	"github.com/streamon/streamon/lang/check"
	"github.com/streamon/streamon/lang/diag"
)

// Check parses and checks a program. readFile reads the files that its lists
// name, by their paths as written; nil means that none can be read. The program
// is whole only if the list, which is sorted, has no errors. It never panics and
// may be called from several goroutines if readFile may.
func Check(name string, src []byte, readFile func(path string) ([]byte, error)) (*check.Program, diag.List) {
	file, diags := Parse(name, src)
	p, found := check.Check(file, check.Options{ReadFile: readFile})
	if diags.HasErrors() {
		found = errorsOnly(found)
	}
	diags = append(diags, found...)
	diags.Sort()
	return p, diags
}

// errorsOnly drops warnings: beside an error of syntax they are guesses.
func errorsOnly(l diag.List) diag.List {
	var out diag.List
	for _, d := range l {
		if d.Severity == diag.Error {
			out = append(out, d)
		}
	}
	return out
}
