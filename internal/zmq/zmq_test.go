package zmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/streamon/streamon/runtime/program"
)

// limit bounds what a test waits for.
const limit = 20 * time.Second

// listen opens a socket on a free port.
func listen(t *testing.T) *Pub {
	t.Helper()
	p, err := Listen("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// await polls until cond holds.
func await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v until %s", limit, what)
		}
	}
}

// topics returns the number of subscriptions that have arrived.
func (p *Pub) topics() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.subs {
		n += len(s.topics)
	}
	return n
}

// subscribe connects a subscriber of another implementation to p and returns what
// receives a message: topic, "|", text.
func subscribe(t *testing.T, p *Pub, prefixes ...string) (recv func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	s := zmq4.NewSub(ctx)
	t.Cleanup(func() { cancel(); s.Close() })
	before := p.topics()
	if err := s.Dial("tcp://" + p.Addr().String()); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range prefixes {
		if err := s.SetOption(zmq4.OptionSubscribe, prefix); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "subscriptions arrive", func() bool { return p.topics() == before+len(prefixes) })
	return func() string {
		t.Helper()
		m, err := s.Recv()
		if err != nil || len(m.Frames) != 2 {
			t.Fatalf("received %.40q, %v; want two parts; %+v", m.Frames, err, p.Counts())
		}
		return string(m.Frames[0]) + "|" + string(m.Frames[1])
	}
}

func logged(text string) *program.Record {
	return &program.Record{Type: program.LogRecord, Message: []byte(text)}
}

func field(name string, v program.Value) program.Field { return program.Field{Name: name, Value: v} }

// Every kind of record is a message of two parts, and its text arrives as it is.
func TestParts(t *testing.T) {
	p := listen(t)
	recv := subscribe(t, p, "")
	long := strings.Repeat("x", 70000)
	ip := program.Value{Kind: program.KindIP, B: [16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 7}}
	tests := []struct {
		r    program.Record
		want string
	}{
		{program.Record{Type: program.LogRecord, Message: []byte(" leading blank, \"quotes\"\n\x00\xff")}, "log| leading blank, \"quotes\"\n\x00\xff"},
		{program.Record{Type: program.LogRecord}, "log|"},
		{program.Record{Type: program.AlertRecord, Level: program.LevelHigh, Message: []byte("scan")}, "alert|scan"},
		{program.Record{Type: program.LogRecord, Message: []byte(long)}, "log|" + long},
		{program.Record{Type: program.PublishRecord, Topic: "news", Fields: []program.Field{field("text", program.StringValue([]byte("a|b")))}}, "news|a|b"},
		// plot(/tmp/rates ip_src f1 f2) of the dialect.
		{program.Record{Type: program.PublishRecord, Topic: "rates", Fields: []program.Field{
			field("ip_src", ip), field("f1", program.Value{Kind: program.KindFloat, F: 0.5}), field("f2", program.Value{}),
		}}, `rates|{"ip_src":"10.0.0.7","f1":0.5,"f2":null}`},
		{program.Record{Type: program.PublishRecord, Topic: "n", Fields: []program.Field{field("text", program.Value{Kind: program.KindInt, I: 3})}}, `n|{"text":3}`},
	}
	for _, tt := range tests {
		if err := p.Write(nil, &tt.r); err != nil {
			t.Fatal(err)
		}
		if got := recv(); got != tt.want {
			t.Errorf("received %.80q, want %.80q", got, tt.want)
		}
	}
	await(t, "all is counted", func() bool { return p.Counts().Sent == uint64(len(tests)) })
	want := Counts{"tcp://127.0.0.1:*", uint64(len(tests)), uint64(len(tests)), 0, 1, 0}
	if got := p.Counts(); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

// A subscriber gets the topics that begin with what it asked for, from then on.
func TestSubscriptions(t *testing.T) {
	p := listen(t)
	all := subscribe(t, p, "")
	p.Write(nil, logged("before"))
	late := subscribe(t, p, "al", "new")
	for _, topic := range []string{"alarm", "log", "news", "a", "alert"} {
		p.Write(nil, &program.Record{Type: program.PublishRecord, Topic: topic})
	}
	for _, want := range []string{"log|before", "alarm|{}", "log|{}", "news|{}", "a|{}", "alert|{}"} {
		if got := all(); got != want {
			t.Errorf("the first subscriber received %q, want %q", got, want)
		}
	}
	for _, want := range []string{"alarm|{}", "news|{}", "alert|{}"} {
		if got := late(); got != want {
			t.Errorf("the late subscriber received %q, want %q", got, want)
		}
	}
	if c := p.Counts(); c.Messages != 6 || c.Subscribers != 2 || c.Dropped != 0 {
		t.Errorf("counts %+v", c)
	}
}

// A subscriber that goes away is forgotten, one that does not read holds up nobody.
func TestSlowSubscriber(t *testing.T) {
	p := listen(t)
	stuck := dial(t, p, "SUB", "\x01")
	await(t, "it subscribes", func() bool { return p.topics() == 1 })
	recv := subscribe(t, p, "")
	text := strings.Repeat("x", 2000)
	const rounds, each = 200, 100
	for i := range rounds {
		for range each {
			p.Write(nil, logged(text))
		}
		for range each {
			if got := recv(); len(got) != len("log|")+len(text) {
				t.Fatalf("round %d: received %.20q…", i, got)
			}
		}
	}
	if c := p.Counts(); c.Dropped == 0 || c.Dropped >= rounds*each {
		t.Errorf("counts %+v: what the stuck subscriber missed is not there", c)
	}
	before := time.Now()
	p.Close()
	if took := time.Since(before); took > linger+limit/2 {
		t.Errorf("Close took %v with a stuck subscriber, want about %v", took, linger)
	}
	if c := p.Counts(); c.Sent+c.Dropped != 2*rounds*each {
		t.Errorf("counts %+v: %d messages are neither sent nor dropped", c, 2*rounds*each-c.Sent-c.Dropped)
	}
	stuck.Close()
}

// What is queued when the socket is closed arrives.
func TestCloseSends(t *testing.T) {
	p := listen(t)
	recv := subscribe(t, p, "")
	for i := range queueLen - 1 {
		p.Write(nil, logged(fmt.Sprint(i)))
	}
	p.Close()
	p.Close()
	for i := range queueLen - 1 {
		if got, want := recv(), fmt.Sprintf("log|%d", i); got != want {
			t.Fatalf("received %q, want %q", got, want)
		}
	}
	p.Write(nil, logged("after"))
	if c := p.Counts(); c.Sent != queueLen-1 || c.Dropped != 0 {
		t.Errorf("counts %+v", c)
	}
}

// A subscriber that goes away leaves nothing behind.
func TestGone(t *testing.T) {
	p := listen(t)
	c := dial(t, p, "XSUB", "\x01log")
	await(t, "it subscribes", func() bool { return p.topics() == 1 })
	c.Close()
	await(t, "it is forgotten", func() bool { return p.topics() == 0 })
	p.Write(nil, logged("x"))
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.conns) != 0 || len(p.subs) != 0 {
		t.Errorf("%d connections and %d subscribers are left", len(p.conns), len(p.subs))
	}
}

