package sdk

import (
	"bufio"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// fingerprintPrefix begins the dynamic symbol under which the Go linker keeps
// the hash of a package's export data (cmd/link/internal/ld/symtab.go).
const fingerprintPrefix = "go:link.pkghashbytes."

// hostPackages returns the fingerprints of the packages linked into the binary
// at path, or the reason why it cannot load plugins, and what mends that if something does.
func hostPackages(path string) (pkgs map[string]string, whyNot, mend string) {
	f, err := elf.Open(path)
	var cannot *fs.PathError
	switch {
	case errors.As(err, &cannot): // somebody who may run it need not be allowed to read it
		return nil, fmt.Sprintf("its own binary %s cannot be read: %v", path, cannot.Err), "let this user read it: chmod a+r " + path
	case err != nil:
		return nil, "not an ELF binary: plugins need Linux", ""
	}
	defer f.Close()
	pkgs, err = fingerprints(f)
	if err != nil || len(pkgs) == 0 {
		return nil, "built without cgo (static)", ""
	}
	return pkgs, "", ""
}

// fingerprints reads the package fingerprints from the dynamic symbol table. A probe has
// 75 000 symbols, and is asked whenever it starts: so names are not made strings one by one,
// as debug/elf makes them, and the tables, of 4 MB, are gone through in pieces.
func fingerprints(f *elf.File) (map[string]string, error) {
	table := f.SectionByType(elf.SHT_DYNSYM)
	if table == nil {
		return nil, nil
	}
	if f.Class != elf.ELFCLASS64 || int(table.Link) >= len(f.Sections) {
		return nil, errors.New("reading dynamic symbols: not a 64-bit table with names")
	}
	names, err := fingerprintNames(f.Sections[table.Link].Open())
	if err != nil {
		return nil, fmt.Errorf("reading names of dynamic symbols: %w", err)
	}
	pkgs := map[string]string{}
	var symbol [elf.Sym64Size]byte
	for symbols := bufio.NewReaderSize(table.Open(), pieceBytes); ; {
		switch _, err := io.ReadFull(symbols, symbol[:]); err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return pkgs, nil
		default:
			return nil, fmt.Errorf("reading dynamic symbols: %w", err)
		}
		name, ok := names[uint64(f.ByteOrder.Uint32(symbol[:]))]
		if !ok {
			continue
		}
		sum, err := fingerprint(f, symbol[:])
		if err != nil {
			return nil, fmt.Errorf("fingerprint of %s: %w", name, err)
		}
		pkgs[name] = hex.EncodeToString(sum)
	}
}

// pieceBytes is how much of a table is read at a time.
const pieceBytes = 64 << 10

// fingerprintNames finds the packages among the names in a table of strings that each end with
// a zero, by where the name of the symbol begins.
func fingerprintNames(table io.Reader) (map[uint64]string, error) {
	names, prefix := map[uint64]string{}, []byte(fingerprintPrefix)
	strings, at := bufio.NewReaderSize(table, pieceBytes), uint64(0)
	for {
		text, err := strings.ReadSlice(0)
		if i := bytes.Index(text, prefix); i >= 0 && err == nil {
			names[at+uint64(i)] = string(text[i+len(prefix) : len(text)-1])
		}
		switch at += uint64(len(text)); {
		case err == io.EOF:
			return names, nil
		case err != nil && err != bufio.ErrBufferFull: // that long is no package's
			return nil, err
		}
	}
}

// fingerprint reads the bytes of a dynamic symbol, an Elf64_Sym.
func fingerprint(f *elf.File, symbol []byte) ([]byte, error) {
	in := int(f.ByteOrder.Uint16(symbol[6:]))
	value, size := f.ByteOrder.Uint64(symbol[8:]), f.ByteOrder.Uint64(symbol[16:])
	if in == 0 || in >= len(f.Sections) || size == 0 || size > 64 {
		return nil, errors.New("bad symbol")
	}
	sec := f.Sections[in]
	if size > sec.Size || value < sec.Addr || value-sec.Addr > sec.Size-size {
		return nil, errors.New("outside its section")
	}
	sum := make([]byte, size)
	_, err := sec.ReadAt(sum, int64(value-sec.Addr))
	return sum, err
}

// object is what can be read of a plugin without loading it.
type object struct {
	goVersion string
	settings  map[string]string
	packages  map[string]string
}

// readObject reads the ELF file body. It never panics: damaged files that the
// standard parsers choke on are answered with an error.
func readObject(body []byte) (o *object, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged ELF file: %v", r)
		}
	}()
	f, err := elf.NewFile(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("not an ELF file: %w", err)
	}
	if f.Type != elf.ET_DYN {
		return nil, errors.New("not a shared object")
	}
	// A file cut short loads, and then kills the process when a page behind its
	// end is touched.
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Off+p.Filesz > uint64(len(body)) {
			return nil, fmt.Errorf("cut short: %d bytes, segments need %d", len(body), p.Off+p.Filesz)
		}
	}
	info, err := buildinfo.Read(io.ReaderAt(bytes.NewReader(body)))
	if err != nil {
		return nil, fmt.Errorf("no Go build information: %w", err)
	}
	o = &object{goVersion: info.GoVersion, settings: map[string]string{}}
	for _, s := range info.Settings {
		o.settings[s.Key] = s.Value
	}
	o.packages, err = fingerprints(f)
	return o, err
}
