// Package checkpoint is the file in which the state of all programs outlives the probe.
//
// It owns the file: its format, that it is whole or not there, and how a damaged one is
// told from another kind of file. What is in an image is the business of the structures
// under runtime/, when one is written that of package probe and of the command.
//
//	header      magic, version of the format, sizes of what follows,
//	            XXH64 of the header before it and of the directory
//	directory   where and when it was written; by program and shard the images: name,
//	            layout, form, size, XXH64
//	images      one after the other
//
// Numbers are little endian, of eight bytes but for the version. See doc/checkpoint.md.
//
// A checkpoint is written to a file beside it, brought to disk, and renamed: so at every
// moment there is a whole one, the last or the one before it.
package checkpoint

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/streamon/streamon/runtime/image"
	"github.com/streamon/streamon/runtime/program"
)

// File is a checkpoint.
type File struct {
	Written  time.Time
	Programs []Program
}

// Program is the state of one program.
type Program struct {
	Name             string // of the instance
	Tenant           string // whom it belongs to; "" = the operator
	Program, Version string // of its manifest
	Shards           [][]program.Image
}

// Bytes returns the size of the file that f is or will be.
func (f *File) Bytes() int64 {
	n := int64(len(f.header()))
	for i := range f.Programs {
		n += f.Programs[i].Bytes()
	}
	return n
}

// Core returns the clock and the seed of the program; ok is false if it has none.
func (p *Program) Core() (c program.Core, ok bool) {
	for _, list := range p.Shards {
		for _, i := range list {
			if i.Name == "core" && i.Form == c.Form() {
				return c, c.Load(image.NewReader(i.Data)) == nil
			}
		}
	}
	return c, false
}

// Bytes returns the size of the images.
func (p *Program) Bytes() (n int64) {
	for _, list := range p.Shards {
		for _, i := range list {
			n += int64(len(i.Data))
		}
	}
	return n
}

// Format is the version of the format that this package writes, and the only one that it
// reads.
const Format = 1

const (
	magic      = "smprobe\x00"
	headerSize = 8 + 4 + 8 + 8 + 8
	// maxDirectory bounds the directory, which has some hundred bytes for each structure.
	maxDirectory = 64 << 20
)

// header returns the header and the directory of f.
func (f *File) header() []byte {
	var w image.Writer
	size := uint64(0)
	w.Text(runtime.GOARCH)
	w.Int(f.Written.UnixNano())
	w.Uint(uint64(len(f.Programs)))
	for _, p := range f.Programs {
		w.Text(p.Name)
		w.Text(p.Tenant)
		w.Text(p.Program)
		w.Text(p.Version)
		w.Uint(uint64(len(p.Shards)))
		for _, list := range p.Shards {
			w.Uint(uint64(len(list)))
			for _, i := range list {
				w.Text(i.Name)
				w.Text(i.Layout)
				w.Text(i.Form)
				w.Uint(uint64(len(i.Data)))
				w.Uint(xxhash.Sum64(i.Data))
				size += uint64(len(i.Data))
			}
		}
	}
	b := append(make([]byte, 0, headerSize+len(w.Bytes())), magic...)
	b = binary.LittleEndian.AppendUint32(b, Format)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(w.Bytes())))
	b = binary.LittleEndian.AppendUint64(b, size)
	b = binary.LittleEndian.AppendUint64(b, headerSum(b, w.Bytes()))
	return append(b, w.Bytes()...)
}

func headerSum(header, directory []byte) uint64 {
	d := xxhash.New()
	d.Write(header[:headerSize-8])
	d.Write(directory)
	return d.Sum64()
}

// sizes reads the header of a file that has so many bytes.
func sizes(header []byte, size int64) (directory, images int64, err error) {
	n := min(len(header), len(magic))
	if string(header[:n]) != magic[:n] {
		return 0, 0, ErrForeign
	}
	if len(header) < headerSize {
		return 0, 0, damaged("it ends in its header")
	}
	if v := binary.LittleEndian.Uint32(header[8:]); v != Format {
		return 0, 0, &OtherError{fmt.Sprintf("version %d of the format; this probe reads version %d", v, Format)}
	}
	d, i := binary.LittleEndian.Uint64(header[12:]), binary.LittleEndian.Uint64(header[20:])
	if d > maxDirectory || i > 1<<62 || headerSize+int64(d)+int64(i) != size {
		return 0, 0, damaged("it has %d bytes, and its header says otherwise", size)
	}
	return int64(d), int64(i), nil
}

// decode reads the directory, whose images are in data. They alias it.
func decode(header, directory, data []byte) (*File, error) {
	if binary.LittleEndian.Uint64(header[headerSize-8:]) != headerSum(header, directory) {
		return nil, damaged("the checksum of its directory is wrong")
	}
	r := image.NewReader(directory)
	if arch := r.Text(); r.Err() == nil && arch != runtime.GOARCH {
		return nil, &OtherError{fmt.Sprintf("the state of a probe for %s; this one is for %s", arch, runtime.GOARCH)}
	}
	f := &File{Written: time.Unix(0, r.Int())}
	// Every entry takes bytes of the directory, so there are never more.
	for range r.Count(len(directory)) {
		p := Program{Name: r.Text(), Tenant: r.Text(), Program: r.Text(), Version: r.Text()}
		for range r.Count(len(directory)) {
			if r.Err() != nil {
				break
			}
			var list []program.Image
			for range r.Count(len(directory)) {
				i := program.Image{Name: r.Text(), Layout: r.Text(), Form: r.Text()}
				size, sum := r.Uint(), r.Uint()
				if size > uint64(len(data)) || r.Err() != nil {
					return nil, damaged("its directory is wrong")
				}
				i.Data, data = data[:size:size], data[size:]
				if xxhash.Sum64(i.Data) != sum {
					return nil, damaged("the checksum of %s of program %s is wrong", i.Name, p.Name)
				}
				list = append(list, i)
			}
			p.Shards = append(p.Shards, list)
		}
		if r.Err() != nil {
			break
		}
		f.Programs = append(f.Programs, p)
	}
	if r.End() != nil || len(data) > 0 {
		return nil, damaged("its directory is wrong")
	}
	return f, nil
}
