//go:build unix

package access

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// CheckOwner refuses a file or directory that somebody else may change: it must
// belong to root or to who runs the probe, and neither its group nor others may write
// to it.
func CheckOwner(path string, st fs.FileInfo) error {
	if s, ok := st.Sys().(*syscall.Stat_t); ok && s.Uid != 0 && s.Uid != uint32(os.Geteuid()) {
		return &OwnerError{fmt.Sprintf("%s: belongs to user %d, who is neither root nor runs the probe", path, s.Uid), "chown root " + path}
	}
	if st.Mode().Perm()&0o022 != 0 {
		return &OwnerError{fmt.Sprintf("%s: has mode %#o, others than its owner may write to it", path, st.Mode().Perm()), "chmod go-w " + path}
	}
	return nil
}
