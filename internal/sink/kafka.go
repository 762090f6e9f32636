package sink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/streamon/streamon/runtime/program"
)

// kafkaCarrier produces records to a topic. The key is the entity, so that what is
// said about one entity stays in order, in one partition.
//
// A batch is handed to the client, and is delivered when the brokers have acknowledged
// each record of it. The client is an idempotent producer unless acks says otherwise.
// If it gives up records, those are produced again, and no others: consumers may then see a
// record twice whose acknowledgement got lost.
//
// The client gives up all records of a partition with the error of one; so it sends nothing of
// a batch before it has all of it, lest the later ones overtake the earlier.
type kafkaCarrier struct {
	client  *kgo.Client
	timeout time.Duration
	batch   *kafkaBatch           // what the client is at
	acked   map[*item]bool        // acknowledged, and not returned by deliver yet
	dialled atomic.Pointer[error] // why no broker can be reached; nil = one was

	producing atomic.Pointer[kafkaBatch] // the last that the client was handed, for its hooks
}

func parseKafka(s *Spec, target string, o *options) {
	brokers, topic, ok := strings.Cut(strings.TrimPrefix(target, "//"), "/")
	if !ok || brokers == "" || !isTopic(topic) {
		o.fail("expected kafka:BROKER:PORT[,BROKER:PORT]/TOPIC, a topic of letters, digits, '.', '_' and '-'")
	}
	seeds := strings.Split(brokers, ",")
	for i, b := range seeds {
		host, _, err := net.SplitHostPort(b)
		switch {
		case err != nil && !strings.Contains(b, ":"):
			seeds[i] = net.JoinHostPort(b, "9092")
		case err != nil || host == "":
			o.fail("broker %q: expected HOST:PORT", b)
		}
	}
	s.keyed, s.batch, s.linger, s.batchBytes = true, 1000, 10*time.Millisecond, 900<<10
	s.Name = "kafka:" + brokers + "/" + topic
	timeout := o.timeout()
	opts := []kgo.Opt{
		kgo.SeedBrokers(seeds...), kgo.DefaultProduceTopic(topic), kgo.ClientID(o.text("client", "smprobe")),
		kgo.DialTimeout(timeout), kgo.ProduceRequestTimeout(timeout), kgo.RequestTimeoutOverhead(timeout), kgo.MaxBufferedRecords(maxBatch + 1), kgo.ManualFlushing(),
	}
	switch o.choice("acks", "all", "all", "leader", "none") {
	case "leader":
		opts = append(opts, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	case "none":
		opts = append(opts, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
	}
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	codec := o.choice("compression", "snappy", "none", "gzip", "snappy", "lz4", "zstd")
	opts = append(opts, kgo.ProducerBatchCompression(codecs[codec]))
	if o.choice("tls", "no", "yes", "no") == "yes" {
		opts = append(opts, kgo.DialTLSConfig(o.tls("")))
	}
	if m := kafkaLogin(o); m != nil {
		opts = append(opts, kgo.SASL(m))
	}
	s.open = func(*Options) (carrier, error) { return openKafka(opts, timeout) }
}

// kafkaLogin reads how the probe is to log in, or returns nil.
func kafkaLogin(o *options) sasl.Mechanism {
	user, password := o.text("user", ""), o.secret("password_file")
	how := o.choice("sasl", "none", "none", "plain", "scram-sha-256", "scram-sha-512")
	switch {
	case how == "none" && (user != "" || password != ""):
		o.fail("user and password_file need sasl=plain, scram-sha-256 or scram-sha-512")
	case how == "none":
	case user == "" || password == "":
		o.fail("sasl=%s needs user=NAME and password_file=FILE", how)
	case how == "plain":
		return plain.Auth{User: user, Pass: password}.AsMechanism()
	case how == "scram-sha-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	default:
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	}
	return nil
}

// isTopic reports whether Kafka takes s as the name of a topic.
func isTopic(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= 249 && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-')
	}) < 0
}

// openKafka makes a client; it connects to nobody yet.
func openKafka(opts []kgo.Opt, timeout time.Duration) (carrier, error) {
	c := &kafkaCarrier{timeout: timeout, acked: map[*item]bool{}}
	client, err := kgo.NewClient(append(opts, kgo.WithHooks(c))...)
	if err != nil {
		return nil, err
	}
	c.client = client
	return c, nil
}

