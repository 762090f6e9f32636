package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"

	"github.com/streamon/streamon/internal/probe"
)

// Client talks to a probe over its control socket.
type Client struct{ http http.Client }

// ErrNoProbe says that nothing listens at the socket.
var ErrNoProbe = errors.New("no probe listens there")

// Dial returns a client for the socket at path; it connects with each request.
func Dial(path string) *Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a probe sends nobody elsewhere
	return &Client{http.Client{CheckRedirect: stay, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, "unix", path)
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
				return nil, fmt.Errorf("%s: %w", path, ErrNoProbe)
			}
			return c, err
		},
	}}}
}

// Load asks the probe to load a program.
func (c *Client) Load(ctx context.Context, r LoadRequest) (g probe.Generation, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/programs", r, &g)
	return g, err
}

// Replace asks the probe to replace a program.
func (c *Client) Replace(ctx context.Context, r LoadRequest) (g probe.Generation, err error) {
	err = c.do(ctx, http.MethodPut, "/v1/programs", r, &g)
	return g, err
}

// Upload brings a program along, a source that the probe compiles or a plugin, for a request
// that loads or replaces. name is that of the file.
func (c *Client) Upload(ctx context.Context, name string, text []byte) (u Upload, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/uploads?file="+url.QueryEscape(name), text, &u)
	return u, err
}

// Unload asks the probe to remove a program.
func (c *Client) Unload(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, "/v1/programs/"+url.PathEscape(name), nil, nil)
}

// Reload asks the probe to read list files again, those of one program or of all.
func (c *Client) Reload(ctx context.Context, name string) (int, error) {
	var r Reloaded
	err := c.do(ctx, http.MethodPost, "/v1/reload?program="+url.QueryEscape(name), nil, &r)
	return r.Lists, err
}

// Summary returns what the probe did so far.
func (c *Client) Summary(ctx context.Context) (s probe.Summary, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/programs", nil, &s)
	return s, err
}

// Show returns one program with up to limit entities.
func (c *Client) Show(ctx context.Context, name string, limit int) (d probe.Detail, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/programs/"+url.PathEscape(name)+"?limit="+strconv.Itoa(limit), nil, &d)
	return d, err
}

// Params returns the parameters of a program.
func (c *Client) Params(ctx context.Context, name string) (p Params, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/programs/"+url.PathEscape(name)+"/params", nil, &p)
	return p, err
}

// Alerts returns the last alerts: those of one instance unless program is "", of a level and
// above unless level is "", with numbers above after.
func (c *Client) Alerts(ctx context.Context, program, level string, after uint64, limit int) (a Alerts, err error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}, "program": {program}, "level": {level}, "after": {strconv.FormatUint(after, 10)}}
	err = c.do(ctx, http.MethodGet, "/v1/alerts?"+q.Encode(), nil, &a)
	return a, err
}

// Stream calls f for each event of a stream, with its type and its data, until ctx is done,
// f returns an error, or the probe ends, which is none.
func (c *Client) Stream(ctx context.Context, q url.Values, f func(event string, data []byte) error) error {
	resp, err := c.send(ctx, http.MethodGet, "/v1/stream?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	event := ""
	for lines.Scan() {
		switch name, value, _ := bytes.Cut(lines.Bytes(), []byte(": ")); string(name) {
		case "event":
			event = string(value)
		case "data":
			if err := f(event, value); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil && ctx.Err() == nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading the probe's stream: %w", err)
	}
	return nil
}

// do sends a request and reads the answer; one that is an error becomes a *Problem.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	resp, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("reading the probe's answer: %w", err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("reading the probe's answer: %w; does another program listen at the socket?", err)
	}
	return nil
}

// send sends a request, with bytes as they are and else JSON; the caller closes the body of
// the answer.
func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if file, ok := in.([]byte); ok {
		body = bytes.NewReader(file)
	} else if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://probe"+path, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			err = errors.New("the probe does not answer: its worker is busy or stuck")
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
			err = errors.New("the probe ended before it answered")
		case !errors.Is(err, ErrNoProbe) && !errors.Is(err, context.Canceled):
			err = fmt.Errorf("asking the probe: %w", err)
		}
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	p := &Problem{Status: resp.StatusCode}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil || json.Unmarshal(text, p) != nil || p.Message == "" {
		p.Message = "the probe answered " + resp.Status
	}
	return nil, p
}
