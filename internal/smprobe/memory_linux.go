package smprobe

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// availableMemory returns how much memory this process may have: that of the machine, or
// of its control group (version 2) or one above, if those have less. 0 = not known.
func availableMemory() int64 {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0
	}
	least := int64(info.Totalram) * int64(info.Unit)
	const root = "/sys/fs/cgroup"
	own, _ := os.ReadFile("/proc/self/cgroup")
	_, path, _ := strings.Cut(strings.TrimSpace(string(own)), "0::")
	for dir := filepath.Join(root, filepath.Clean("/"+path)); strings.HasPrefix(dir, root); dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "memory.max"))
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 { // else it is "max"
			least = min(least, n)
		}
	}
	return least
}
