package access

import "errors"

// ErrRight says that only the operator may do something.
var ErrRight = errors.New("is the operator's right")

// OwnerError says that somebody else may change a file that the probe is to trust.
type OwnerError struct{ msg, hint string }

// Error says what is wrong.
func (e *OwnerError) Error() string { return e.msg }

// Hint is a command that mends it.
func (e *OwnerError) Hint() string { return e.hint }
