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
	"strings"
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

// fingerprints reads the package fingerprints from the dynamic symbol table.
func fingerprints(f *elf.File) (map[string]string, error) {
	symbols, err := f.DynamicSymbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading dynamic symbols: %w", err)
	}
	pkgs := map[string]string{}
	for _, s := range symbols {
		name, ok := strings.CutPrefix(s.Name, fingerprintPrefix)
		if !ok {
			continue
		}
		if int(s.Section) <= 0 || int(s.Section) >= len(f.Sections) || s.Size == 0 || s.Size > 64 {
			return nil, fmt.Errorf("fingerprint of %s: bad symbol", name)
		}
		sec := f.Sections[s.Section]
		if s.Value < sec.Addr || s.Value-sec.Addr+s.Size > sec.Size {
			return nil, fmt.Errorf("fingerprint of %s: outside its section", name)
		}
		sum := make([]byte, s.Size)
		if _, err := sec.ReadAt(sum, int64(s.Value-sec.Addr)); err != nil {
			return nil, fmt.Errorf("fingerprint of %s: %w", name, err)
		}
		pkgs[name] = hex.EncodeToString(sum)
	}
	return pkgs, nil
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
