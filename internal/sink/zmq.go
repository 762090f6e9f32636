package sink

import (
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/internal/zmq"
	"github.com/streamon/streamon/runtime/program"
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

// Write implements export.Writer.
func (p pub) Write(o *export.Origin, r *program.Record) error { return p.Pub.Write(o, r) }

// counts implements direct: a record counts as sent for each subscriber that got it.
func (p pub) counts(name string) Counts {
	c := p.Counts()
	return Counts{Sink: name, Records: c.Messages, Sent: c.Sent, Dropped: c.Dropped, Refused: c.Refused}
}
