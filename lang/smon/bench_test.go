package smon

import (
	"os"
	"testing"

	"github.com/streamon/streamon/lang/source"
)

func BenchmarkParse(b *testing.B) {
	src, err := os.ReadFile("../../testdata/lang/ddos.smon")
	if err != nil {
		b.Fatal(err)
	}
	f := source.NewFile("ddos.smon", src)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, diags := Parse(f); diags.HasErrors() {
			b.Fatal(diags)
		}
	}
}