// OnBrokerConnect implements kgo.HookBrokerConnect: the client tries for as long as it is
// let, and does not say why.
func (c *kafkaCarrier) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err == nil {
		c.dialled.Store(nil)
		return
	}
	c.dialled.Store(&err)
}

// deliver implements carrier. The client retries by itself, for as long as it takes; what
// it was given once is not given to it again before it has given up.
//
// It gives up all records of a partition with the error of one batch of them. So of several
// that have failed it is not known which one is to blame.
func (c *kafkaCarrier) deliver(ctx context.Context, items []*item) (int, error) {
	if c.batch == nil {
		c.produce(items)
	}
	timer := time.NewTimer(c.timeout)
	defer timer.Stop()
	select {
	case <-c.batch.done:
	case <-timer.C:
		return 0, &pending{c.why()}
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	errs := map[*item]error{}
	for i, err := range c.batch.errs {
		if it := c.batch.items[i]; err == nil {
			c.acked[it] = true
		} else {
			errs[it] = err
		}
	}
	c.batch = nil
	for i, it := range items {
		err := errs[it]
		if err == nil {
			delete(c.acked, it)
			continue
		}
		var why *kerr.Error // without the sizes of this batch: it is said once
		switch errors.As(err, &why); why {
		case kerr.MessageTooLarge, kerr.InvalidRecord, kerr.RecordListTooLarge:
			r := &refusal{n: len(items) - i, err: why}
			if len(errs) == 1 {
				r.n = 1
			}
			return i, r
		}
		return i, err
	}
	return len(items), nil
}

// kafkaBatch is what the client was handed.
type kafkaBatch struct {
	items []*item
	errs  []error // by item; to be read when done is closed
	done  chan struct{}

	mu       sync.Mutex
	unplaced map[*kgo.Record]bool // with no partition yet
}

// place notes that a record is with its partition, or given up. It reports whether
// that was the last.
func (b *kafkaBatch) place(r *kgo.Record) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.unplaced[r] {
		return false
	}
	delete(b.unplaced, r)
	return len(b.unplaced) == 0
}

// placed sends the batch that r is of if r was the last to be placed.
func (c *kafkaCarrier) placed(r *kgo.Record) {
	b := c.producing.Load()
	if !b.place(r) {
		return
	}
	go func() {
		c.client.Flush(context.Background()) // for as long as it takes: close ends it
		close(b.done)
	}()
}

// OnProduceRecordPartitioned implements kgo.HookProduceRecordPartitioned.
func (c *kafkaCarrier) OnProduceRecordPartitioned(r *kgo.Record, _ int32) { c.placed(r) }

// produce hands the client those of items that are not acknowledged.
func (c *kafkaCarrier) produce(items []*item) {
	b := &kafkaBatch{done: make(chan struct{})}
	c.batch = b
	for _, it := range items {
		if !c.acked[it] {
			b.items = append(b.items, it)
		}
	}
	if len(b.items) == 0 {
		close(b.done)
		return
	}
	b.errs, b.unplaced = make([]error, len(b.items)), make(map[*kgo.Record]bool, len(b.items))
	records := make([]*kgo.Record, len(b.items))
	for i, it := range b.items {
		records[i] = kafkaRecord(it)
		b.unplaced[records[i]] = true
	}
	c.producing.Store(b)
	for i, r := range records {
		c.client.Produce(context.Background(), r, func(r *kgo.Record, err error) {
			b.errs[i] = err
			c.placed(r)
		})
	}
}

// kafkaRecord returns what is produced for it.
func kafkaRecord(it *item) *kgo.Record {
	r := &kgo.Record{
		Key: it.key, Value: it.body, Timestamp: time.Unix(0, int64(it.time)),
		Headers: []kgo.RecordHeader{{Key: "program", Value: []byte(it.prog)}, {Key: "type", Value: []byte(it.kind.String())}},
	}
	if it.kind == program.AlertRecord {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "level", Value: []byte(it.level.String())})
	}
	return r
}

// why says why the client has not got through yet.
func (c *kafkaCarrier) why() error {
	if err := c.dialled.Load(); err != nil {
		var op *net.OpError
		if errors.As(*err, &op) {
			return shortNet(op)
		}
		return *err
	}
	return fmt.Errorf("no answer within %s", c.timeout)
}

// close implements carrier.
func (c *kafkaCarrier) close() error {
	c.client.Close()
	return nil
}
