package program

// Arg is one argument of an exec record. Arguments stand one after the other in the
// record's Message.
type Arg struct {
	End   int  // where it ends in Message; it begins where the one before it ends
	Fixed bool // it begins with text of the program, not with a value
}

// Arg returns argument i of an exec record; 0 is the program. It aliases r.Message.
func (r *Record) Arg(i int) []byte {
	begin := 0
	if i > 0 {
		begin = r.Args[i-1].End
	}
	return r.Message[begin:r.Args[i].End]
}
