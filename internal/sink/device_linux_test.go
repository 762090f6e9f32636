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

// TestHurry: where packets wait for a sink that takes nothing, its counts can be asked for
// meanwhile, and Hurry ends the waiting: what found no room is dropped.
func TestHurry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("needs to make a FIFO: %v", err)
	}
	const records = 5000 // more than a pipe holds
	set := NewSet(open(t, "file:"+path+"?queue=10&batch=1&drain=10ms", Options{Wait: true}))
	written := make(chan bool)
	go func() {
		for i := range records {
			set.Write(origin, alert(i))
		}
		close(written)
	}()
	before := Counts{}
	eventually(t, "the writer waits", func() bool {
		c := set.Counts()[0]
		isSame := c.Waiting == 10 && c.Records == before.Records
		before = c
		return isSame
	})
	select {
	case <-written:
		t.Fatal("the writer did not wait")
	default:
	}
	set.Hurry()
	<-written
	set.Close()
	if c := set.Counts()[0]; c.Dropped == 0 || c.Records != records || c.Sent+c.Dropped+c.Unsent != records {
		t.Errorf("%+v", c)
	}
}
