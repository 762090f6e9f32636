package sink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/config"
)

// options are the options of a sink while they are read. What is wrong is collected,
// so that it can be said at once.
type options struct {
	values map[string]string
	known  map[string]bool // that somebody asked for
	errs   []string
}

// readOptions reads "name=value&name=value".
func readOptions(query string) (*options, error) {
	o := &options{values: map[string]string{}, known: map[string]bool{}}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		value, err := url.PathUnescape(value) // a plus is a plus
		switch {
		case !ok:
			return nil, fmt.Errorf("option %q: expected %s=VALUE", name, name)
		case err != nil:
			return nil, fmt.Errorf("option %s: %%XX is expected after %%", name)
		case o.has(name):
			return nil, fmt.Errorf("option %s is given twice", name)
		}
		o.values[name] = value
	}
	return o, nil
}

func (o *options) has(name string) bool { _, ok := o.values[name]; return ok }

func (o *options) fail(format string, args ...any) {
	o.errs = append(o.errs, fmt.Sprintf(format, args...))
}

// text returns an option as it is.
func (o *options) text(name, unset string) string {
	o.known[name] = true
	if v, ok := o.values[name]; ok {
		return v
	}
	return unset
}

func (o *options) choice(name, unset string, of ...string) string {
	v := o.text(name, unset)
	if !slices.Contains(of, v) {
		o.fail("%s=%s: expected %s", name, v, strings.Join(of, ", "))
		return unset
	}
	return v
}

func (o *options) count(name string, unset, least, most int) int {
	v := o.text(name, "")
	if v == "" && !o.has(name) {
		return unset
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		o.fail("%s=%s: expected a number from %d to %d", name, v, least, most)
		return unset
	}
	return n
}

func (o *options) size(name string, unset, least int64) int64 {
	v := o.text(name, "")
	if v == "" && !o.has(name) {
		return unset
	}
	n, err := config.ParseSize(v)
	if err != nil {
		o.fail("%s=%v", name, err)
		return unset
	}
	if n < least {
		o.fail("%s=%s: expected %d at least", name, v, least)
	}
	return n
}

func (o *options) duration(name string, unset time.Duration) time.Duration {
	v := o.text(name, "")
	if v == "" && !o.has(name) {
		return unset
	}
	d, err := config.ParseDuration(v)
	if err != nil {
		o.fail("%s=%v", name, err)
		return unset
	}
	return d
}

// timeout reads the option of that name: a receiver that is waited for without an end
// would end the sink.
func (o *options) timeout() time.Duration {
	d := o.duration("timeout", 10*time.Second)
	if d < time.Millisecond {
		o.fail("timeout=%s: expected 1ms at least", o.values["timeout"])
	}
	return d
}

// list reads words that commas separate, of those given, if any are.
func (o *options) list(name string, of ...string) []string {
	v := o.text(name, "")
	if !o.has(name) {
		return nil
	}
	list := strings.Split(v, ",")
	for _, word := range list {
		if word == "" || len(of) > 0 && !slices.Contains(of, word) {
			o.fail("%s=%s: expected one or more of %s", name, v, strings.Join(of, ", "))
			break
		}
	}
	return list
}

// secret reads the file that an option names, without the end of its line.
func (o *options) secret(name string) string {
	path := o.text(name, "")
	if path == "" {
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		o.fail("%s: %v", name, pathError(err))
	}
	return strings.TrimRight(string(text), "\r\n")
}

// pathError is err without the name of the system call.
func pathError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}

// tls reads the options of a TLS client: ca, cert and key are files in PEM, name is
// what the server's certificate is expected to say.
func (o *options) tls(host string) *tls.Config {
	c := &tls.Config{ServerName: o.text("name", host), MinVersion: tls.VersionTLS12}
	if path := o.text("ca", ""); path != "" {
		pem, err := os.ReadFile(path)
		c.RootCAs = x509.NewCertPool()
		if err != nil {
			o.fail("ca: %v", pathError(err))
		} else if !c.RootCAs.AppendCertsFromPEM(pem) {
			o.fail("ca: %s holds no certificate in PEM", path)
		}
	}
	cert, key := o.text("cert", ""), o.text("key", "")
	if (cert == "") != (key == "") {
		o.fail("cert and key go together")
	} else if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			o.fail("cert: %v", pathError(err))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

// rest complains of options that nobody asked for.
func (o *options) rest() {
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		if !o.known[name] {
			o.fail("unknown option %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(o.known)), ", "))
		}
	}
}
