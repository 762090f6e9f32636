package smprobe

import (
	"fmt"
	"os/user"
	"strconv"
	"syscall"
)

// becomeUser gives up all that the process may do beyond what a user may. Interfaces are
// open by then; outputs are not, so that files and directories are the user's, who also
// has to rotate and to remove them.
func (c *liveFlags) becomeUser() error {
	if c.User == "" {
		return nil
	}
	u, err := user.Lookup(c.User)
	if err != nil {
		return usagef("", "--user %s: %v", c.User, err)
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
