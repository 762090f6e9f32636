package smprobe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

// tracesDir is the collection of real captures, which is not part of the
// repository. Package packet compares their layers with the truth.
var tracesDir = filepath.Join("..", "..", "..", "shared", "traces")

// TestTraces runs a program over every capture of the collection: each ends with
// exit 0, or 1 and a clear error; the outcomes add up to the packets read; the
// program sees all of them; a second run gives the same bytes.
func TestTraces(t *testing.T) {
	n := 0
	for _, dir := range []string{"mix", "detect", "link", "bad"} {
		files, _ := os.ReadDir(filepath.Join(tracesDir, dir))
		for _, f := range files {
			n++
			path := filepath.Join(tracesDir, dir, f.Name())
			builtin := []*program.Info{talker("talk", "1")}
			args := []string{"run", "-r", path, "--alerts", filepath.Join(t.TempDir(), "alerts"), "--summary", "-"}
			out, stderr, code := run(t, builtin, args...)
			if code != 0 && (code != 1 || !strings.HasPrefix(stderr, "smprobe: error: ")) {
				t.Errorf("%s: exit %d: %s", path, code, stderr)
			}
			var s summary
			if err := json.Unmarshal([]byte(out), &s); err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if (len(s.Unreadable) > 0) != (code == 1) {
				t.Errorf("%s: exit %d with %d unreadable files", path, code, len(s.Unreadable))
			}
			if o := s.Packets; o.Decoded+o.Snapped+o.UnknownLink+o.Malformed != o.Read || s.Programs[0].Packets != o.Read {
				t.Errorf("%s: outcomes do not add up: %+v, the program saw %d", path, o, s.Programs[0].Packets)
			}
			alerts, _ := os.ReadFile(args[4])
			out2, _, _ := run(t, builtin, args...)
			if again, _ := os.ReadFile(args[4]); out2 != out || string(again) != string(alerts) {
				t.Errorf("%s: a second run differs", path)
			}
		}
	}
	if n == 0 {
		t.Skipf("no captures in %s", tracesDir)
	}
	t.Logf("%d captures", n)
}
