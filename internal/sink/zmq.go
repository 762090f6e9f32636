package sink

import (
	"github.com/streamon/streamon/internal/zmq"
)

// pub is a ZeroMQ PUB socket: it has a queue for each subscriber, and its own form of
// messages.
type pub struct{ *zmq.Pub }

func parseZMQ(s *Spec, target string, o *options) {
	if err := zmq.Check(target); err != nil {
		o.fail("%v; %s", err, zmq.EndpointHint)
	}
	s.direct = func() (direct, error) {
		p, err := zmq.Listen(target)
		return pub{p}, err
	}
}

// counts implements direct.
func (p pub) counts(name string) Counts {
	c := p.Counts()
	return Counts{Sink: name, Records: c.Messages, Sent: c.Sent, Dropped: c.Dropped}
}
