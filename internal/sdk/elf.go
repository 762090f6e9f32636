package sdk

import (
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

// fingerprints reads the package fingerprints from the dynamic symbol table. Its names are
// not made strings one by one, as debug/elf makes them: a probe has 75 000, and is asked
// whenever it starts.
func fingerprints(f *elf.File) (map[string]string, error) {
	table := f.SectionByType(elf.SHT_DYNSYM)
	if table == nil {
		return nil, nil
	}
	if f.Class != elf.ELFCLASS64 || int(table.Link) >= len(f.Sections) {
		return nil, errors.New("reading dynamic symbols: not a 64-bit table with names")
	}
	symbols, err := table.Data()
	if err != nil {
		return nil, fmt.Errorf("reading dynamic symbols: %w", err)
	}
	names, err := f.Sections[table.Link].Data()
	if err != nil {
		return nil, fmt.Errorf("reading dynamic symbols: %w", err)
	}
	pkgs := map[string]string{}
	prefix := []byte(fingerprintPrefix)
	for ; len(symbols) >= elf.Sym64Size; symbols = symbols[elf.Sym64Size:] {
		at := f.ByteOrder.Uint32(symbols)
		if uint64(at) >= uint64(len(names)) || !bytes.HasPrefix(names[at:], prefix) {
			continue
		}
		text, _, _ := bytes.Cut(names[int(at)+len(prefix):], []byte{0})
		name := string(text)
		sum, err := fingerprint(f, symbols)
		if err != nil {
			return nil, fmt.Errorf("fingerprint of %s: %w", name, err)
		}
		pkgs[name] = hex.EncodeToString(sum)
	}
	return pkgs, nil
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
