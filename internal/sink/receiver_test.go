package sink

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The receivers of TestOutage, each on a real socket.

// streamReceiver is a syslog receiver on TCP, with TLS or without.
type streamReceiver struct {
	t      *testing.T
	in     *inbox
	addr   string
	text   string
	config *tls.Config

	pause gate
	mu    sync.Mutex
	l     net.Listener
	conns []net.Conn
}

// gate lets readers through while it is open. The zero gate is open.
type gate struct {
	mu   sync.Mutex
	shut chan struct{}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		g.shut = make(chan struct{})
	}
}

// open reports whether the gate was shut.
func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		return false
	}
	close(g.shut)
	g.shut = nil
	return true
}

func (g *gate) pass() {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut != nil {
		<-shut
	}
}

func newTCP(t *testing.T, in *inbox) receiver {
	r := &streamReceiver{t: t, in: in, addr: freePort(t)}
	r.text = "syslog:tcp://" + r.addr + "?"
	t.Cleanup(r.stop)
	return r
}

func newTLS(t *testing.T, in *inbox) receiver {
	r := newTCP(t, in).(*streamReceiver)
	var ca string
	r.config, ca = certificate(t)
	r.text = "syslog:tls://" + r.addr + "?ca=" + ca + "&"
	return r
}

// freePort returns an address that nobody listens on, and that can be listened on again
// and again.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (r *streamReceiver) sink() string { return r.text }

// start listens, or goes on reading. What the kernel takes while nobody reads is little.
func (r *streamReceiver) start() {
	if r.pause.open() {
		return
	}
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	var l net.Listener
	eventually(r.t, "the port is free", func() (ok bool) {
		var err error
		l, err = lc.Listen(context.Background(), "tcp", r.addr)
		return err == nil
	})
	if r.config != nil {
		l = tls.NewListener(l, r.config)
	}
	r.mu.Lock()
	r.l = l
	r.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.conns = append(r.conns, c)
			r.mu.Unlock()
			go r.read(c)
		}
	}()
}

// read reads frames: their length in decimal digits, a space, the message.
func (r *streamReceiver) read(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		r.pause.pass()
		digits, err := in.ReadString(' ')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSpace(digits))
		frame := make([]byte, n)
		if _, e := io.ReadFull(in, frame); e != nil {
			return
		}
		if err != nil || !rfc5424.Match(frame) {
			r.t.Errorf("not a message of RFC 5424: %q", frame)
		}
		r.in.add(frame)
	}
}

func (r *streamReceiver) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.l != nil {
		r.l.Close()
	}
	for _, c := range r.conns {
		c.Close()
	}
	r.l, r.conns = nil, nil
}

// hang leaves connections open, and takes new ones, but reads nothing.
func (r *streamReceiver) hang() { r.pause.close() }

// unixReceiver is a syslog receiver on a socket of datagrams, as /dev/log is.
type unixReceiver struct {
	t     *testing.T
	in    *inbox
	path  string
	pause gate
	mu    sync.Mutex
	c     *net.UnixConn
}

func newUnixgram(t *testing.T, in *inbox) receiver {
	r := &unixReceiver{t: t, in: in, path: filepath.Join(t.TempDir(), "log")}
	t.Cleanup(r.stop)
	return r
}

func (r *unixReceiver) sink() string { return "syslog:unix:" + r.path + "?" }

func (r *unixReceiver) start() {
	if r.pause.open() {
		return
	}
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: r.path, Net: "unixgram"})
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.c = c
	r.mu.Unlock()
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			r.pause.pass()
			r.in.add(buf[:n])
		}
	}()
}

func (r *unixReceiver) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.c != nil {
		r.c.Close()
	}
	os.Remove(r.path)
}

// hang: a socket that nobody reads holds a dozen datagrams, and then the writer.
func (r *unixReceiver) hang() { r.pause.close() }

