package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

func sample() *File {
	core := program.Core{Seed: 3, Started: true, First: 5, Now: 9}
	var w image.Writer
	core.Save(&w)
	return &File{
		Written: time.Unix(1_700_000_000, 5),
		Programs: []Program{
			{Name: "p2p-a", Tenant: "a", Program: "p2p", Version: "0123456789abcdef", Shards: [][]program.Image{
				{{Name: "core", Layout: "core v1", Form: core.Form(), Data: w.Bytes()}, {Name: "metric x", Layout: "cbf key(ip)", Form: "cbf 1 2", Data: []byte("cells")}},
				{{Name: "metric x", Layout: "cbf key(ip)", Form: "cbf 1 2", Data: []byte{}}},
			}},
			{Name: "none", Program: "none", Version: "1"},
		},
	}
}

func write(t *testing.T, f *File) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	if _, err := f.Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWriteRead(t *testing.T) {
	f := sample()
	path := write(t, f)
	size, err := f.Write(path) // in place of another one
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != size || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has %v, want %d bytes and mode 600", info, size)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	got.Programs[0].Shards[1][0].Data = []byte{}
	if !got.Written.Equal(f.Written) || !reflect.DeepEqual(got.Programs, f.Programs) {
		t.Errorf("read %+v\nwrote %+v", got, f)
	}
	if c, ok := got.Programs[0].Core(); !ok || c.Now != 9 || c.Seed != 3 {
		t.Errorf("Core = %+v, %v", c, ok)
	}
	if _, ok := got.Programs[1].Core(); ok {
		t.Error("a program without images has a core")
	}
	if names, _ := filepath.Glob(path + "*"); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

// Every byte matters: with any of them wrong, or missing, or one more, the file is refused.
func TestDamage(t *testing.T) {
	path := write(t, sample())
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		var wrong *DamagedError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Read = %v, want a DamagedError that names the file", what, err)
		}
	}
	for n := range sound {
		try(fmt.Sprintf("%d bytes", n), sound[:n])
	}
	try("one byte more", append(bytes.Clone(sound), 0))
	for i := range sound {
		if i < 12 { // magic and version: another file, or another version
			continue
		}
		b := bytes.Clone(sound)
		b[i] ^= 0x10
		try(fmt.Sprintf("byte %d of %d", i, len(sound)), b)
	}
}

// What is no checkpoint, or one of another kind of probe, is told from damage.
func TestForeign(t *testing.T) {
	path := write(t, sample())
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Clone(sound)
	binary.LittleEndian.PutUint32(newer[8:], Format+1)
	elsewhere := bytes.Clone(sound)
	at := bytes.Index(elsewhere, []byte(runtime.GOARCH))
	elsewhere[at] ^= 1
	size := binary.LittleEndian.Uint64(elsewhere[12:])
	binary.LittleEndian.PutUint64(elsewhere[headerSize-8:], headerSum(elsewhere[:headerSize], elsewhere[headerSize:headerSize+int(size)]))

	for _, test := range []struct {
		name string
		b    []byte
		ok   func(err error) bool
		want string
	}{
		{"a capture", []byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00 and so on and so on and so on and so on"), func(err error) bool { return errors.Is(err, ErrForeign) }, "is no checkpoint"},
		{"a short text", []byte("smith"), func(err error) bool { return errors.Is(err, ErrForeign) }, "is no checkpoint"},
		{"another version", newer, func(err error) bool { return errors.As(err, new(*OtherError)) }, "version 2 of the format; this probe reads version 1"},
		{"another machine", elsewhere, func(err error) bool { return errors.As(err, new(*OtherError)) }, "this one is for " + runtime.GOARCH},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(path, test.b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(path); !test.ok(err) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Read = %v, want %q", err, test.want)
			}
		})
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, ErrForeign) {
		t.Errorf("a directory: Read = %v", err)
	}
	if _, err := Read(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: Read = %v", err)
	}
}

// A checkpoint that cannot be written leaves the one before it.
func TestWriteFails(t *testing.T) {
	path := write(t, sample())
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(partOf(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f := sample()
	f.Programs = f.Programs[:1]
	if _, err := f.Write(path); err == nil {
		t.Error("Write = nil over a directory")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the checkpoint changed: %v", err)
	}
	if err := os.Remove(partOf(path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(partOf(path), bytes.Repeat([]byte("left by a killed probe"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path); err != nil || len(got.Programs) != 1 {
		t.Errorf("Read = %+v, %v", got, err)
	}
}

func TestAside(t *testing.T) {
	path := write(t, sample())
	for n := range 12 {
		want := path + ".damaged"
		if n > 0 {
			want += "." + strconv.Itoa(min(n, 9)) // the last is written over
		}
		if got, err := Aside(path); err != nil || got != want {
			t.Errorf("Aside = %q, %v, want %q", got, err, want)
		}
		if _, err := Read(want); err != nil {
			t.Errorf("what was moved: %v", err)
		}
		if _, err := sample().Write(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	release, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrInUse) {
		t.Errorf("the second Lock = %v, want ErrInUse", err)
	}
	release()
	release, err = Lock(path)
	if err != nil {
		t.Fatalf("Lock after release: %v", err)
	}
	release()
	if _, err := Lock(filepath.Join(t.TempDir(), "none", "state")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lock in no directory = %v", err)
	}
}

// FuzzDecode: a directory that says anything, under a checksum that is right, neither
// panics nor allocates beyond what the file has.
func FuzzDecode(f *testing.F) {
	h := sample().header()
	f.Add(h[headerSize:], []byte("x"))
	f.Fuzz(func(_ *testing.T, directory, data []byte) {
		header := bytes.Clone(h[:headerSize])
		binary.LittleEndian.PutUint64(header[headerSize-8:], headerSum(header, directory))
		if f, err := decode(header, directory, data); err == nil {
			for i := range f.Programs {
				f.Programs[i].Core()
			}
		}
	})
}
