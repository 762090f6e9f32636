package smprobe

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/internal/testkit"
	"github.com/streamon/streamon/runtime/program"
)

// asProbe lets the test binary be the probe, with talk built in: a process that becomes
// another user does not come back.
const asProbe = "STREAMON_TEST_PROBE"

func TestMain(m *testing.M) {
	if os.Getenv(asProbe) != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, []*program.Info{talker("talk", "1")}))
	}
	os.Exit(m.Run())
}

// What a run with --user writes is that user's, in a directory that is.
func TestUser(t *testing.T) {
	uid, dir := testkit.Nobody(t)
	if err := os.Chown(dir, uid, -1); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(writeCapture(t, 100))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	secret := filepath.Join(t.TempDir(), "headers") // which nobody may read
	if err := os.WriteFile(secret, []byte("Authorization: Bearer x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	probe := exec.Command(os.Args[0], "run", "-r", "-", "--user", "nobody", "--alerts", filepath.Join(dir, "alerts"),
		"--sink", "file:"+filepath.Join(dir, "records")+"?rotate=300B&keep=2", "--evidence-dir", filepath.Join(dir, "evidence"),
		"--sink", "webhook:http://127.0.0.1:1/#drain=10ms&headers="+secret, "--summary", filepath.Join(dir, "sum"))
	probe.Env, probe.Stdin = append(os.Environ(), asProbe+"=1"), in
	out, err := probe.CombinedOutput()
	if err != nil || strings.Contains(string(out), "permission denied") {
		t.Errorf("%v: %s", err, out)
	}
	evidence := 0
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		st, err := d.Info()
		if err != nil {
			t.Fatal(err)
		}
		if owner := int(st.Sys().(*syscall.Stat_t).Uid); owner != uid {
			t.Errorf("%s belongs to user %d, want %d", path, owner, uid)
		}
		if strings.HasSuffix(path, ".evidence.pcapng") {
			evidence++
		}
		return nil
	})
	if evidence != 5 {
		t.Errorf("%d files of evidence, want 5: %s", evidence, out)
	}
	for _, name := range []string{"alerts", "records", "records.1", "records.2", "sum"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Somebody who is not root may become nobody else, and keeps a capability that a start gave.
func TestUserOfOthers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	bin, err := os.MkdirTemp("", "smprobe-") // others may not enter the parent of the test binary
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(bin) })
	text, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(filepath.Join(bin, "probe"), text, 0o755)
	}
	if err == nil {
		err = os.Chmod(bin, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		user, want string
		caps       []uintptr
	}{
		{"root", "smprobe: error: --user root: leaving groups: operation not permitted\nsmprobe: hint: only root may become another user", nil},
		{"nobody", "10 packets", nil},
		{"nobody", "smprobe: --user nobody: this process is that user's already, and keeps the capabilities", []uintptr{unix.CAP_NET_RAW}},
	} {
		in, err := os.Open(writeCapture(t, 10))
		if err != nil {
			t.Fatal(err)
		}
		as := exec.Command(filepath.Join(bin, "probe"), "run", "-r", "-", "--user", tt.user)
		as.Env, as.Stdin, as.Dir = append(os.Environ(), asProbe+"=1"), in, "/"
		as.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, AmbientCaps: tt.caps}
		out, _ := as.CombinedOutput()
		in.Close()
		if !strings.Contains(string(out), tt.want) || tt.caps == nil && strings.Contains(string(out), "capabilities") {
			t.Errorf("--user %s of nobody with %v: %s; want %s", tt.user, tt.caps, out, tt.want)
		}
	}
}
