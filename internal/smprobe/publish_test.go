package smprobe

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

// TestPublish runs a probe with two sockets. What subscribers get is tested in package
// zmq; here, that sockets are opened, counted in the summary and closed.
func TestPublish(t *testing.T) {
	in, sum := writeCapture(t, 100), filepath.Join(t.TempDir(), "sum")
	args := []string{"run", "-r", in, "--publish", "tcp://127.0.0.1:*", "--publish", "tcp://*:*", "--summary", sum}
	if _, stderr, code := run(t, []*program.Info{talker("talk", "1")}, args...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	text, err := os.ReadFile(sum)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	var s summary
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if err := loadSchema(t).check(v, "summary"); err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Publish) != 2 || s.Publish[0].Messages != 10 || s.Publish[1].Endpoint != "tcp://*:*" {
		t.Errorf("publish in the summary: %+v", s.Publish)
	}
}

// A port that is taken ends the command before anything is read.
func TestPublishInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	endpoint := "tcp://" + l.Addr().String()
	out, stderr, code := run(t, []*program.Info{talker("talk", "1")}, "run", "-r", writeCapture(t, 100), "--publish", "tcp://127.0.0.1:*", "--publish", endpoint)
	want := fmt.Sprintf("smprobe: error: publishing on %s: the port is in use\n", endpoint)
	if code != 1 || out != "" || stderr != want {
		t.Errorf("exit %d, %q, %q; want 1 and %q", code, out, stderr, want)
	}
}
