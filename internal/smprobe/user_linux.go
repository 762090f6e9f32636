package smprobe

import (
	"fmt"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/internal/probe"
	"github.com/streamon/streamon/internal/sdk"
)

// becomeUser gives up all that the process may do beyond what a user may. Interfaces are
// open by then; outputs are not, so that files and directories are the user's, who also
// has to rotate and to remove them.
func (c *liveFlags) becomeUser(std *stdio) error {
	if c.User == "" {
		return nil
	}
	u, err := lookUp(c.User)
	if err != nil {
		return err
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
		if uid != 0 && hasCapabilities() { // each thread has its own, and only a change of the user takes them from all
			std.notef("--user %s: this process is that user's already, and keeps the capabilities that it was started with", c.User)
		}
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
			err = fmt.Errorf("--user %s: %s: %w", c.User, step.what, err)
			return &probe.HintError{Err: err, Hint: "only root may become another user; leave --user out, or start as root"}
		}
	}
	if uid != 0 && syscall.Setuid(0) == nil {
		return fmt.Errorf("--user %s: could become root again", c.User)
	}
	return nil
}

// hasCapabilities reports whether the process may do something that its user may not.
func hasCapabilities() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	err := unix.Capget(&header, &data[0])
	return err == nil && (data[0].Permitted|data[1].Permitted) != 0
}

// lookUp finds a user by name or number.
func lookUp(name string) (*user.User, error) {
	u, err := user.Lookup(name)
	if err != nil {
		u, err = user.LookupId(name)
	}
	if err != nil {
		return nil, usagef("a name or number of /etc/passwd, as in --user nobody", "--user %s: there is no such user", name)
	}
	return u, nil
}

// checkUser refuses a user that is not there.
func (c *liveFlags) checkUser() error {
	if c.User == "" {
		return nil
	}
	_, err := lookUp(c.User)
	return err
}
