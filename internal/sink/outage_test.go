package sink

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
