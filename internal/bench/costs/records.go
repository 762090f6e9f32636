package main

import (
	"github.com/streamon/streamon/runtime/packet"
	"github.com/streamon/streamon/runtime/program"
)

// counter is a sink that only counts: what becomes of a record is the host's cost.
type counter struct{ n int }

func (c *counter) Emit(r *program.Record) { c.n += len(r.Message) + len(r.Fields) }

// emitter is the part of a machine that emits records.
type emitter struct {
	record  program.Record
	sink    program.Sink
	count   program.Counters
	message []byte
	fields  [8]program.Field
	entity  [1]program.Field
	verdict program.Verdict
	now     int64
}

//go:noinline
func (m *emitter) emit(r program.Record) {
	m.count.Record(r.Type)
	m.record = r
	m.record.Time = packet.Time(m.now)
	m.sink.Emit(&m.record)
}

// records measures actions: a record without values, each value in one, a verdict.
func (r *recorder) records() {
	m := &emitter{sink: new(counter), message: make([]byte, 0, 256)}
	k := key{10: 0xff, 0xff, 192, 0, 2, 1}
	entity := func() []program.Field {
		m.entity[0] = program.Field{Name: "host", Value: program.IPValue(k)}
		return m.entity[:]
	}
	text := func() []byte {
		m.message = append(m.message[:0], "an address of this network"...)
		return m.message
	}
	emit := func(name string, record func() program.Record) {
		r.put("emit/"+name, r.time(func(n int) {
			for range n {
				m.emit(record())
			}
		}))
	}
	emit("alert", func() program.Record {
		return program.Record{Type: program.AlertRecord, Event: "e", Entity: entity(), From: "default", To: "bad", Level: program.LevelHigh, Message: text()}
	})
	emit("log", func() program.Record {
		return program.Record{Type: program.LogRecord, Event: "e", Entity: entity(), From: "default", To: "bad", Message: text()}
	})
	publish := func() program.Record {
		return program.Record{Type: program.PublishRecord, Event: "e", Entity: entity(), From: "default", To: "bad", Topic: "t"}
	}
	emit("publish", publish)
	emit("block", publish)
	args := []program.Arg{{}, {}}
	emit("exec", func() program.Record {
		return program.Record{Type: program.ExecRecord, Event: "e", Entity: entity(), From: "default", To: "bad", Message: text(), Args: args}
	})
	r.put("value", r.time(func(n int) { // a third each of the usual kinds, in the message and beside it
		for i := range n {
			buf := m.message[:0]
			switch i % 3 {
			case 0:
				buf = program.AppendIP(buf, packet.IP(k))
			case 1:
				buf = program.AppendInt(buf, int64(i&0xffff), "")
			case 2:
				buf = program.AppendFloat(buf, float64(i&0xffff)/7, ".2f")
			}
			m.message = buf
			m.fields[i&7] = program.Field{Name: "x", Value: program.IntValue(int64(i))}
		}
	}))
	mark := r.time(func(n int) {
		for range n {
			m.verdict |= program.Drop
			m.count.Verdict(m.verdict)
			m.verdict &^= program.Drop
		}
	})
	r.put("mark/drop", mark)
	r.put("mark/capture", mark)
}
