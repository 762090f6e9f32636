package gogen_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// generatedPath is where the generated packages of a test seem to lie: inside
// the module, through an overlay, so that nothing is written to the tree.
const generatedPath = "github.com/streamon/streamon/codegen/gogen/generated/"

// overlay writes files, named by their path below generated/, to a temporary
// directory and returns the flag that makes the go command see them in the tree.
func overlay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	replace := map[string]string{}
	for name, text := range files {
		real := filepath.Join(tmp, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(real, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(dir, "generated", filepath.FromSlash(name))] = real
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return "-overlay=" + file
}

// goTool runs the go command; what it prints is the test's failure.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles generated code")
	}
	cmd := exec.Command("go", args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// runGenerated compiles a test of package generated together with generated
// packages, and runs it.
func runGenerated(t *testing.T, files map[string]string, args ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "generated.test")
	goTool(t, "test", "-c", "-vet=off", "-o", binary, overlay(t, files), "./generated")
	out, err := exec.Command(binary, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
