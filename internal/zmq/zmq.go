// Package zmq sends what programs report to ZeroMQ subscribers.
//
// It owns a PUB socket: every record is a message of two parts, a topic and a text,
// as the prototype of the paper's authors sent them, so that its subscribers go on
// working. Which records there are is the probe's business, how values look in JSON
// package export's. The main type is [Pub], an export.Writer:
//
//	p, err := zmq.Listen("tcp://*:5560")
//	…
//	p.Write(origin, record)  // never waits
//	err = p.Close()          // sends what is queued, for a second at most
//
// A record goes to the subscribers that are there: one that comes later has missed
// it. Each has a queue of 1000 messages; what finds it full is dropped for this
// subscriber alone, and counted. So a subscriber that is slow, or dead, takes nothing
// from the others, nor from the work on packets.
//
// The protocol is ZMTP 3.0 (rfc.zeromq.org/spec/23) with the mechanism NULL, and
// ZMTP 2.0 (spec/15) with peers that speak no later one. It is written out here
// rather than taken from a library since subscribers are not trusted: what they send
// has a bound, and a handshake has a deadline.
package zmq

import (
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/program"
)

const (
	// queueLen is how many messages wait for one subscriber, libzmq's high-water mark.
	queueLen = 1000
	// linger is how long Close goes on sending what is queued.
	linger = time.Second
	// maxSubscribers bounds connections, those in their handshake included.
	maxSubscribers = 256
	// handshakeTime is how long a peer may take to say what it is.
	handshakeTime = 5 * time.Second
)

// Pub is a PUB socket. Write and Flush are for one goroutine, the rest for any.
type Pub struct {
	endpoint string
	listener net.Listener
	text     []byte // scratch of Write
	ended    sync.WaitGroup

	mu     sync.Mutex // guards what follows, the subscribers' topics, and closing their queues
	conns  map[net.Conn]bool
	subs   []*subscriber // that are through with their handshake
	closed bool

	messages, sent, dropped, subscribers, refused atomic.Uint64
}

// Counts are what a socket did so far.
type Counts struct {
	Endpoint    string `json:"endpoint"`
	Messages    uint64 `json:"messages"`    // records that were made messages of
	Sent        uint64 `json:"sent"`        // messages that went out, for each subscriber
	Dropped     uint64 `json:"dropped"`     // messages that a subscriber wanted and did not get: its queue was full, or it was gone
	Subscribers uint64 `json:"subscribers"` // that came, those that went included
	Refused     uint64 `json:"refused"`     // connections of something else, or too many
}

// Listen opens a socket that subscribers connect to: "tcp://*:5560", or an address
// for "*". Errors name the endpoint; those of its text are an *EndpointError.
func Listen(endpoint string) (*Pub, error) {
	address, err := parse(endpoint)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(endpoint, err)
	}
	p := &Pub{endpoint: endpoint, listener: l, conns: map[net.Conn]bool{}}
	p.ended.Go(p.accept)
	return p, nil
}

// Addr returns the address that subscribers connect to.
func (p *Pub) Addr() net.Addr { return p.listener.Addr() }

// Counts returns what the socket did so far.
func (p *Pub) Counts() Counts {
	return Counts{p.endpoint, p.messages.Load(), p.sent.Load(), p.dropped.Load(), p.subscribers.Load(), p.refused.Load()}
}

// Write implements export.Writer. It never waits and never fails.
func (p *Pub) Write(_ *export.Origin, r *program.Record) error {
	if r.Type == program.ExecRecord { // for the probe, not for subscribers
		return nil
	}
	topic := topicOf(r)
	p.messages.Add(1)
	var encoded []byte // the same for all subscribers; nobody writes to it
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.subs {
		if !s.wants(topic) {
			continue
		}
		if encoded == nil {
			encoded = appendFrame(appendFrame(nil, flagMore, topic), 0, p.textOf(r))
		}
		s.offer(encoded)
	}
	return nil
}

// Flush implements export.Writer: messages are on their way already.
func (p *Pub) Flush() error { return nil }

// topicOf returns the first part of a message: what the prototype's programs gave
// Publish, and "log" for what they printed.
func topicOf(r *program.Record) string {
	switch r.Type {
	case program.AlertRecord:
		return "alert"
	case program.PublishRecord:
		return r.Topic
	}
	return "log"
}

// textOf returns the second part: the text as it is, or the values as a JSON object.
// It holds until the next call.
func (p *Pub) textOf(r *program.Record) []byte {
	switch {
	case r.Type != program.PublishRecord:
		return r.Message
	case len(r.Fields) == 1 && r.Fields[0].Name == "text" && r.Fields[0].Value.Kind == program.KindString:
		return r.Fields[0].Value.S
	}
	p.text = export.AppendObject(p.text[:0], r.Fields)
	return p.text
}

// Close sends what is queued, for a second at most, and ends all connections. What
// could not be sent is counted as dropped. A second call does nothing.
func (p *Pub) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	deadline := time.Now().Add(linger)
	for _, s := range p.subs {
		s.conn.SetWriteDeadline(deadline)
		delete(p.conns, s.conn) // its writer closes it
		close(s.queue)
	}
	p.subs = nil
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	err := p.listener.Close()
	p.ended.Wait()
	return err
}

// accept takes connections until the listener is closed.
func (p *Pub) accept() {
	for {
		c, err := p.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of file descriptors, or the peer went away
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !p.admit(c) {
			p.refused.Add(1)
			c.Close()
			continue
		}
		p.ended.Go(func() { p.serve(c) })
	}
}

// admit keeps a connection in mind, so that Close ends it. It is false if there are
// too many.
func (p *Pub) admit(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.conns) >= maxSubscribers {
		return false
	}
	p.conns[c] = true
	return true
}

// serve talks with one peer until it goes away.
func (p *Pub) serve(c net.Conn) {
	defer p.leave(c)
	c.SetDeadline(time.Now().Add(handshakeTime))
	peer, err := handshake(c)
	if err != nil {
		p.refused.Add(1)
		return
	}
	c.SetDeadline(time.Time{})
	s := &subscriber{pub: p, conn: c, in: peer, topics: map[string]int{}, queue: make(chan []byte, queueLen)}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.subs = append(p.subs, s)
	p.mu.Unlock()
	p.subscribers.Add(1)
	p.ended.Go(s.write)
	s.read()
	p.mu.Lock()
	if i := slices.Index(p.subs, s); i >= 0 {
		p.subs = slices.Delete(p.subs, i, i+1)
		c.Close() // a write that waits ends
		close(s.queue)
	}
	p.mu.Unlock()
}

// leave forgets a connection; one that Close took over is its writer's to close.
func (p *Pub) leave(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns[c] {
		delete(p.conns, c)
		c.Close()
	}
}
