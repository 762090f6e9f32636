package sink

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// webhookCarrier posts batches of records to a URL.
type webhookCarrier struct {
	url     string
	body    string // array, lines or single
	isText  bool   // records are lines of text
	headers http.Header
	client  *http.Client
	timeout time.Duration

	run string // what makes the keys of this run unlike those of others
	seq uint64 // of the batch that was sent last
	at  *item  // its first record
	n   int    // its records
}

const (
	maxAnswer     = 64 << 10        // bytes of an answer that are read, so that the connection can be used again
	maxRetryAfter = 5 * time.Minute // what a receiver may ask for
)

func parseWebhook(s *Spec, target string, o *options) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		s.Name = "webhook:…"
		o.fail("expected a URL, as in webhook:https://soc.example/alerts#batch=100")
		u = &url.URL{}
	} else {
		s.Name = "webhook:" + u.Scheme + "://" + u.Host // path and query often hold a token
	}
	s.batch, s.linger = 100, time.Second
	c := webhookCarrier{url: target, timeout: o.timeout()}
	c.body = o.choice("body", "array", "array", "lines", "single")
	c.isText = o.text("format", "") == "text"
	if c.isText && c.body != "lines" {
		o.fail("format=text needs body=lines")
	}
	c.headers = readHeaders(o)
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: c.timeout}).DialContext, ForceAttemptHTTP2: true,
		TLSClientConfig: o.tls(""), TLSHandshakeTimeout: c.timeout, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
		ResponseHeaderTimeout: c.timeout,
	}
	c.client = &http.Client{
		Transport: t, Timeout: c.timeout,
		// A POST that is redirected would become a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.open = func(*Options) (carrier, error) {
		k := c
		k.run = rand.Text()
		return &k, nil
	}
}

// readHeaders reads the file of the option headers: "Name: value" a line. Secrets
// belong there, not into a command line that everybody sees.
func readHeaders(o *options) http.Header {
	path := o.text("headers", "")
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		o.fail("headers: %v", pathError(err))
		return nil
	}
	h := http.Header{}
	scan := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; scan.Scan(); n++ {
		line := strings.TrimSpace(scan.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || textproto.TrimString(name) != name || strings.ContainsAny(name, " \t") || name == "" {
			o.fail("headers: %s:%d: expected Name: value", path, n) // not the line: it may be the secret
			continue
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h
}

// deliver implements carrier.
func (c *webhookCarrier) deliver(ctx context.Context, items []*item) (int, error) {
	n := len(items)
	if c.body == "single" {
		n = 1
	}
	for i := 0; i < len(items); i += n {
		if err := c.post(ctx, items[i:i+n]); err != nil {
			return i, err
		}
	}
	return len(items), nil
}

// encode returns the body of a request, which nothing writes to afterwards: the transport
// may still read it when the request has ended.
func (c *webhookCarrier) encode(items []*item) (b []byte, kind string) {
	size := 2
	for _, it := range items {
		size += len(it.body) + 1
	}
	b = make([]byte, 0, size)
	switch c.body {
	case "lines":
		kind = "application/x-ndjson"
		if c.isText {
			kind = "text/plain; charset=utf-8"
		}
		for _, it := range items {
			b = append(append(b, it.body...), '\n')
		}
	case "single":
		kind, b = "application/json", append(b, items[0].body...)
	default:
		kind, b = "application/json", append(b, '[')
		for i, it := range items {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, it.body...)
		}
		b = append(b, ']')
	}
	return b, kind
}

// post sends one request. Its key is the same when the same records are sent again,
// so that a receiver can know them.
func (c *webhookCarrier) post(ctx context.Context, items []*item) error {
	if c.at != items[0] || c.n != len(items) {
		c.at, c.n = items[0], len(items)
		c.seq++
	}
	body, kind := c.encode(items)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return &refusal{n: len(items), err: errors.New("the request cannot be made"), final: true}
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "smprobe")
	r.Header.Set("Idempotency-Key", c.run+"-"+strconv.FormatUint(c.seq, 10))
	for name, values := range c.headers {
		r.Header[http.CanonicalHeaderKey(name)] = values
		if strings.EqualFold(name, "Host") {
			r.Host = values[0]
		}
	}
	a, err := c.client.Do(r)
	if err != nil {
		return c.short(err)
	}
	io.Copy(io.Discard, io.LimitReader(a.Body, maxAnswer))
	a.Body.Close()
	return verdict(a, len(items))
}

// verdict says what an answer means for n records: nil, an error that is tried again, or
// a refusal.
func verdict(a *http.Response, n int) error {
	if a.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("the receiver answers %s", strings.TrimSpace(a.Status))
	switch a.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound: // the last three: until the operator has mended it
	default:
		if k := a.StatusCode / 100; k != 3 && k != 5 { // 3xx: a proxy that asks for a login, or a URL to be mended
			return &refusal{n: n, err: err}
		}
	}
	if wait := retryAfter(a.Header.Get("Retry-After"), time.Now()); wait > 0 {
		return &delay{err, min(wait, maxRetryAfter)}
	}
	return err
}

// retryAfter reads the header of RFC 9110 §10.2.3: seconds or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.Sub(now)
	}
	return 0
}

// short is err without the URL, which may hold a secret.
func (c *webhookCarrier) short(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Errorf("no answer within %s", c.timeout)
		}
		err = u.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return shortNet(op)
	}
	return err
}

// close implements carrier.
func (c *webhookCarrier) close() error {
	c.client.CloseIdleConnections()
	return nil
}
