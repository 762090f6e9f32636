package sink

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A device is written to: it is neither moved away nor cut.
func TestDevice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "null")
	if err := syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|3); err != nil {
		t.Skipf("needs to make a device: %v", err)
	}
	set := NewSet(open(t, "file:"+path+"?rotate=1kB&keep=2", Options{}))
	k, err := Open(File(path), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for i := range 50 {
		set.Write(origin, alert(i))
	}
	set.Close()
	if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
		t.Errorf("it is %v, %v", st, err)
	}
	if names, _ := filepath.Glob(path + "*"); len(names) != 1 {
		t.Errorf("there are %q", names)
	}
}
