package capture

// claim asks for the lines of r that step writes, to write to them: those who decoded
// the last batch have them. Without, each write waits for its line, one after the
// other.
//
//go:noescape
func claim(r *run)
