package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fake delivers to nobody: step says how each delivery ends.
type fake struct {
	step func(items []*item) (int, error)
}

func (f *fake) deliver(_ context.Context, items []*item) (int, error) { return f.step(items) }
func (f *fake) close() error                                          { return nil }

// opened opens a sink whose carrier is a fake one.
func opened(t *testing.T, batch int, logf func(string, ...any), step func(items []*item) (int, error)) *Sink {
	t.Helper()
	spec, err := Parse(fmt.Sprintf("stdout:?linger=1h&batch=%d", batch))
	if err != nil {
		t.Fatal(err)
	}
	spec.open = func(*Options) (carrier, error) { return &fake{step}, nil }
	s, err := Open(spec, Options{Logf: logf})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A refusal of several records costs only those that are refused alone, unless it is final.
func TestRefusalHalves(t *testing.T) {
	for _, final := range []bool{false, true} {
		var got []string
		deliveries := 0
		s := opened(t, 100, nil, func(items []*item) (int, error) {
			deliveries++
			for _, it := range items {
				if strings.Contains(string(it.body), "#5#") || strings.Contains(string(it.body), "#6#") {
					return 0, &refusal{n: len(items), err: errors.New("no"), final: final}
				}
			}
			for _, it := range items {
				got = append(got, numbered.FindStringSubmatch(string(it.body))[1])
			}
			return len(items), nil
		})
		set := NewSet(s)
		for i := range 10 {
			set.Write(origin, alert(i))
		}
		set.Close()
		want, wantCounts := "[0 1 2 3 4 7 8 9]", Counts{Sink: "stdout:", Records: 10, Sent: 8, Refused: 2, Refusal: "no"}
		if final {
			want, wantCounts = "[]", Counts{Sink: "stdout:", Records: 10, Refused: 10, Refusal: "no"}
		}
		if c := s.Counts(); fmt.Sprint(got) != want || c != wantCounts {
			t.Errorf("final %t: %v arrived, want %s; %+v, want %+v", final, got, want, c, wantCounts)
		}
		if final && deliveries != 1 {
			t.Errorf("%d deliveries of what is refused for good", deliveries)
		}
	}
}

// A refusal does not make an outage look shorter, nor is it one, and it is said once.
func TestRefusalInOutage(t *testing.T) {
	var log logger
	answers := []error{errors.New("down"), &refusal{n: 1, err: errors.New("no")}, &refusal{n: 1, err: errors.New("no")}, nil, &refusal{n: 1, err: errors.New("no")}}
	var since []time.Time
	var s *Sink
	begun := make(chan bool)
	s = opened(t, 1, log.logf, func(items []*item) (int, error) {
		<-begun
		s.mu.Lock()
		since = append(since, s.since)
		s.mu.Unlock()
		err := answers[0]
		answers = answers[1:]
		if err == nil {
			return 1, nil
		}
		return 0, err
	})
	close(begun)
	set := NewSet(s)
	for i := range 4 {
		set.Write(origin, alert(i))
	}
	set.Close()
	if len(since) != 5 || since[1] != since[2] || since[2] != since[3] {
		t.Errorf("it fails since %v", since)
	}
	if c, want := s.Counts(), (Counts{Sink: "stdout:", Records: 4, Sent: 1, Refused: 3, Retries: 1, Refusal: "no"}); c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
	if text := log.text(); strings.Count(text, "given up") != 1 || strings.Count(text, "delivers again") != 1 || strings.Count(text, "\n") != 2 {
		t.Errorf("the log says %s", text)
	}
}

// Standard output whose reader is gone.
func TestStdoutGone(t *testing.T) {
	r, w := io.Pipe()
	r.CloseWithError(os.ErrClosed)
	s := open(t, "stdout:?linger=1h", Options{Stdout: w})
	set := NewSet(s)
	for i := range 5 {
		set.Write(origin, alert(i))
	}
	set.Close()
	if c := s.Counts(); c.Refused != 5 || c.Refusal != "file already closed" || c.Error != "" {
		t.Errorf("%+v", c)
	}
}

// One record that is too large for the broker costs no other, and what the broker has
// acknowledged is not produced again.
func TestKafkaRefuses(t *testing.T) {
	const largest = 4000
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "alerts"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": fmt.Sprint(largest)}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const count = 60
	var log logger
	s := open(t, "kafka:"+c.ListenAddrs()[0]+"/alerts?compression=none&linger=1h&batch="+fmt.Sprint(count), Options{Logf: log.logf})
	set := NewSet(s)
	for n := range count {
		r := alert(n)
		if n == 17 || n == 18 {
			r.Message = append(r.Message, strings.Repeat("x", largest)...)
		}
		set.Write(origin, r)
	}
	eventually(t, "all is settled", func() bool { return s.Counts().Waiting == 0 })
	if err := set.Close(); err != nil {
		t.Error(err)
	}
	if k := s.Counts(); k.Sent != count-2 || k.Refused != 2 || k.Retries != 0 || !strings.HasPrefix(k.Refusal, "MESSAGE_TOO_LARGE") || strings.Count(log.text(), "given up") != 1 {
		t.Errorf("%+v; the log says %s", k, log.text())
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("alerts"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var in inbox
	last := map[string]int{} // by key
	for got := 0; got < count-2; {
		for _, rec := range client.PollFetches(t.Context()).Records() {
			in.add(rec.Value)
			got++
			n := in.got[len(in.got)-1]
			if before, ok := last[string(rec.Key)]; ok && before > n {
				t.Errorf("record %d of entity %s comes after %d", n, rec.Key, before)
			}
			last[string(rec.Key)] = n
		}
	}
	for n, times := range in.unique() {
		if times != 1 || n == 17 || n == 18 {
			t.Errorf("record %d arrived %d times", n, times)
		}
	}
}

// brokenConn fails at once, after ending the delivery.
type brokenConn struct {
	net.Conn
	end context.CancelFunc
}

func (c brokenConn) SetDeadline(time.Time) error      { return nil }
func (c brokenConn) SetWriteDeadline(time.Time) error { return nil }
func (c brokenConn) Close() error                     { return nil }
func (c brokenConn) Write([]byte) (int, error)        { c.end(); return 0, io.ErrClosedPipe }

// A connection may break at the moment in which the sink ends.
func TestSyslogBreaksAtEnd(t *testing.T) {
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		c := &syslogCarrier{conn: brokenConn{end: cancel}, timeout: time.Second}
		if n, err := c.deliver(ctx, []*item{{}}); n != 0 || err != io.ErrClosedPipe {
			t.Fatalf("deliver = %d, %v", n, err)
		}
	}
}
