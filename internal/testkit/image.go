package testkit

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

// Reload loads what from saves into to, which has just been made alike. The two must
// then save the same, no part of the image may be taken for the whole, and none with more.
func Reload(t *testing.T, from program.Saver, make func() program.Saver) program.Saver {
	t.Helper()
	to := make()
	if from.Form() != to.Form() {
		t.Fatalf("forms of two that are alike: %q, %q", from.Form(), to.Form())
	}
	img := Image(from)
	if err := to.Load(image.NewReader(img)); err != nil {
		t.Fatalf("%s: Load = %v", from.Form(), err)
	}
	if !bytes.Equal(Image(to), img) {
		t.Fatalf("%s: what was loaded is not what was saved", from.Form())
	}
	for n := 0; n < len(img); n += 1 + len(img)/100 {
		if err := make().Load(image.NewReader(img[:n])); err == nil {
			t.Errorf("%s: %d bytes of %d are taken for an image", from.Form(), n, len(img))
		}
	}
	if err := make().Load(image.NewReader(append(bytes.Clone(img), 0))); !errors.Is(err, image.ErrLong) {
		t.Errorf("%s: one byte more: Load = %v, want %v", from.Form(), err, image.ErrLong)
	}
	return to
}

// Image returns what s saves.
func Image(s program.Saver) []byte {
	var w image.Writer
	s.Save(&w)
	return bytes.Clone(w.Bytes())
}

// Flip calls load with an image in which one byte is wrong, for the first of its bytes and
// some hundred others. load must not panic.
func Flip(img []byte, load func(b []byte)) {
	for i := 0; i < len(img); i++ {
		if i > 100 {
			i += len(img) / 300
		}
		if i >= len(img) {
			return
		}
		for _, x := range []byte{1, 0x80, 0xff} {
			b := bytes.Clone(img)
			b[i] ^= x
			load(b)
		}
	}
}

// Shape describes how values of a type lie in memory, to the last byte: for tests that
// hold the form of an image to it.
func Shape(of any) string {
	var b strings.Builder
	shape(&b, reflect.TypeOf(of))
	return b.String()
}

func shape(b *strings.Builder, t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		b.WriteString("{")
		for i := range t.NumField() {
			f := t.Field(i)
			if i > 0 {
				b.WriteString(" ")
			}
			fmt.Fprintf(b, "%d:%s=", f.Offset, f.Name)
			shape(b, f.Type)
		}
		fmt.Fprintf(b, "}%d", t.Size())
	case reflect.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		shape(b, t.Elem())
	default:
		b.WriteString(t.Kind().String())
	}
}
