package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamon/streamon/runtime/program"
)

var origin = &Origin{Program: "conficker", Version: "0123456789abcdef"}

func ip(s string) program.Value {
	return program.Value{Kind: program.KindIP, B: netip.MustParseAddr(s).As16()}
}

func num(f float64) program.Value { return program.Value{Kind: program.KindFloat, F: f} }

func text(s string) program.Value { return program.Value{Kind: program.KindString, S: []byte(s)} }

// records is one of each type, and what they must look like.
var records = []struct {
	name       string
	r          program.Record
	json, text string
}{
	{
		"alert",
		program.Record{
			Type: program.AlertRecord, Time: 1338543000_123456789, Event: "verdict", Entity: []program.Field{{Name: "host", Value: ip("10.0.0.7")}},
			From: "alert", To: "infected", Level: program.LevelHigh, Code: "C1", Message: []byte("10.0.0.7 scans \"port\" 445"),
			Features: []program.Field{{Name: "answer_ratio", Value: num(0.125)}, {Name: "nx", Value: num(math.NaN())}},
		},
		`{"schema":1,"time":"2012-06-01T09:30:00.123456789Z","type":"alert","program":"conficker","version":"0123456789abcdef","event":"verdict","entity":{"host":"10.0.0.7"},"from":"alert","to":"infected","level":"high","code":"C1","message":"10.0.0.7 scans \"port\" 445","features":{"answer_ratio":0.125,"nx":null}}`,
		`2012-06-01 09:30:00.123456 HIGH conficker 10.0.0.7 alert -> infected: 10.0.0.7 scans "port" 445 [answer_ratio=0.125 nx=undefined]`,
	},
	{
		"publish",
		program.Record{
			Type: program.PublishRecord, Event: "tick", Topic: "top", Fields: []program.Field{
				{Name: "n", Value: program.Value{Kind: program.KindInt, I: math.MaxInt64}},
				{Name: "list", Value: program.Value{Kind: program.KindEntries, L: []program.Field{{Name: "10.0.0.1", Value: num(3)}, {Name: "\x1b[2J", Value: num(1)}}}},
				{Name: "d", Value: program.Value{Kind: program.KindDuration, I: 1500e6}},
				{Name: "t", Value: program.Value{Kind: program.KindTime, I: 1}},
				{Name: "m", Value: program.Value{Kind: program.KindMAC, B: [16]byte{2, 0, 0x5e, 0x10, 0, 1}}},
				{Name: "b", Value: program.Value{Kind: program.KindBool, I: 1}},
				{Name: "u"},
				{Name: "inf", Value: num(math.Inf(1))},
			},
		},
		`{"schema":1,"time":"1970-01-01T00:00:00.000000000Z","type":"publish","program":"conficker","version":"0123456789abcdef","event":"tick","entity":{},"from":"","to":"","topic":"top","fields":{"n":9223372036854775807,"list":[{"key":"10.0.0.1","value":3},{"key":"\u001b[2J","value":1}],"d":1.5,"t":"1970-01-01T00:00:00.000000001Z","m":"02:00:5e:10:00:01","b":true,"u":null,"inf":null}}`,
		`1970-01-01 00:00:00.000000 PUBLISH conficker: top [n=9223372036854775807 list=10.0.0.1 3, \x1b[2J 1 d=1.5s t=1970-01-01T00:00:00.000000001Z m=02:00:5e:10:00:01 b=true u=undefined inf=inf]`,
	},
	{
		"log",
		program.Record{
			Type: program.LogRecord, Event: "q", Entity: []program.Field{{Name: "name", Value: text("evil\xff\x00\u202egpj.exe\u0085é")}, {Name: "net", Value: ip("2001:db8::1")}},
			From: "a", To: "a", Message: []byte("tab\there\nnewline\x7f"), Fields: []program.Field{{Name: "for", Value: program.Value{Kind: program.KindDuration, I: -500e6}}},
		},
		`{"schema":1,"time":"1970-01-01T00:00:00.000000000Z","type":"log","program":"conficker","version":"0123456789abcdef","event":"q","entity":{"name":"evil\ufffd\u0000\u202egpj.exe\u0085é","net":"2001:db8::1"},"from":"a","to":"a","message":"tab\there\nnewline\u007f","fields":{"for":-0.5}}`,
		`1970-01-01 00:00:00.000000 LOG conficker evil\xff\x00\u202egpj.exe\x85é 2001:db8::1 a: tab\x09here\x0anewline\x7f [for=-500ms]`,
	},
	{
		"exec",
		program.Record{
			Type: program.ExecRecord, Event: "q", Message: []byte("nftadd $(x)\n\"'"), Args: []program.Arg{{End: 3, Fixed: true}, {End: 6, Fixed: true}, {End: 14}},
			Reason: "not allowed",
		},
		`{"schema":1,"time":"1970-01-01T00:00:00.000000000Z","type":"exec","program":"conficker","version":"0123456789abcdef","event":"q","entity":{},"from":"","to":"","argv":["nft","add"," $(x)\n\"'"],"run":false,"reason":"not allowed"}`,
		`1970-01-01 00:00:00.000000 EXEC conficker: nft "add" " $(x)\x0a"'" (not run: not allowed)`,
	},
}

