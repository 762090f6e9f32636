// Package sdk describes the probe to the compiler: the runtime sources that a
// binary was built from, the settings it was built with and the fingerprints of
// its packages. The probe is its own SDK: a plugin is compiled against what the
// probe hands out, never against what the compiler happens to have.
//
// The package also owns the file format of a compiled plugin (an ELF file with
// a manifest behind it) and the checks that can be made on such a file without
// loading it; plugin.Open must never be the check, since it kills the process on
// some of the files that it should refuse.
package sdk

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"

	streamon "github.com/streamon/streamon"
	"github.com/streamon/streamon/runtime/program"
)

// Module is the module path that generated code imports from.
const Module = "github.com/streamon/streamon"

// Description is all that a compiler has to know of a probe. It is what
// `smprobe sdk --json` prints.
type Description struct {
	Go         string            `json:"go"` // runtime.Version()
	GOOS       string            `json:"goos"`
	GOARCH     string            `json:"goarch"`
	Settings   map[string]string `json:"settings"`   // build settings, see debug.BuildSetting
	Version    string            `json:"version"`    // module version, "(devel)" in a checkout
	SourceFile string            `json:"sourceFile"` // program.SourceFile()
	ABI        int               `json:"abi"`
	SHA256     string            `json:"sdkSHA256"` // Hash(Files)
	Files      map[string]string `json:"files"`     // go.mod and runtime sources by path
	Packages   map[string]string `json:"packages"`  // fingerprint of each linked package, hex
	Plugins    bool              `json:"plugins"`   // the binary can load plugins
	WhyNot     string            `json:"whyNot,omitempty"`
	Mend       string            `json:"mend,omitempty"` // what can be done about WhyNot

	Path string `json:"-"` // of the binary, for hints; only Self knows it
}

// Self describes the running binary. The result is made once and shared: do
// not change it.
var Self = sync.OnceValues(self)

func self() (*Description, error) {
	files, err := RuntimeFiles()
	if err != nil {
		return nil, err
	}
	d := &Description{
		Go: runtime.Version(), GOOS: runtime.GOOS, GOARCH: runtime.GOARCH,
		Settings: map[string]string{}, SourceFile: program.SourceFile(), ABI: program.ABI,
		Files: files, SHA256: Hash(files),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		d.Version = info.Main.Version
		for _, s := range info.Settings {
			d.Settings[s.Key] = s.Value
		}
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the running binary: %w", err)
	}
	d.Path = exe
	d.Packages, d.WhyNot, d.Mend = hostPackages(exe)
	d.Plugins = d.WhyNot == ""
	return d, nil
}

// RuntimeFiles returns the sources that generated code is compiled against, by
// slash-separated path: runtime/… without tests, and a go.mod of two lines, so
// that nothing else of the module is looked up.
func RuntimeFiles() (map[string]string, error) {
	files, err := sources(streamon.Runtime)
	if err != nil {
		return nil, err
	}
	files["go.mod"] = shortMod(files["go.mod"])
	return files, nil
}

// HostFiles returns the sources of a whole probe, with the full go.mod.
func HostFiles() (map[string]string, error) {
	files, err := sources(streamon.Runtime)
	if err != nil {
		return nil, err
	}
	host, err := sources(streamon.Host)
	if err != nil {
		return nil, err
	}
	for name, text := range host {
		files[name] = text
	}
	return files, nil
}

func sources(from fs.FS) (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(from, name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading embedded sources: %w", err)
	}
	return files, nil
}

// shortMod keeps the module and go lines of a go.mod.
func shortMod(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "module ") || strings.HasPrefix(line, "go ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Hash returns the SHA-256, in hex, over the names, lengths and contents of
// files in order of name.
func Hash(files map[string]string) string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	h := sha256.New()
	for _, name := range names {
		var n [8]byte
		for _, s := range []string{name, files[name]} {
			binary.BigEndian.PutUint64(n[:], uint64(len(s)))
			h.Write(n[:])
			h.Write([]byte(s))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Write lays files out under dir.
func Write(dir string, files map[string]string) error {
	for name, text := range files {
		to := path.Join(dir, name)
		if err := os.MkdirAll(path.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
