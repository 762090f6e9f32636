// Package config turns what the operator wrote on the command line into values:
// parameter overrides, list files, replay speeds. It owns their syntax and the
// defaults; what they act on is the probe's business.
package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	// FileSeed seeds key hashes when files are read, so that runs repeat.
	FileSeed = 1
	// ShowLimit is how many entities and table entries `smprobe show` prints.
	ShowLimit = 20
)

// Setting is one `program.name=value` of --set or --list.
type Setting struct {
	Program, Name, Value string
}

// String returns the setting as it is written.
func (s Setting) String() string { return s.Program + "." + s.Name + "=" + s.Value }

// parseSetting reads `program.name=value`; the value is everything after the first
// equals sign.
func parseSetting(text string) (Setting, error) {
	key, value, ok := strings.Cut(text, "=")
	prog, name, dot := strings.Cut(strings.TrimSpace(key), ".")
	if !ok || !dot || prog == "" || name == "" {
		return Setting{}, fmt.Errorf("%q: expected program.name=value", text)
	}
	return Setting{prog, name, strings.TrimSpace(value)}, nil
}

// ParseSettings reads several settings and stops at the first bad one.
func ParseSettings(texts []string) ([]Setting, error) {
	var list []Setting
	for _, text := range texts {
		s, err := parseSetting(text)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// ParseSpeed reads a replay speed: "1x", "10x", "0.5x", a bare number, or "max",
// which is infinite.
func ParseSpeed(text string) (float64, error) {
	if text == "max" {
		return math.Inf(1), nil
	}
	speed, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(speed > 0) || math.IsInf(speed, 0) {
		return 0, fmt.Errorf(`speed %q: expected a factor such as 1x, 10x or 0.5x, or "max"`, text)
	}
	return speed, nil
}
