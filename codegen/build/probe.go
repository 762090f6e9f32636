package build

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/sdk"
)

// FindProbe returns the probe that a build without further word is for: the
// smprobe beside this binary, else the one in PATH, else "".
func FindProbe() string {
	if exe, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(exe), "smprobe")
		if st, err := os.Stat(beside); err == nil && st.Mode().IsRegular() {
			return beside
		}
	}
	path, _ := exec.LookPath("smprobe")
	return path
}

// Probe returns the description of the probe to build for. where is a binary, a
// control socket of a running probe, or "": then it is the one of [FindProbe],
// and if there is none this binary describes itself, with a warning that no probe
// was asked.
func Probe(ctx context.Context, where string) (d *sdk.Description, warning string, err error) {
	if where == "" {
		where = FindProbe()
	}
	if where != "" {
		d, err = ask(ctx, where)
		return d, "", err
	}
	d, err = sdk.Self()
	return d, "no smprobe beside smcc or in PATH: built for smcc's own sources, not checked against a probe", err
}

// Bounds of the question to a probe: an answer has about 1 MB and takes
// milliseconds.
const (
	askTimeout = 30 * time.Second
	maxAnswer  = 64 << 20
)

func ask(ctx context.Context, where string) (*sdk.Description, error) {
	st, err := os.Stat(where)
	if err != nil {
		return nil, &UserError{"no probe at " + where + ": " + err.Error(), "give the smprobe binary or its control socket: --probe PATH"}
	}
	var text []byte
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	switch {
	case st.Mode()&os.ModeSocket != 0:
		text, err = askSocket(ctx, where)
	case st.Mode().IsRegular():
		text, err = askBinary(ctx, where)
	default:
		return nil, &UserError{where + " is neither a binary nor a socket", "give the smprobe binary or its control socket: --probe PATH"}
	}
	if err != nil {
		return nil, &UserError{"asking the probe " + where + " for its sources: " + err.Error(), "is it an smprobe of this or a later version?"}
	}
	d := new(sdk.Description)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, &UserError{"the answer of the probe " + where + " is not understood: " + err.Error(), "is it an smprobe of this or a later version?"}
	}
	if got := sdk.Hash(d.Files); got != d.SHA256 || d.Go == "" {
		return nil, &UserError{"the sources that the probe " + where + " hands out do not match their hash", "reinstall smprobe"}
	}
	return d, nil
}

func askBinary(ctx context.Context, path string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, "sdk", "--json")
	cmd.WaitDelay = time.Second
	var stdout, stderr limitedBuffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil && len(stderr.bytes) > 0 {
		first, _, _ := strings.Cut(strings.TrimSpace(string(stderr.bytes)), "\n")
		err = fmt.Errorf("%w: %s", err, first)
	}
	return stdout.bytes, err
}

// limitedBuffer takes what a probe may answer; it fails when more comes, since
// what was asked may be any program.
type limitedBuffer struct{ bytes []byte }

// Write implements io.Writer.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	if len(b.bytes)+len(p) > maxAnswer {
		return 0, fmt.Errorf("more than %d MiB of output", maxAnswer>>20)
	}
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

func askSocket(ctx context.Context, path string) ([]byte, error) {
	client := &http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://probe/v1/sdk", nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}
