//go:build !linux

package smprobe

// becomeUser is for Linux.
func (c *liveFlags) becomeUser(*stdio) error { return nil }

// checkUser refuses any.
func (c *liveFlags) checkUser() error {
	if c.User == "" {
		return nil
	}
	return usagef("", "--user needs Linux")
}
