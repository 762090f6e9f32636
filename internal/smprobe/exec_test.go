package smprobe

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// asker is a program that asks for a command at its first packet.
func asker(args ...string) *program.Info {
	m := program.Manifest{
		ABI: program.ABI, Name: "ask", File: "ask.smon", Version: "0123456789abcdef",
		States: []program.StateInfo{{Name: "default"}}, Events: []program.EventInfo{{Name: "pkt", Kind: "packet"}},
	}
	return &program.Info{Manifest: m, New: func(env *program.Env) (program.Instance, error) {
		return &askerInstance{env: env, args: args}, nil
	}}
}

type askerInstance struct {
	env   *program.Env
	args  []string
	asked uint64
}

func (a *askerInstance) Activate()        {}
func (a *askerInstance) Tick(packet.Time) {}

func (a *askerInstance) Process(b *packet.Batch, _ *program.Verdicts) {
	if a.asked > 0 {
		return
	}
	a.asked++
	r := &program.Record{Type: program.ExecRecord, Time: b.Packets[0].Time, Event: "pkt"}
	for _, arg := range a.args {
		r.Message = append(r.Message, arg...)
		r.Args = append(r.Args, program.Arg{End: len(r.Message)})
	}
	a.env.Sink.Emit(r)
	clear(r.Message) // it is reused
	clear(r.Args)
}

func (a *askerInstance) Stats(s *program.Stats) { s.Records.Exec = a.asked }
func (a *askerInstance) States(func(string, []program.Field, string, packet.Time) bool) {
}
func (a *askerInstance) Tables(func(string, []program.Field, program.Value) bool) {}

// TestExec asks for a command with and without leave, with one worker and with two.
func TestExec(t *testing.T) {
	touch, err := exec.LookPath("touch")
	if err != nil {
		t.Skip("no touch here")
	}
	in := writeCapture(t, 10)
	for _, workers := range []string{"1", "2"} {
		for _, isAllowed := range []bool{false, true} {
			dir := t.TempDir()
			file, records, sum := filepath.Join(dir, "a b;$(c)"), filepath.Join(dir, "records"), filepath.Join(dir, "sum")
			args := []string{"run", "-r", in, "--workers", workers, "--alerts", records, "--summary", sum}
			if isAllowed {
				args = append(args, "--allow-exec", touch)
			}
			_, stderr, code := run(t, []*program.Info{asker("touch", file)}, args...)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			if _, err := os.Stat(file); (err == nil) != isAllowed {
				t.Errorf("%s workers, allowed %v: %v\n%s", workers, isAllowed, err, stderr)
			}
			checkLines(t, records)
			text, _ := os.ReadFile(records)
			want := `"argv":["touch","` + file + `"],"run":false,"reason":"the program is not allowed"}`
			wantErr := "commands: run 0, of those failed 0; refused 1, dropped 0"
			if isAllowed {
				want = `"argv":["touch","` + file + `"],"run":true}`
				wantErr = "commands: run 1, of those failed 0; refused 0, dropped 0"
			}
			if !strings.Contains(string(text), want) || !strings.Contains(stderr, wantErr) {
				t.Errorf("%s workers: records %s\nlack %s, or\n%s\nlacks %s", workers, text, want, stderr, wantErr)
			}
			if got := strings.Contains(stderr, `smprobe: program ask wants to run "touch"`); got == isAllowed {
				t.Errorf("allowed %v, and the warning is there: %v", isAllowed, got)
			}
			var v any
			text, _ = os.ReadFile(sum)
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
			if err := loadSchema(t).check(v, "summary"); err != nil {
				t.Error(err)
			}
		}
	}
	for _, path := range []string{"touch", "/nonexistent", "/bin/sh", "*"} {
		_, stderr, code := run(t, nil, "run", "-r", in, "--allow-exec", path)
		if code != 2 || !strings.HasPrefix(stderr, "smprobe: error: --allow-exec: ") {
			t.Errorf("--allow-exec %s: exit %d, %s", path, code, stderr)
		}
	}
}