func TestListenErrors(t *testing.T) {
	p := listen(t)
	_, port, _ := net.SplitHostPort(p.Addr().String())
	tests := []struct{ endpoint, want string }{
		{"", `endpoint "": a protocol is missing`},
		{"*:5560", `endpoint "*:5560": a protocol is missing`},
		{"udp://*:5560", `endpoint "udp://*:5560": protocol "udp" is not supported, expected tcp`},
		{"tcp://*", `endpoint "tcp://*": expected an address and a port`},
		{"tcp://:5560", `endpoint "tcp://:5560": an address is missing`},
		{"tcp://host:5560", `endpoint "tcp://host:5560": "host" is no address`},
		{"tcp://*:65536", `endpoint "tcp://*:65536": "65536" is no port`},
		{"tcp://*:0", `endpoint "tcp://*:0": "0" is no port`},
		{"tcp://*:http", `endpoint "tcp://*:http": "http" is no port`},
		{"tcp://127.0.0.1:" + port, "publishing on tcp://127.0.0.1:" + port + ": the port is in use"},
		{"tcp://192.0.2.1:*", "publishing on tcp://192.0.2.1:*: this machine does not have the address"},
	}
	for _, tt := range tests {
		q, err := Listen(tt.endpoint)
		if err == nil {
			q.Close()
			t.Errorf("Listen(%q) succeeds", tt.endpoint)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("Listen(%q) = %v, want %s", tt.endpoint, err, tt.want)
		}
		var text *EndpointError
		if isText := strings.HasPrefix(tt.want, "endpoint"); errors.As(err, &text) != isText || (Check(tt.endpoint) != nil) != isText {
			t.Errorf("Listen(%q) = %T, Check = %v", tt.endpoint, err, Check(tt.endpoint))
		}
	}
	for _, endpoint := range []string{"tcp://*:*", "tcp://localhost:*", "tcp://127.0.0.1:*"} {
		q, err := Listen(endpoint)
		if err != nil {
			t.Errorf("Listen(%q) = %v", endpoint, err)
			continue
		}
		q.Close()
	}
}

// Nothing is allocated for records that nobody subscribed to.
func TestZeroAlloc(t *testing.T) {
	p := listen(t)
	subscribe(t, p, "other")
	r := &program.Record{Type: program.PublishRecord, Topic: "t", Fields: []program.Field{field("n", program.Value{Kind: program.KindInt, I: 3})}}
	if got := testing.AllocsPerRun(100, func() { p.Write(nil, r) }); got != 0 {
		t.Errorf("%v allocations per record, want 0", got)
	}
}
