package smprobe

import (
	"fmt"
	"os/user"
	"strconv"
	"syscall"

	"github.com/streamon/streamon/internal/sdk"
)

// becomeUser gives up all that the process may do beyond what a user may. Interfaces are
// open by then; outputs are not, so that files and directories are the user's, who also
// has to rotate and to remove them.
func (c *liveFlags) becomeUser() error {
	if c.User == "" {
		return nil
	}
	u, err := lookUp(c.User)
	if err != nil {
		return usagef("a name or number of /etc/passwd, as in --user nobody", "--user %s: there is no such user", c.User)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	if uid == syscall.Getuid() && uid == syscall.Geteuid() {
		return nil
	}
	if _, err := sdk.Self(); err != nil { // kept for later: this user may not be allowed to read the binary
		return err
	}
	for _, step := range []struct {
		what string
		err  func() error
	}{
		{"leaving groups", func() error { return syscall.Setgroups([]int{gid}) }},
		{"changing the group", func() error { return syscall.Setresgid(gid, gid, gid) }},
		{"changing the user", func() error { return syscall.Setresuid(uid, uid, uid) }}, // which takes all capabilities, in every thread
	} {
		if err := step.err(); err != nil {
			return fmt.Errorf("--user %s: %s: %w", c.User, step.what, err)
		}
	}
	if uid != 0 && syscall.Setuid(0) == nil {
		return fmt.Errorf("--user %s: could become root again", c.User)
	}
	return nil
}

// lookUp finds a user by name or number.
func lookUp(name string) (*user.User, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return user.LookupId(name)
	}
	return u, nil
}
