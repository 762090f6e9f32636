package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/streamon/streamon/runtime/program"
)

// syslogCarrier sends messages in the format of RFC 5424: a datagram each over UDP
// (RFC 5426) and local sockets, counted octets over TCP and TLS (RFC 6587 §3.4.1, RFC
// 5425). Syslog has no answers, so over TCP a batch counts as delivered when the peer's
// kernel has taken it; a connection that breaks before is made anew and the batch sent
// again.
type syslogCarrier struct {
	network  string // udp, tcp, tls, unix
	address  string
	tls      *tls.Config
	timeout  time.Duration
	facility int
	sdID     string
	host     string
	tag      string

	conn   net.Conn
	broken chan struct{} // closed when the peer has closed the connection
	stream bool
	head   []byte
	buf    []byte
	text   string // of network and address, for messages
}

// facilities are the numbers of RFC 5424 §6.2.1, by the names that syslog(3) has.
var facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// defaultPorts are those of RFC 5426, RFC 6587's usual practice, and RFC 5425.
var defaultPorts = map[string]string{"udp": "514", "tcp": "601", "tls": "6514"}

func parseSyslog(s *Spec, target string, o *options) {
	host, _ := os.Hostname()
	c := syslogCarrier{text: target}
	s.batch, s.linger = 100, 0
	c.timeout = o.timeout()
	c.facility = slices.Index(facilities, o.choice("facility", "local0", facilities...))
	c.sdID = o.text("id", "streamon@32473") // 32473 is for examples (RFC 5612)
	c.host = printable(o.text("host", host), 255)
	c.tag = printable(o.text("tag", "smprobe"), 48)
	if strings.ContainsAny(c.sdID, " =]\"") || printable(c.sdID, 32) != c.sdID {
		o.fail("id=%s: expected a name such as streamon@32473", c.sdID)
	}
	if path, ok := strings.CutPrefix(target, "unix:"); ok {
		c.network, c.address = "unix", "/"+strings.TrimLeft(path, "/")
	} else if u, err := url.Parse(target); err != nil || defaultPorts[u.Scheme] == "" || u.Hostname() == "" || u.Path != "" || u.User != nil {
		o.fail("expected udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or unix:/dev/log")
	} else {
		port := u.Port()
		if port == "" {
			port = defaultPorts[u.Scheme]
		}
		c.network, c.address = u.Scheme, net.JoinHostPort(u.Hostname(), port)
		if c.network == "tls" {
			c.tls = o.tls(u.Hostname())
		}
	}
	s.open = func(*Options) (carrier, error) {
		k := c
		return &k, nil
	}
}

// printable returns s as a field of a syslog header: printable ASCII without spaces,
// "-" if nothing is left.
func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), most)]
}

// severities are the numbers of RFC 5424 §6.2.1 for levels.
var severities = [...]int{
	program.LevelInfo: 6, program.LevelLow: 5, program.LevelMedium: 4, program.LevelHigh: 3, program.LevelCritical: 2,
}

// append appends one message.
func (c *syslogCarrier) append(b []byte, it *item) []byte {
	severity := 6
	if it.kind == program.AlertRecord {
		severity = severities[it.level]
	}
	b = append(b, '<')
	b = strconv.AppendInt(b, int64(c.facility*8+severity), 10)
	b = append(b, ">1 "...)
	b = program.AppendTime(b, it.time)
	b = append(b[:len(b)-len("789Z")], 'Z') // six decimals at most
	b = append(append(append(b, ' '), c.host...), ' ')
	b = append(append(append(b, c.tag...), ' '), strconv.Itoa(os.Getpid())...)
	b = append(append(append(b, ' '), it.kind.String()...), " ["...)
	b = append(append(b, c.sdID...), ` program="`...)
	b = append(append(b, it.prog...), '"') // an identifier
	if it.kind == program.AlertRecord {
		b = append(append(append(b, ` level="`...), it.level.String()...), '"')
	}
	b = append(b, "] "...)
	return append(b, it.body...)
}

