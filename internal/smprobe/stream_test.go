package smprobe

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// event is one of a stream.
type event struct{ name, id, data string }

// stream opens a stream as somebody; next reads one event of it.
func (s *service) stream(ctx context.Context, who, query, lastID string) (resp *http.Response, next func() event) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/v1/stream"+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.tokens[who])
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	if resp, err = http.DefaultClient.Do(req); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewReader(resp.Body)
	return resp, func() (e event) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return event{name: "end"}
			}
			switch name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); name {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				if value == "" && e.name != "" {
					return e
				}
			}
		}
	}
}

// TestStream: a stream has the records of those it is for, in order, and tells what it
// dropped; it goes on where it ended, and ends with the probe.
func TestStream(t *testing.T) {
	s := start(t)
	s.want(200, "", "red write", "POST", "/v1/programs", `{"path":"rich.so","name":"red-rich"}`)
	schema := loadSchema(t)
	last := uint64(0)
	types := map[string]bool{}
	resp, next := s.stream(t.Context(), "red read", "?types=alert,publish,log", "")
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %q", got)
	}
	var id uint64
	for range 300 {
		e := next()
		if e.name == "dropped" {
			continue
		}
		var v any
		if _, err := fmt.Sscan(e.id, &id); err != nil || id <= last {
			t.Fatalf("%+v after record %d: %v", e, last, err)
		}
		last = id
		if err := json.Unmarshal([]byte(e.data), &v); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		if err := schema.check(v, "record"); err != nil || !strings.Contains(e.data, `"tenant":"red"`) || !strings.Contains(e.data, `"type":"`+e.name+`"`) {
			t.Fatalf("%+v: %v", e, err)
		}
		types[e.name] = true
	}
	if len(types) != 3 {
		t.Errorf("the stream has %v, want alerts, publish and log", types)
	}
	// What is kept comes first, and then what is new. The number of the newest is asked for
	// before, so that some are certain to be kept.
	var a struct{ Last uint64 }
	if err := json.Unmarshal([]byte(s.want(200, "", "red read", "GET", "/v1/alerts?limit=50", "")), &a); err != nil || a.Last == 0 {
		t.Fatalf("alerts: %+v, %v", a, err)
	}
	_, next = s.stream(t.Context(), "red read", "?types=alert&level=low", fmt.Sprint(a.Last))
	e := next()
	if n, _ := fmt.Sscan(e.id, &id); e.name != "alert" || n != 1 || id <= a.Last {
		t.Errorf("after %d comes %+v", a.Last, e)
	}
	// One who does not read: the probe goes on, and the stream says what it dropped.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, lazy := s.stream(ctx, "* read", "?types=alert,publish,log", "")
	s.until("* read", "/metrics", "streamon_stream_dropped_total ")
	for end := time.Now().Add(time.Minute); strings.Contains(s.want(200, "", "* read", "GET", "/metrics", ""), "streamon_stream_dropped_total 0\n"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is dropped for a client that does not read")
		}
	}
	dropped := false
	for range 1_000_000 {
		if e := lazy(); e.name == "dropped" {
			var d struct{ Dropped uint64 }
			dropped = json.Unmarshal([]byte(e.data), &d) == nil && d.Dropped > 0
			break
		} else if e.name == "end" {
			break
		}
	}
	if !dropped {
		t.Error("the stream does not say what it dropped")
	}
	// A tenant has its share of streams, and the operator more.
	for i := 0; ; i++ {
		resp, _ := s.stream(t.Context(), "blue write", "", "")
		if resp.StatusCode != 200 {
			if i != 16 || resp.StatusCode != http.StatusTooManyRequests {
				t.Errorf("stream %d of a tenant: %s", i+1, resp.Status)
			}
			break
		}
	}
	_, next = s.stream(t.Context(), "* read", "", "")
	if e := next(); e.name == "end" {
		t.Error("the streams of a tenant keep the operator out")
	}
	s.healthy()
	for e := next(); e.name != "end"; e = next() {
	}
}

