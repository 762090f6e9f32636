package sdk

import (
	"cmp"
	"fmt"
	"sort"
	"strings"
)

// Mismatch says why a plugin does not fit a probe, and what mends it.
type Mismatch struct {
	Plugin string // program name and id
	Reason string
	Hint   string
}

// Error returns the reason on one line; Hint is printed apart.
func (e *Mismatch) Error() string { return e.Plugin + ": " + e.Reason }

// relevant lists the build settings that must agree between probe and plugin.
// All others (ldflags, build mode, VCS stamps) are free.
var relevant = []string{
	"-asan", "-asmflags", "-compiler", "-cover", "-gcflags", "-msan", "-pgo", "-race", "-tags", "-trimpath",
	"CGO_ENABLED", "GOAMD64", "GOARCH", "GOEXPERIMENT", "GOOS",
}

// Verify checks a plugin file against the probe d, without loading it: origin,
// integrity, toolchain, settings, runtime sources, contract and the fingerprint
// of every package that both contain. It returns the ELF body to load. Errors
// about a plugin that is whole but does not fit are *Mismatch.
func Verify(d *Description, file []byte) (body []byte, m Manifest, err error) {
	body, m, err = Unseal(file)
	if err != nil {
		return nil, m, err
	}
	o, err := readObject(body)
	if err != nil {
		return nil, m, err
	}
	source := m.Source
	if source == "" {
		source = m.Name + ".smon"
	}
	fail := func(hint, format string, args ...any) error {
		return &Mismatch{Plugin: m.Name + " (" + short(m.ID) + ")", Reason: fmt.Sprintf(format, args...), Hint: hint}
	}
	rebuild := "rebuild it for this probe: smcc build --probe " + cmp.Or(d.Path, "smprobe") + " " + source
	switch {
	case !d.Plugins:
		return nil, m, fail(cmp.Or(d.Mend, "use: smcc build --static "+source), "this probe cannot load plugins: %s", d.WhyNot)
	case o.settings["-buildmode"] != "plugin":
		return nil, m, fail(rebuild, "is not a Go plugin (build mode %q)", o.settings["-buildmode"])
	case m.ABI > d.ABI:
		return nil, m, fail("upgrade smprobe", "uses program interface %d, this probe offers %d", m.ABI, d.ABI)
	case m.ABI != d.ABI:
		return nil, m, fail(rebuild, "uses program interface %d, this probe offers %d", m.ABI, d.ABI)
	case o.goVersion != d.Go:
		return nil, m, fail(rebuild, "built with %s, this probe with %s", o.goVersion, d.Go)
	}
	for _, key := range relevant {
		if o.settings[key] != d.Settings[key] {
			return nil, m, fail(rebuild, "built with %s=%q, this probe with %q", key, o.settings[key], d.Settings[key])
		}
	}
	if m.SDKSHA256 != d.SHA256 {
		return nil, m, fail(rebuild, "built against runtime %s, this probe has %s", short(m.SDKSHA256), short(d.SHA256))
	}
	var differ []string
	common := 0
	for name, sum := range o.packages {
		if host, ok := d.Packages[name]; ok {
			common++
			if host != sum {
				differ = append(differ, name)
			}
		}
	}
	sort.Strings(differ)
	switch {
	case common == 0:
		return nil, m, fail(rebuild, "shares no package with this probe")
	case len(differ) > 0:
		return nil, m, fail(rebuild, "%d packages differ from this probe's, first %s", len(differ), differ[0])
	}
	return body, m, nil
}

func short(hex string) string {
	if len(hex) > 8 {
		return hex[:8]
	}
	return strings.Clone(hex)
}
