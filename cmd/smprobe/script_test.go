package main

import (
	"path/filepath"
	"testing"
)

// TestScripts runs smprobe as a user does.
func TestScripts(t *testing.T) {
	cli(t).Scripts(t, filepath.Join("testdata", "script"))
}