// deliver implements carrier.
func (c *syslogCarrier) deliver(ctx context.Context, items []*item) (int, error) {
	if c.conn != nil && c.isBroken() {
		c.hangUp()
	}
	if c.conn == nil {
		if err := c.dial(ctx); err != nil {
			return 0, err
		}
	}
	conn := c.conn // which is another, or none, by the time that ctx is done
	conn.SetWriteDeadline(time.Now().Add(c.timeout))
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if c.stream {
		return c.sendStream(ctx, items)
	}
	for i, it := range items {
		c.buf = c.append(c.buf[:0], it)
		_, err := c.conn.Write(c.buf)
		switch {
		case errors.Is(err, syscall.EMSGSIZE):
			return i, &refusal{n: 1, err: fmt.Errorf("a message of %d bytes is too long for a datagram", len(c.buf))}
		case err != nil:
			c.hangUp()
			return i, c.short(err)
		}
	}
	return len(items), nil
}

// sendStream sends a batch and waits until the peer's kernel has all of it.
func (c *syslogCarrier) sendStream(ctx context.Context, items []*item) (int, error) {
	c.buf = c.buf[:0]
	for _, it := range items {
		c.head = c.append(c.head[:0], it)
		c.buf = append(strconv.AppendInt(c.buf, int64(len(c.head)), 10), ' ')
		c.buf = append(c.buf, c.head...)
	}
	_, err := c.conn.Write(c.buf)
	if err == nil {
		err = c.taken(ctx)
	}
	if err != nil {
		c.hangUp() // part of a message may have gone out
		return 0, c.short(err)
	}
	return len(items), nil
}

var errClosed = errors.New("the peer closed the connection")

// taken waits until the peer has acknowledged all that was written, where the system
// says so.
func (c *syslogCarrier) taken(ctx context.Context) error {
	end := time.Now().Add(c.timeout)
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 20*time.Millisecond) {
		n, ok := unacknowledged(c.conn)
		switch {
		case c.isBroken():
			return errClosed
		case !ok || n == 0:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(end):
			return fmt.Errorf("the peer takes nothing for %s", c.timeout)
		}
		time.Sleep(pause)
	}
}

// dial connects. A local socket is one of datagrams, or else of a stream.
func (c *syslogCarrier) dial(ctx context.Context) (err error) {
	d := net.Dialer{Timeout: c.timeout}
	c.stream = false
	switch c.network {
	case "unix":
		if c.conn, err = d.DialContext(ctx, "unixgram", c.address); err != nil && errors.Is(err, syscall.EPROTOTYPE) {
			c.conn, err = d.DialContext(ctx, "unix", c.address)
			c.stream = true
		}
	case "udp":
		c.conn, err = d.DialContext(ctx, "udp", c.address)
	case "tcp":
		c.conn, err = d.DialContext(ctx, "tcp", c.address)
		c.stream = true
	case "tls":
		t := tls.Dialer{NetDialer: &d, Config: c.tls}
		c.conn, err = t.DialContext(ctx, "tcp", c.address)
		c.stream = true
	}
	if err != nil {
		c.conn = nil
		return c.short(err)
	}
	if c.stream {
		c.broken = make(chan struct{})
		go watch(c.conn, c.broken)
	}
	return nil
}

// watch reads from a connection on which nothing comes, to learn of its end.
func watch(conn net.Conn, broken chan<- struct{}) {
	defer close(broken)
	var b [512]byte
	for {
		if _, err := conn.Read(b[:]); err != nil {
			return
		}
	}
}

func (c *syslogCarrier) isBroken() bool {
	select {
	case <-c.broken:
		return c.stream
	default:
		return false
	}
}

func (c *syslogCarrier) hangUp() {
	c.conn.Close()
	c.conn, c.broken = nil, nil
}

// short is err without addresses and system calls: the sink's name says whereto.
func (c *syslogCarrier) short(err error) error {
	var op *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the peer takes nothing for %s", c.timeout)
	case errors.As(err, &op):
		return shortNet(op)
	}
	return err
}

// shortNet is an error of the network without addresses and system calls: the sink's
// name says whereto.
func shortNet(op *net.OpError) error {
	var sys syscall.Errno
	if errors.As(op.Err, &sys) {
		return sys
	}
	return op.Err
}

// close implements carrier.
func (c *syslogCarrier) close() error {
	if c.conn != nil {
		c.hangUp()
	}
	return nil
}
