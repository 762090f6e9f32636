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
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// outageTime is how long receivers are dead or slow: seconds, a minute with `make
// test-outage`.
func outageTime(t *testing.T) time.Duration {
	if text := os.Getenv("STREAMON_OUTAGE"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return 1500 * time.Millisecond
}

// receiver is what a sink sends to, on a real socket.
type receiver interface {
	sink() string // its text
	start()       // on the same address every time
	stop()        // connections that exist break, new ones are refused
	hang()        // connections are accepted and nothing is answered or read, until start
}

// inbox takes what a receiver got: the numbers of records, in the order of their arrival.
type inbox struct {
	mu  sync.Mutex
	got []int
}

var numbered = regexp.MustCompile(`#(\d+)#`)

func (b *inbox) add(text []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range numbered.FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		b.got = append(b.got, n)
	}
}

// unique returns how often each number came.
func (b *inbox) unique() map[int]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := map[int]int{}
	for _, n := range b.got {
		m[n]++
	}
	return m
}

// alert is record n.
func alert(n int) *program.Record {
	return &program.Record{
		Type: program.AlertRecord, Time: packet.Time(1700000000e9 + int64(n)*1e6), Event: "e", From: "default", To: "bad", Level: program.LevelHigh,
		Entity:  []program.Field{{Name: "host", Value: program.Value{Kind: program.KindIP, B: packet.IPv4(10, 0, byte(n%7), 1)}}},
		Message: fmt.Appendf(nil, "record #%d#", n),
	}
}

var origin = &export.Origin{Program: "test", Version: "0123456789abcdef"}

// logger collects what a sink says.
type logger struct {
	mu    sync.Mutex
	lines []string
}

func (l *logger) logf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *logger) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// eventually waits until ok, for a minute: machines are busy.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// TestOutage holds every kind of sink with a receiver to the promise: while it is dead
// or slow writers do not wait, what the queue has room for arrives afterwards, and
// what it has no room for is counted, exactly.
func TestOutage(t *testing.T) {
	receivers := map[string]func(*testing.T, *inbox) receiver{
		"syslog-tcp": newTCP, "syslog-tls": newTLS, "syslog-unix": newUnixgram, "webhook": newWebhook, "kafka": newKafka,
	}
	for name, make := range receivers {
		for _, how := range []string{"dead", "slow"} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				testOutage(t, make, how)
			})
		}
	}
}

func testOutage(t *testing.T, make func(*testing.T, *inbox) receiver, how string) {
	const limit, before = 200, 50
	var in inbox
	var log logger
	r := make(t, &in)
	r.start()
	s := open(t, r.sink()+"queue=200&batch=20&linger=5ms&timeout=500ms", Options{Logf: log.logf})
	set := NewSet(s)
	n := 0
	slow, slowest := 0, time.Duration(0)
	write := func(count int) {
		for range count {
			begun := time.Now()
			set.Write(origin, alert(n))
			took := time.Since(begun)
			if slowest = max(slowest, took); took > 100*time.Millisecond {
				slow++
			}
			n++
		}
	}
	write(before)
	eventually(t, "the first records arrive", func() bool { return len(in.unique()) == before && s.Counts().Sent == before })

	if how == "dead" {
		r.stop()
	} else {
		r.hang()
	}
	begun := time.Now()
	for time.Since(begun) < outageTime(t) {
		write(20)
		time.Sleep(20 * time.Millisecond)
	}
	write(max(0, before+3*limit-n)) // so that some find no room, even on a busy machine
	c := s.Counts()
	if c.Dropped == 0 || c.Waiting > limit {
		t.Errorf("after the outage: %+v; want some dropped, at most %d waiting", c, limit)
	}
	if slow > n/100 { // a busy machine halts a process now and then; a sink that is waited for halts every write
		t.Errorf("%d of %d writes took more than 100 ms while the receiver was %s", slow, n, how)
	}
	kept := int(c.Records - c.Dropped)
	if kept < before+limit {
		t.Errorf("%d records were let in, the queue alone has room for %d more than the first %d", kept, limit, before)
	}

	r.start()
	eventually(t, "the sink is empty again", func() bool { return s.Counts().Waiting == 0 })
	write(before)
	eventually(t, "the last records are sent", func() bool { return s.Counts().Waiting == 0 })
	if err := set.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	c = s.Counts()
	if c.Records != uint64(n) || c.Records != c.Sent+c.Dropped || c.Refused+c.Unsent != 0 {
		t.Errorf("counts do not add up to the %d records written: %+v", n, c)
	}
	eventually(t, "what was sent has arrived", func() bool { return len(in.unique()) >= int(c.Sent) })
	got, dups := in.unique(), 0
	for _, times := range got {
		dups += times - 1
	}
	for i := n - before; i < n; i++ {
		if got[i] == 0 {
			t.Errorf("record %d, after the outage, did not arrive", i)
		}
	}
	if len(got) != int(c.Sent) {
		t.Errorf("%d different records arrived, %d are counted as sent", len(got), c.Sent)
	}
	if text := log.text(); !strings.Contains(text, "records wait") || !strings.Contains(text, "delivers again") {
		t.Errorf("the log says %q", text)
	}
	t.Logf("%d records: %d arrived, %d of them twice, %d dropped; slowest write %s; %d retries", n, len(got), dups, c.Dropped, slowest, c.Retries)
}

// open opens a sink that is closed at the end of the test.
func open(t *testing.T, text string, opt Options) *Sink {
	t.Helper()
	spec, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(spec, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

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