// webReceiver is a webhook.
type webReceiver struct {
	t    *testing.T
	in   *inbox
	addr string
	mu   sync.Mutex
	s    *http.Server
}

func newWebhook(t *testing.T, in *inbox) receiver {
	r := &webReceiver{t: t, in: in, addr: freePort(t)}
	t.Cleanup(r.stop)
	return r
}

func (r *webReceiver) sink() string { return "webhook:http://" + r.addr + "/in?token=secret#" }

func (r *webReceiver) serve(h http.HandlerFunc) {
	r.stop()
	var l net.Listener
	eventually(r.t, "the port is free", func() bool {
		var err error
		l, err = net.Listen("tcp", r.addr)
		return err == nil
	})
	s := &http.Server{Handler: h}
	r.mu.Lock()
	r.s = s
	r.mu.Unlock()
	go s.Serve(l)
}

func (r *webReceiver) start() {
	r.serve(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err == nil {
			r.in.add(body)
		}
	})
}

func (r *webReceiver) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.s != nil {
		r.s.Close()
	}
}

func (r *webReceiver) hang() {
	r.serve(func(w http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
}

// kafkaReceiver is a broker, in this process and on a real socket.
type kafkaReceiver struct {
	t           *testing.T
	in          *inbox
	port        int
	dir         string
	mu          sync.Mutex
	c           *kfake.Cluster
	stopReading context.CancelFunc
	reading     sync.WaitGroup
	hold        chan struct{}
}

func newKafka(t *testing.T, in *inbox) receiver {
	_, port, _ := net.SplitHostPort(freePort(t))
	n, _ := strconv.Atoi(port)
	r := &kafkaReceiver{t: t, in: in, port: n, dir: t.TempDir()}
	t.Cleanup(r.stop)
	return r
}

func (r *kafkaReceiver) sink() string {
	return fmt.Sprintf("kafka:127.0.0.1:%d/alerts?", r.port)
}

// start begins a broker with what the one before had stored; one that hangs goes on.
func (r *kafkaReceiver) start() {
	r.mu.Lock()
	hold := r.hold
	r.hold = nil
	r.mu.Unlock()
	if hold != nil {
		close(hold)
		return
	}
	r.stop()
	var c *kfake.Cluster
	eventually(r.t, "the port is free", func() bool {
		var err error
		c, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(r.port), kfake.SeedTopics(3, "alerts"), kfake.DataDir(r.dir))
		return err == nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	r.mu.Lock()
	r.c, r.stopReading = c, cancel
	r.mu.Unlock()
	r.reading.Go(func() { r.consume(ctx, c) })
}

// consume reads the topic from its start: a new broker has what the old one stored.
func (r *kafkaReceiver) consume(ctx context.Context, c *kfake.Cluster) {
	r.in.mu.Lock()
	r.in.got = nil
	r.in.mu.Unlock()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("alerts"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		r.t.Error(err)
		return
	}
	defer client.Close()
	for ctx.Err() == nil {
		for _, rec := range client.PollFetches(ctx).Records() {
			if !strings.Contains(string(rec.Value), string(rec.Key)) || !strings.HasPrefix(string(rec.Key), `{"host":"10.0.`) {
				r.t.Errorf("key %s of record %s", rec.Key, rec.Value)
			}
			r.in.add(rec.Value)
		}
	}
}

func (r *kafkaReceiver) stop() {
	r.mu.Lock()
	c, cancel := r.c, r.stopReading
	r.c = nil
	r.mu.Unlock()
	if c != nil {
		cancel()
		r.reading.Wait()
		c.Close()
	}
}

// hang keeps produce requests waiting.
func (r *kafkaReceiver) hang() {
	hold := make(chan struct{})
	r.mu.Lock()
	r.hold = hold
	c := r.c
	r.mu.Unlock()
	c.ControlKey(0, func(kmsgRequest) (kmsgResponse, error, bool) {
		c.KeepControl()
		c.SleepControl(func() { <-hold })
		return nil, nil, false
	})
}
