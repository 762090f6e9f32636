package main

import (
	"bytes"
	"testing"
)

// The tests beside the examples pass, and reach every state and nearly every outcome
// of a condition.
func TestExampleSuites(t *testing.T) {
	var out, said bytes.Buffer
	if code := run(t.Context(), []string{"test", "../../examples/...", "--need", "90", "--uncovered"}, &stdio{nil, &out, &said}); code != 0 {
		t.Fatalf("smcc test: exit %d\n%s%s", code, &said, &out)
	}
	if !bytes.Contains(out.Bytes(), []byte("; states 100 %,")) || bytes.Contains(out.Bytes(), []byte("without tests")) {
		t.Errorf("smcc test ../../examples/... prints\n%s", &out)
	}
}