func TestJSON(t *testing.T) {
	for _, tt := range records {
		var out bytes.Buffer
		w := NewJSON(&out)
		if err := w.Write(origin, &tt.r); err != nil {
			t.Fatal(err)
		}
		if out.Len() != 0 {
			t.Errorf("%s: written before Flush", tt.name)
		}
		w.Flush()
		if got := out.String(); got != tt.json+"\n" {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.json)
		}
		if !json.Valid(out.Bytes()) {
			t.Errorf("%s: not JSON: %s", tt.name, out.String())
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range records {
		var out bytes.Buffer
		w := NewText(&out, false)
		w.Write(origin, &tt.r)
		w.Flush()
		if got := out.String(); got != tt.text+"\n" {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.text)
		}
	}
	var out bytes.Buffer
	w := NewText(&out, true)
	w.Write(origin, &records[0].r)
	w.Flush()
	if !strings.Contains(out.String(), "\x1b[31mHIGH\x1b[0m") {
		t.Errorf("no colour in %q", out.String())
	}
}

// FuzzString: whatever a packet holds, JSON decodes to the same text (as UTF-8)
// and the terminal gets nothing but printable characters.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "a\"b\\c", "\x00\x1f\x7f\x80\xff", "é\u2028\ufeff\U0001f600", "\xe2\x80", "\xed\xa0\x80"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		j := appendString(nil, b)
		var got string
		if err := json.Unmarshal(j, &got); err != nil || !utf8.Valid(j) {
			t.Fatalf("appendString(%q) = %s: %v", b, j, err)
		}
		if want := strings.ToValidUTF8(string(b), "\ufffd"); strings.ReplaceAll(got, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("appendString(%q) reads back as %q", b, got)
		}
		for _, r := range string(appendSafe(nil, b)) {
			if r == utf8.RuneError && !bytes.ContainsRune(b, utf8.RuneError) || isControl(r) {
				t.Errorf("appendSafe(%q) holds %q", b, r)
			}
		}
	})
}

type failing struct{ n int }

func (f *failing) Write(b []byte) (int, error) { f.n++; return 0, errors.New("disk full") }

// After an error nothing more is written, and every call says so.
func TestWriteError(t *testing.T) {
	for _, f := range []func(*failing) Writer{
		func(w *failing) Writer { return NewJSON(w) },
		func(w *failing) Writer { return NewText(w, false) },
		func(w *failing) Writer { return Tee{Discard, NewJSON(w)} },
	} {
		out := &failing{}
		w := f(out)
		if err := w.Write(origin, &records[0].r); err != nil {
			t.Errorf("Write = %v before anything was written", err)
		}
		for range 3 {
			if err := w.Flush(); err == nil {
				t.Error("Flush = nil on a full disk")
			}
		}
		if err := w.Write(origin, &records[0].r); err == nil {
			t.Error("Write = nil after an error")
		}
		if out.n != 1 {
			t.Errorf("%d writes, want 1", out.n)
		}
	}
}

func TestZeroAlloc(t *testing.T) {
	var out bytes.Buffer
	out.Grow(1 << 20)
	for _, w := range []Writer{NewJSON(&out), NewText(&out, true)} {
		w.Write(origin, &records[1].r)
		w.Flush()
		r := &records[1].r
		if got := testing.AllocsPerRun(100, func() { out.Reset(); w.Write(origin, r); w.Flush() }); got != 0 {
			t.Errorf("%T: %v allocations per record, want 0", w, got)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	w := NewJSON(discard{})
	b.ReportAllocs()
	for range b.N {
		w.Write(origin, &records[0].r)
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
