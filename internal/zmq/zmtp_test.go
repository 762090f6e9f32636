package zmq

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// hello is what a peer of ZMTP 3.0 and of the given type sends before its frames.
func hello(typ string) string {
	greet := signature + "\x03\x00NULL" + strings.Repeat("\x00", greeting-16)
	return greet + string(appendCommand(nil, "READY", appendProperty(appendProperty(nil, "Identity", ""), "Socket-Type", typ)))
}

// dial connects a peer that says what it is and sends messages of one part.
func dial(t *testing.T, p *Pub, typ string, messages ...string) net.Conn {
	t.Helper()
	text := []byte(hello(typ))
	for _, m := range messages {
		text = appendFrame(text, 0, m)
	}
	return raw(t, p, string(text))
}

// raw connects a peer that sends text.
func raw(t *testing.T, p *Pub, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(limit))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// Peers that are no subscribers, or send what none does, are cut off; the others
// notice nothing.
func TestRefused(t *testing.T) {
	p := listen(t)
	recv := subscribe(t, p, "")
	huge := "\x02\x7f\xff\xff\xff\xff\xff\xff\xff" // a frame of 2^63 bytes
	tests := []struct {
		name, text string
		refused    uint64
	}{
		{"http", "GET / HTTP/1.1\r\n\r\n", 1},
		{"zmtp 1.0", "\x01\x00\x04\x01log\x00\x00\x00\x00\x00", 1},
		{"revision 0", signature + "\x00", 1},
		{"plain", signature + "\x03\x00PLAIN" + strings.Repeat("\x00", greeting-17), 1},
		{"requester", hello("REQ"), 1},
		{"huge handshake", signature + "\x03\x00NULL" + strings.Repeat("\x00", greeting-16) + huge, 1},
		{"error for ready", signature + "\x03\x00NULL" + strings.Repeat("\x00", greeting-16) + string(appendCommand(nil, "ERROR", nil)), 1},
		{"2.0 publisher", signature + "\x01\x01\x00\x00", 1},
		{"huge", hello("SUB") + huge, 0},
		{"flags", hello("SUB") + "\x08\x00", 0},
	}
	for _, tt := range tests {
		before := p.Counts().Refused
		c := raw(t, p, tt.text)
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %v, want an end of the connection", tt.name, err)
		}
		await(t, tt.name+" is counted", func() bool { return p.Counts().Refused == before+tt.refused })
	}
	p.Write(nil, logged("on"))
	if got := recv(); got != "log|on" {
		t.Errorf("received %q", got)
	}
}

// Too many subscriptions end the connection.
func TestTooManyTopics(t *testing.T) {
	p := listen(t)
	text := []byte(hello("SUB"))
	for i := range maxTopics + 1 {
		text = appendFrame(text, 0, "\x01"+strings.Repeat("x", i%200)+string(rune('a'+i/200)))
	}
	if _, err := io.Copy(io.Discard, raw(t, p, string(text))); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("reading: %v", err)
	}
}

// A peer of ZMTP 3.1 pings; subscriptions may be commands; each has to be cancelled
// as often as it was made.
func TestCommands(t *testing.T) {
	p := listen(t)
	c := dial(t, p, "SUB", "\x01a", "\x01a", "\x00a", "\x01b", "\x00b", "\x00never", "ignored", "")
	c.Write(appendCommand(appendCommand(nil, "SUBSCRIBE", []byte("c")), "PING", []byte("\x00\x0acontext")))
	in := bufio.NewReader(c)
	io.CopyN(io.Discard, in, greeting)
	readFrame(in) // READY
	flags, body, err := readFrame(in)
	if err != nil || flags != flagCommand || string(body) != "\x04PONGcontext" {
		t.Errorf("answer to a ping: flags %d, %q, %v", flags, body, err)
	}
	p.mu.Lock()
	got := p.subs[0].topics
	if len(got) != 2 || got["a"] != 1 || got["c"] != 1 {
		t.Errorf("topics %v, want a and c", got)
	}
	p.mu.Unlock()
	c.Write(appendCommand(nil, "CANCEL", []byte("c")))
	await(t, "it is cancelled", func() bool { return p.topics() == 1 })
}

// A peer of ZMTP 2.0 (libzmq 3.2): its type is a byte, and an identity follows.
func TestVersion2(t *testing.T) {
	p := listen(t)
	c := raw(t, p, signature+"\x01\x02\x00\x00"+"\x00\x04\x01log")
	await(t, "it subscribes", func() bool { return p.topics() == 1 })
	p.Write(nil, logged("text"))
	want := signature + "\x03" + "\x01" + "\x00\x00" + "\x01\x03log" + "\x00\x04text"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Errorf("received %q, %v, want %q", got, err, want)
	}
}

// FuzzFrame: what a peer sends is read without a panic, within bounds, and what is
// written reads back.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x04\x01log"))
	f.Add(appendCommand(nil, "READY", appendProperty(nil, "Socket-Type", "SUB")))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x10\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bufio.NewReader(bytes.NewReader(b))
		for {
			flags, body, err := readFrame(in)
			if err != nil {
				break
			}
			if len(body) > maxFrame {
				t.Fatalf("a body of %d bytes", len(body))
			}
			_, rest := command(flags, body)
			property(rest, "Socket-Type")
			flags &^= flagLong
			again, text, err := readFrame(bufio.NewReader(bytes.NewReader(appendFrame(nil, flags, body))))
			if err != nil || again&^flagLong != flags || !bytes.Equal(text, body) {
				t.Fatalf("%d %q reads back as %d %q, %v", flags, body, again, text, err)
			}
		}
	})
}
