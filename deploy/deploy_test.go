// Package deploy_test holds the files for running the probe as a service against
// the probe and against systemd.
package deploy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/smprobe"
)

// The configuration is one that the probe takes, with everything that is commented out
// in it as well, but for what is not on this machine.
func TestConfiguration(t *testing.T) {
	text, err := os.ReadFile("smprobe.toml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	headers := filepath.Join(dir, "headers")
	if err := os.WriteFile(headers, []byte("Authorization: Bearer x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := regexp.MustCompile(`(?m)^# (\[\[|[a-z-]+ = )`).ReplaceAllString(string(text), "$1")
	for _, cut := range []string{`interface = "eth0"`, `replay = "/var/lib/smprobe/trace.pcap"`, `ca = "/etc/ssl/certs/logs.pem"`} {
		if !strings.Contains(whole, cut) {
			t.Errorf("the configuration has no %s", cut)
		}
		whole = strings.Replace(whole, cut, "", 1)
	}
	i := strings.Index(whole, "[[program]]")
	j := strings.Index(whole, "# Where records go")
	whole = whole[:i] + whole[j:] // a plugin
	whole = strings.ReplaceAll(whole, "/etc/smprobe/headers", headers)
	file := filepath.Join(dir, "c.toml")
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	if code := smprobe.Main([]string{"run", "--config", file, "--check"}, strings.NewReader(""), &out, &stderr, nil); code != 0 || out.String() != "fine: programs 0, sinks 4\n" {
		t.Errorf("exit %d: %s%s", code, out.String(), stderr.String())
	}
}

// systemd finds nothing wrong with the unit, and rates what it is exposed to as OK.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	text, err := os.ReadFile("smprobe.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "smprobe.service")
	// It looks whether the commands are there.
	if err := os.WriteFile(unit, bytes.ReplaceAll(text, []byte("/usr/local/bin/smprobe"), []byte("/bin/true")), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "smprobe.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	if out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}