// pki makes certificates for a test, in a directory.
type pki struct {
	t   *testing.T
	dir string
	ca  *x509.Certificate
	key *ecdsa.PrivateKey
}

func newPKI(t *testing.T, dir, name string) *pki {
	p := &pki{t: t, dir: dir}
	p.ca, p.key = p.make(name, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	return p
}

func (p *pki) make(name string, c, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		p.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	for ext, b := range map[string]*pem.Block{".crt": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(filepath.Join(p.dir, name+ext), pem.EncodeToMemory(b), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	return cert, key
}

func (p *pki) leaf(name string, use x509.ExtKeyUsage) tls.Certificate {
	p.t.Helper()
	p.make(name, &x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{use}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, p.ca, p.key)
	c, err := tls.LoadX509KeyPair(filepath.Join(p.dir, name+".crt"), filepath.Join(p.dir, name+".key"))
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// TestTLS: certificates instead of tokens, and beside them.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	ca, stranger := newPKI(t, dir, "ca"), newPKI(t, dir, "stranger")
	ca.leaf("server", x509.ExtKeyUsageServerAuth)
	roots := x509.NewCertPool()
	roots.AddCert(ca.ca)
	flags := []string{"--tls-cert", filepath.Join(dir, "server.crt"), "--tls-key", filepath.Join(dir, "server.key"), "--client-ca", filepath.Join(dir, "ca.crt")}
	as := func(s *service, certs ...tls.Certificate) {
		s.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certs}, DisableKeepAlives: true}}
	}
	fails := func(s *service, what string, c *tls.Config) {
		t.Helper()
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}}
		if resp, err := client.Get(s.url + "/v1/programs"); err == nil && resp.StatusCode != 401 {
			t.Errorf("%s: %s", what, resp.Status)
		}
	}
	dash, clerk := ca.leaf("dash", x509.ExtKeyUsageClientAuth), ca.leaf("clerk", x509.ExtKeyUsageClientAuth)
	foreign := stranger.leaf("dash", x509.ExtKeyUsageClientAuth)

	t.Run("with tokens", func(t *testing.T) {
		s := start(t, flags...)
		f, err := os.OpenFile(filepath.Join(s.dir, "tokens"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(f, "cert:dash red read")
		f.Close()
		as(s, dash)
		s.until("nobody", "/v1/programs", `"programs":[]`) // the file is read again within a second
		s.want(403, "another tenant", "nobody", "GET", "/v1/programs/base", "")
		as(s, clerk)
		s.want(401, "not known", "nobody", "GET", "/v1/programs", "")
		s.want(200, `"base"`, "* read", "GET", "/v1/programs", "") // the token counts
		as(s)
		s.want(401, "no token", "nobody", "GET", "/v1/programs", "")
		s.want(200, `"base"`, "* read", "GET", "/v1/programs", "")
		fails(s, "a certificate of another authority", &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{foreign}})
		fails(s, "TLS 1.1", &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11, Certificates: []tls.Certificate{dash}})
		if code := s.stop(); code != 0 {
			t.Errorf("exit %d: %s", code, s.log)
		}
	})
	t.Run("alone", func(t *testing.T) {
		s := start(t, append(flags, noTokens)...)
		as(s, clerk)
		s.want(200, `"base"`, "nobody", "GET", "/v1/programs", "")
		s.want(200, `"program":"talk"`, "nobody", "POST", "/v1/programs", `{"path":"talk.so"}`)
		fails(s, "no certificate", &tls.Config{RootCAs: roots})
		fails(s, "a certificate of another authority", &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{foreign}})
		fails(s, "the certificate of a server", &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{ca.leaf("other", x509.ExtKeyUsageServerAuth)}})
		if code := s.stop(); code != 0 {
			t.Errorf("exit %d: %s", code, s.log)
		}
	})
}
