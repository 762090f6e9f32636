package capture

// filteredSource leaves frames out.
type filteredSource struct {
	Source
	keep func(f *Frame) bool
}

// Filtered returns a source that yields those frames of src that keep holds for. Closing it
// closes src.
func Filtered(src Source, keep func(f *Frame) bool) Source { return &filteredSource{src, keep} }

// Next implements Source.
func (s *filteredSource) Next(f *Frame) error {
	for {
		if err := s.Source.Next(f); err != nil || s.keep(f) {
			return err
		}
	}
}

func (s *filteredSource) progress() (done, total int64) { return Progress(s.Source) }
