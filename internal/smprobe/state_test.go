package smprobe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// unsorted is a talker that lists what it remembers in falling order.
type unsorted struct{ program.Instance }

func (u unsorted) States(f func(string, []program.Field, string, packet.Time) bool) {
	for _, i := range []byte{3, 1, 2} {
		key := []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: packet.IPv4(10, 0, 0, i)}}}
		if !f("host", key, "talking", packet.Time(i)*1e9) {
			return
		}
	}
}

func (u unsorted) Tables(f func(string, []program.Field, program.Value) bool) {
	for _, name := range []string{"last", "first"} {
		for i := range byte(2) {
			key := []program.Field{{Name: "port", Value: program.Value{Kind: program.KindInt, I: int64(9 - i)}}}
			if !f(name, key, program.Value{Kind: program.KindFloat, F: 0.5}) {
				return
			}
		}
	}
}

func TestState(t *testing.T) {
	info := talker("talk", "1")
	make := info.New
	info.New = func(env *program.Env) (program.Instance, error) {
		inst, err := make(env)
		return unsorted{inst}, err
	}
	file := filepath.Join(t.TempDir(), "state.json")
	if _, stderr, code := run(t, []*program.Info{info}, "run", "-r", writeCapture(t, 10), "--state", file); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "state.json", string(text))
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if err := loadSchema(t).check(v, "state"); err != nil {
		t.Errorf("state: %v", err)
	}
}

func TestStateNotWritten(t *testing.T) {
	_, stderr, code := run(t, nil, "run", "-r", writeCapture(t, 1), "--state", t.TempDir())
	if code != exitFailed {
		t.Errorf("run --state DIRECTORY: exit %d, want %d: %s", code, exitFailed, stderr)
	}
}
