package zmq

import (
	"bufio"
	"bytes"
	"net"
)

// maxTopics bounds the subscriptions of one subscriber.
const maxTopics = 1000

// subscriber is one peer after its handshake. One goroutine reads what it sends, and
// one writes what is queued for it.
type subscriber struct {
	pub    *Pub
	conn   net.Conn
	in     *bufio.Reader
	topics map[string]int // prefixes, with the number of times each is subscribed to
	queue  chan []byte    // encoded messages; closed when there will be no more
}

// wants reports whether the subscriber has a prefix of topic. The caller holds pub.mu.
func (s *subscriber) wants(topic string) bool {
	for n := range len(topic) + 1 { // a name of the program: shorter than the list of prefixes may be
		if s.topics[topic[:n]] > 0 {
			return true
		}
	}
	return false
}

// offer queues a message, or drops it if the queue is full. The caller holds pub.mu.
func (s *subscriber) offer(message []byte) {
	select {
	case s.queue <- message:
	default:
		s.pub.dropped.Add(1)
	}
}

// read takes subscriptions until the peer goes away, or sends what it may not.
func (s *subscriber) read() {
	for {
		flags, body, err := readFrame(s.in)
		if err != nil {
			return
		}
		switch name, rest := command(flags, body); {
		case flags&flagCommand == 0 && len(body) > 0 && body[0] <= 1:
			if !s.subscribe(string(body[1:]), body[0] == 1) {
				return
			}
		case name == "SUBSCRIBE" || name == "CANCEL":
			if !s.subscribe(string(rest), name == "SUBSCRIBE") {
				return
			}
		case name == "PING" && len(rest) >= 2: // a time to live, and what the answer holds
			s.answer(appendCommand(nil, "PONG", rest[2:]))
		}
	}
}

// subscribe adds or removes a prefix. It is false if there are too many.
func (s *subscriber) subscribe(prefix string, add bool) bool {
	p := s.pub
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n := s.topics[prefix]; {
	case add && n == 0 && len(s.topics) >= maxTopics:
		return false
	case add:
		s.topics[prefix] = n + 1
	case n > 1:
		s.topics[prefix] = n - 1
	default:
		delete(s.topics, prefix)
	}
	return true
}

// answer queues a command, if the queue is not closed or full.
func (s *subscriber) answer(frame []byte) {
	s.pub.mu.Lock()
	defer s.pub.mu.Unlock()
	if s.pub.closed {
		return
	}
	select {
	case s.queue <- frame:
	default:
	}
}

// write sends what is queued until the queue is closed and empty. Nothing is sent
// after an error; what was queued is counted as dropped.
func (s *subscriber) write() {
	defer s.conn.Close()
	out := bufio.NewWriterSize(s.conn, 16<<10)
	var err error
	pending := uint64(0) // messages that are not flushed
	for m := range s.queue {
		if isMessage := m[0]&flagCommand == 0; isMessage {
			pending++
		}
		if err == nil {
			_, err = out.Write(m)
		}
		if err == nil && len(s.queue) == 0 {
			err = out.Flush()
		}
		switch {
		case err != nil:
			s.conn.Close() // the reader ends
			s.pub.dropped.Add(pending)
			pending = 0
		case out.Buffered() == 0:
			s.pub.sent.Add(pending)
			pending = 0
		}
	}
	if err == nil && out.Flush() == nil {
		s.pub.sent.Add(pending)
	} else {
		s.pub.dropped.Add(pending)
	}
}

// command returns the name of a command frame and what follows it; "" for others.
func command(flags byte, body []byte) (name string, rest []byte) {
	if flags&flagCommand == 0 || len(body) == 0 || len(body) < 1+int(body[0]) {
		return "", nil
	}
	n := 1 + int(body[0])
	return string(body[1:n]), bytes.Clone(body[n:])
}
