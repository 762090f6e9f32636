//go:build !linux

package smprobe

// becomeUser is for Linux.
func (c *liveFlags) becomeUser(*stdio) error {
	if c.User == "" {
		return nil
	}
	return usagef("", "--user needs Linux")
}
