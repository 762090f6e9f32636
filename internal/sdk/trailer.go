package sdk

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Manifest travels behind the ELF file of a plugin. It binds the file to the
// program text and to the sources that it was compiled against.
type Manifest struct {
	Format    int    `json:"format"`    // 1
	ID        string `json:"id"`        // build identity, part of the package path
	Name      string `json:"name"`      // program name
	Source    string `json:"source"`    // base name of the program file
	Program   string `json:"program"`   // SHA-256 of the program text, hex
	Go        string `json:"go"`        // runtime.Version() of the toolchain
	SDKSHA256 string `json:"sdkSHA256"` // Description.SHA256 it was compiled against
	ABI       int    `json:"abi"`
	ELFSHA256 string `json:"elfSHA256"` // of the bytes before the manifest
}

// trailerMagic ends a plugin file; before it stand the length of the manifest
// (4 bytes, big endian) and the manifest as JSON.
const trailerMagic = "streamon"

// ErrNoTrailer says that a file is not a plugin made by smcc.
var ErrNoTrailer = errors.New("not made by smcc (no manifest at its end)")

// ErrDamaged says that a plugin is not what smcc wrote.
var ErrDamaged = errors.New("SHA-256 differs from its manifest (damaged or edited)")

// Seal returns the plugin file for an ELF body: body, manifest, length, magic.
// It sets m.Format and m.ELFSHA256.
func Seal(body []byte, m Manifest) ([]byte, error) {
	m.Format = 1
	sum := sha256.Sum256(body)
	m.ELFSHA256 = hex.EncodeToString(sum[:])
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	out := append(bytes.Clone(body), text...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(text)))
	return append(out, trailerMagic...), nil
}

// Unseal splits a plugin file into its ELF body and its manifest and checks
// that the body is the one that was sealed.
func Unseal(file []byte) (body []byte, m Manifest, err error) {
	rest, ok := bytes.CutSuffix(file, []byte(trailerMagic))
	if !ok || len(rest) < 4 {
		return nil, m, ErrNoTrailer
	}
	n := int64(binary.BigEndian.Uint32(rest[len(rest)-4:]))
	rest = rest[:len(rest)-4]
	if n > int64(len(rest)) {
		return nil, m, ErrNoTrailer
	}
	body, text := rest[:int64(len(rest))-n], rest[int64(len(rest))-n:]
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, m, fmt.Errorf("its manifest is damaged: %w", err)
	}
	if m.Format != 1 {
		return nil, m, fmt.Errorf("its format is %d, this binary reads 1; upgrade smprobe", m.Format)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != m.ELFSHA256 {
		return nil, m, ErrDamaged
	}
	return body, m, nil
}
