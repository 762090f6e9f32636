// Package access decides who may ask the probe for what.
//
// It owns the file of tokens, the rights in it, and the TLS settings of the TCP
// listener. Whoever may connect to the control socket is the operator and needs none of
// this. The main type is [Keys], the file; [Caller] is what it says about a request:
//
//	keys, err := access.Open("tokens")
//	…
//	caller, err := keys.Token(header)   // or keys.Certificate(peer)
//
// The file has one caller a line; # begins a comment:
//
//	sha256:9f86d0…  acme  read      # a bearer token, by its hash
//	cert:grafana    *     read      # a client certificate, by its common name
//	sha256:2c26b4…  acme  write  net:10.1.0.0/16 vlan:10
//
// The second word is the tenant, * stands for all: the operator. Who may write may read.
// Further words are the slice of the traffic that the programs of a tenant are shown,
// whatever it asks for; without them they are shown all.
// Tokens are 256 random bits, so one round of SHA-256 keeps them: there is no dictionary
// to try. The file is read again when it changes; while it cannot be read, nobody is let in.
package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/probe"
)

// Caller is who asks.
type Caller struct {
	Tenant     string       // unless IsOperator
	Within     *probe.Slice // traffic that what it loads is shown; nil = all
	IsOperator bool         // may see and change what is of any tenant, and the probe itself
	MayWrite   bool
}

// Operator is whoever may connect to the control socket.
var Operator = Caller{IsOperator: true, MayWrite: true}

// ErrUnknown says that a token or certificate is not in the file.
var ErrUnknown = errors.New("is not known to this probe")

// Keys is a file of tokens. Safe for concurrent use.
type Keys struct {
	path string

	mu      sync.Mutex
	looked  time.Time // when the file was looked at
	mod     time.Time // its time and size then
	size    int64
	err     error // the file cannot be read
	callers map[string]Caller
}

// lookEvery is how often the file is looked at, at most.
const lookEvery = time.Second

// maxFileBytes bounds the file.
const maxFileBytes = 1 << 20

// Open reads a file of tokens.
func Open(path string) (*Keys, error) {
	k := &Keys{path: path}
	k.look(time.Now())
	return k, k.err
}

// look reads the file if it has changed. The caller has the lock, or is alone.
func (k *Keys) look(now time.Time) {
	if !k.looked.IsZero() && now.Sub(k.looked) < lookEvery {
		return
	}
	k.looked = now
	st, err := os.Stat(k.path)
	if err == nil && k.err == nil && k.callers != nil && st.ModTime().Equal(k.mod) && st.Size() == k.size {
		return
	}
	if err == nil {
		k.mod, k.size = st.ModTime(), st.Size()
		k.callers, err = read(k.path, st)
	}
	if k.err = err; err != nil {
		k.callers = nil
	}
}

// read reads the file at path, which nobody but its owner may change.
func read(path string, st fs.FileInfo) (map[string]Caller, error) {
	switch {
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case st.Size() > maxFileBytes:
		return nil, fmt.Errorf("%s: %d bytes, more than the %d a file of tokens may have", path, st.Size(), maxFileBytes)
	}
	if err := CheckOwner(path, st); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	callers := map[string]Caller{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		key, c, err := parse(words)
		if err == nil {
			if _, twice := callers[key]; twice {
				err = errors.New("is there twice")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		callers[key] = c
	}
	return callers, nil
}

// parse reads the words of a line.
func parse(words []string) (key string, c Caller, err error) {
	if len(words) < 3 {
		return "", c, fmt.Errorf("%d words, expected three: sha256:HASH or cert:NAME, tenant, read or write", len(words))
	}
	kind, value, _ := strings.Cut(words[0], ":")
	switch kind {
	case "sha256":
		sum, err := hex.DecodeString(value)
		if err != nil || len(sum) != sha256.Size {
			return "", c, fmt.Errorf("sha256:%.80s: expected %d hexadecimal digits", value, 2*sha256.Size)
		}
		key = string(sum)
	case "cert":
		if value == "" {
			return "", c, errors.New("cert: has no name")
		}
		key = words[0]
	default:
		return "", c, fmt.Errorf("%.80q: expected sha256:HASH or cert:NAME", words[0])
	}
	if c.Tenant = words[1]; c.Tenant == "*" {
		c.Tenant, c.IsOperator = "", true
	} else if err := probe.CheckName("tenant", c.Tenant); err != nil {
		return "", c, err
	}
	switch words[2] {
	case "write":
		c.MayWrite = true
	case "read":
	default:
		return "", c, fmt.Errorf("rights %.80q: expected read or write", words[2])
	}
	c.Within, err = within(words[3:])
	if err == nil && c.Within != nil && c.IsOperator {
		err = errors.New("the operator sees all traffic: a slice is for a tenant")
	}
	return key, c, err
}

// within reads the slice at the end of a line; nil if there is none.
func within(words []string) (*probe.Slice, error) {
	if len(words) == 0 {
		return nil, nil
	}
	s := &probe.Slice{}
	for _, w := range words {
		kind, value, _ := strings.Cut(w, ":")
		switch kind {
		case "net":
			s.Nets = append(s.Nets, value)
		case "vlan":
			n, err := strconv.Atoi(value)
			if err != nil {
				return nil, fmt.Errorf("%.80q: expected vlan:NUMBER", w)
			}
			s.VLANs = append(s.VLANs, n)
		default:
			return nil, fmt.Errorf("%.80q: expected net:NETWORK or vlan:NUMBER", w)
		}
	}
	return s, s.Check()
}

func (k *Keys) find(key string) (Caller, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.look(time.Now())
	if k.err != nil {
		return Caller{}, k.err
	}
	c, ok := k.callers[key]
	if !ok {
		return c, ErrUnknown
	}
	return c, nil
}

// Token returns whose bearer token it is. The error is ErrUnknown, or says why the
// file cannot be read.
func (k *Keys) Token(token string) (Caller, error) {
	// The hash is what is compared: how long that takes says nothing about the token.
	sum := sha256.Sum256([]byte(token))
	return k.find(string(sum[:]))
}

// Certificate returns whose client certificate it is, by its common name; that it is
// valid was seen to by TLS.
func (k *Keys) Certificate(c *x509.Certificate) (Caller, error) {
	return k.find("cert:" + c.Subject.CommonName)
}

// Make returns a new token and the first word of its line.
func Make() (token, word string) {
	var b [32]byte
	rand.Read(b[:]) // never fails
	token = "smt_" + base64.RawURLEncoding.EncodeToString(b[:])
	sum := sha256.Sum256([]byte(token))
	return token, "sha256:" + hex.EncodeToString(sum[:])
}

// MakeLine returns a new token for a tenant, * for the operator, and its line of the file.
func MakeLine(tenant string, mayWrite bool) (token, line string, err error) {
	token, word := Make()
	rights := "read"
	if mayWrite {
		rights = "write"
	}
	line = word + " " + tenant + " " + rights
	_, _, err = parse([]string{word, tenant, rights})
	return token, line, err
}
