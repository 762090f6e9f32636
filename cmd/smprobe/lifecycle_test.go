package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamon/streamon/internal/capture"
)

// keeper is a program with one of everything that a generation hands on.
const keeper = `program keeper "remembers"

param limit = 5

entity host: ip

metric sent  { count dleft }
metric peers { distinct bloom(window: 10m)  count cbf(window: 10m) }

table last[host]: time

event packet: packet where udp   for host = ip.src
event check: timeout for host
event tick: every 10s

state default {
  on packet {
    set sent[host]
    set peers[host] new (ip.src, ip.dst)
    when sent >= limit -> noisy { alert low "{host} sent {sent}, to {peers}, {elapsed} after the start"  start check after 60s }
  }
}

state noisy {
  on check { otherwise -> quiet { alert info "{host} was noisy for {age}" } }
}

state quiet for 1h then default {}

in any { on packet { always { last[host] = now } } }

on tick { publish tick {elapsed: elapsed} }
`

// counter is the neighbour that must not notice anything: it alerts for each tenth
// packet to a host.
const counter = `program counter "counts"
metric n { count dleft }
event packet: packet where ip
on packet {
  set n[ip.dst]
  when n % 10 == 0 { alert info "{ip.dst} got {n}" }
}
`

// edit returns a program with each old text replaced by the new one.
func edit(t *testing.T, text string, oldnew ...string) string {
	t.Helper()
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("the program does not contain %q", oldnew[i])
		}
		text = strings.Replace(text, oldnew[i], oldnew[i+1], 1)
	}
	return text
}

// burst are packets of hosts 1 to 4, two for each unit of the host's number, to
// three peers, at the start. Host 3 sends 6 and host 4 sends 8.
func burst() (frames []capture.Frame) {
	for host := byte(1); host <= 4; host++ {
		for i := range 2 * host {
			frames = append(frames, frame(time.Duration(len(frames))*time.Millisecond, host, i%3))
		}
	}
	return frames
}

const burstPackets = 2 + 4 + 6 + 8

// TestReplaceKeeps replaces a program by edited versions between two bursts, 70 s
// of packet time apart, and looks at what the report says was kept, at the memory
// and at what the new version does with it: host 2 has sent 4 packets and sends
// one more, the timers of hosts 3 and 4 are due.
func TestReplaceKeeps(t *testing.T) {
	all := []string{"metric sent", "metric peers", "metric peers distinct", "table last", "states host", "timers check", "core"}
	without := func(drop ...string) (kept []string) {
		for _, name := range all {
			if !strings.Contains(" "+strings.Join(drop, "|"), name) {
				kept = append(kept, name)
			}
		}
		return kept
	}
	const (
		limitReached = "10.0.0.2 sent 5, to 3, 1m10.000000001s after the start"
		checked3     = "10.0.0.3 was noisy for 1m"
		checked4     = "10.0.0.4 was noisy for 1m"
		ticked       = `"elapsed":60`
	)
	tests := []struct {
		name    string
		edits   []string
		kept    []string          // of all
		changed map[string]string // name → part of the reason
		states  map[string]int    // occupied, right after
		says    []string          // afterwards
		not     []string
	}{
		{
			"the same", []string{"remembers", "remembers well"},
			all, nil, map[string]int{"noisy": 2}, []string{limitReached, checked3, checked4, ticked}, nil,
		},
		{
			"a parameter", []string{"limit = 5", "limit = 3"},
			all, nil, map[string]int{"noisy": 2}, []string{limitReached, "10.0.0.1 sent 3", checked3, ticked}, nil,
		},
		{
			"a metric", []string{"sent  { count dleft }", "sent { count dleft(capacity: 5000) }"},
			without("metric sent"), map[string]string{"metric sent": "declared differently"},
			map[string]int{"noisy": 2}, []string{checked3, checked4, ticked}, []string{"10.0.0.2 sent"},
		},
		{
			"the order of states", []string{"state quiet for 1h then default {}\n", "", "state noisy {", "state quiet for 1h then default {}\n\nstate noisy {"},
			all, nil, map[string]int{"noisy": 2}, []string{limitReached, checked3, checked4, ticked}, nil,
		},
		{
			"a state is gone", []string{"-> noisy", "-> loud", "state noisy", "state loud", "was noisy", "was loud"},
			all, nil, map[string]int{}, []string{limitReached, "10.0.0.3 sent 6", ticked}, []string{"was"},
		},
		{
			"a new timeout", []string{"event tick", "event again: timeout for host\nevent tick", `{age}" }`, `{age}"  start again after 5s }`,
				"then default {}", `then default { on again { alert info "{host} again" } }`},
			all, map[string]string{"timers again": "new"},
			map[string]int{"noisy": 2}, []string{limitReached, checked3, checked4, "10.0.0.3 again", "10.0.0.4 again", ticked}, nil,
		},
		{
			"a table is gone", []string{"table last[host]: time\n", "", "in any { on packet { always { last[host] = now } } }", ""},
			without("table last"), map[string]string{"table last": "dropped"},
			map[string]int{"noisy": 2}, []string{limitReached, checked3, ticked}, nil,
		},
		{
			"the entity", []string{"entity host: ip", "entity host: ip (capacity: 1000)"},
			without("states host", "table last", "timers check"), map[string]string{"states host": "declared differently"},
			map[string]int{}, []string{limitReached, "10.0.0.3 sent 6", ticked}, []string{"was noisy"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, "-p", plugin(t, counter))
			r.send(frame(0, 200, 200)) // counter was there before keeper
			r.must("load", plugin(t, keeper))
			r.send(burst()...)
			before := r.show("keeper")
			if n := before.Packets; n != burstPackets {
				t.Fatalf("keeper saw %d packets, want %d: those since it was loaded", n, burstPackets)
			}
			if len(before.Entities) != 2 || len(before.Entries) != 4 {
				t.Fatalf("before: entities %v, entries %v, want 2 and 4", before.Entities, before.Entries)
			}
			report := decode[struct {
				Generation int
				Memory     []struct {
					Name string
					Kept bool
					Why  string
				}
			}](t, r.must("replace", "--json", plugin(t, edit(t, keeper, tt.edits...))))
			if report.Generation != 2 {
				t.Errorf("generation = %d, want 2", report.Generation)
			}
			kept := map[string]bool{}
			why := map[string]string{}
			for _, m := range report.Memory {
				kept[m.Name], why[m.Name] = m.Kept, m.Why
			}
			for _, name := range tt.kept {
				if ok, known := kept[name]; known && !ok {
					t.Errorf("%s was not kept: %s", name, why[name])
				} else if !known {
					t.Errorf("the report does not name %s: %v", name, report.Memory)
				}
			}
			for name, part := range tt.changed {
				if kept[name] || !strings.Contains(why[name], part) {
					t.Errorf("%s: kept %v, because %q, want %q", name, kept[name], why[name], part)
				}
			}

			after := r.show("keeper")
			if !reflect.DeepEqual(after.States["host"], tt.states) && len(after.Entities)+len(tt.states) > 0 {
				occupied := map[string]int{}
				for _, e := range after.Entities {
					occupied[e.State]++
				}
				if !reflect.DeepEqual(occupied, tt.states) {
					t.Errorf("states = %v, want %v", occupied, tt.states)
				}
			}
			if len(tt.states) > 0 && !sameEntities(before, after) {
				t.Errorf("entities = %v, want %v", after.Entities, before.Entities)
			}
			if kept["table last"] && !reflect.DeepEqual(after.Entries, before.Entries) {
				t.Errorf("entries = %v, want %v", after.Entries, before.Entries)
			}
			for _, m := range before.Memory {
				name := "metric " + m.Name
				if m.Kind == "bloom" {
					name += " distinct"
				}
				want := m.Used
				if _, asked := kept[name]; !asked || m.Kind == "states" {
					continue
				} else if !kept[name] {
					want = 0
				}
				if got := after.used(m.Name, m.Kind); got != want {
					t.Errorf("%s %s holds %d keys, want %d", m.Name, m.Kind, got, want)
				}
			}
			if after.Packets != before.Packets || after.Records.Alert != before.Records.Alert {
				t.Errorf("counters did not run on: %d packets, %d alerts, were %d and %d",
					after.Packets, after.Records.Alert, before.Packets, before.Records.Alert)
			}

			earlier := r.alerts("keeper")
			r.send(frame(70*time.Second, 1, 1), frame(70*time.Second+1, 2, 2), frame(70*time.Second+2, 3, 0), frame(80*time.Second, 9, 9))
			r.until("records are out", func() bool { return strings.Contains(r.alerts("keeper"), `"elapsed":70`) || t.Failed() })
			says := strings.TrimPrefix(r.alerts("keeper"), earlier)
			for _, text := range tt.says {
				if !strings.Contains(says, text) {
					t.Errorf("the new version did not say %q:\n%s", text, says)
				}
			}
			for _, text := range tt.not {
				if strings.Contains(says, text) {
					t.Errorf("the new version said %q:\n%s", text, says)
				}
			}
			code, s := r.end()
			if n := s.program("counter").Packets; code != 0 || n != r.sent || s.Packets.Read != r.sent {
				t.Errorf("exit %d; counter saw %d packets, the probe read %d, want %d", code, n, s.Packets.Read, r.sent)
			}
		})
	}
}

func sameEntities(a, b detail) bool {
	key := func(d detail) map[string]string {
		m := map[string]string{}
		for _, e := range d.Entities {
			m[e.Key["host"].(string)] = e.State + e.Since
		}
		return m
	}
	return reflect.DeepEqual(key(a), key(b))
}

// TestNeighbour changes one program as often as it can while packets stream in.
// Another one, there from the start, sees every packet and says byte for byte what
// it says alone; a third, loaded on the way, sees every packet from then on. The
// memory of the probe does not grow once the code of all versions is loaded.
func TestNeighbour(t *testing.T) {
	const packets, versions = 400_000, 4
	var frames []capture.Frame
	for i := range packets {
		frames = append(frames, frame(time.Duration(i)*time.Millisecond, byte(i%251), byte(i%13)))
	}
	file := filepath.Join(t.TempDir(), "all.pcapng")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := capture.NewWriter(out, "")
	for i := range frames {
		if err := w.Write(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	alone, err := cli(t).Command("", "smprobe", "run", "-r", file, "-p", plugin(t, counter)).Output()
	if err != nil {
		t.Fatal(err)
	}

	var a []string
	for i := range versions {
		a = append(a, plugin(t, edit(t, keeper, "limit = 5", "limit = "+string(rune('5'+i)))))
	}
	third := plugin(t, edit(t, counter, "program counter", "program third"))
	r := start(t, "-p", plugin(t, counter))
	var wg sync.WaitGroup
	var reloads int
	stop := make(chan struct{})
	wg.Go(func() { // pieces, so that the stream lasts as long as the changes
		defer close(stop)
		for len(frames) > 0 {
			n := min(1000, len(frames))
			if err := r.write(frames[:n]...); err != nil {
				t.Errorf("writing packets: %v", err)
				return
			}
			frames = frames[n:]
			time.Sleep(5 * time.Millisecond)
		}
	})
	r.must("load", a[0])
	r.must("load", third)
	missed := uint64(0)
	first := 0 // memory when every version was there once
	for done := false; !done || reloads < 30; reloads++ {
		select {
		case <-stop:
			done = true
		default:
		}
		r.must("replace", a[reloads%versions])
		s := r.list()
		b, c := s.program("counter"), s.program("third")
		if b.Packets != s.Packets.Read {
			t.Fatalf("after %d replacements counter saw %d packets of %d", reloads, b.Packets, s.Packets.Read)
		}
		if missed == 0 {
			missed = s.Packets.Read - c.Packets + 1 // + 1: it may have missed none
		}
		if s.Packets.Read-c.Packets+1 != missed {
			t.Fatalf("after %d replacements third saw %d packets of %d, and had missed %d when it was loaded", reloads, c.Packets, s.Packets.Read, missed-1)
		}
		if reloads == 2*versions {
			first = r.rss()
		}
	}
	wg.Wait()
	grown := r.rss() - first
	if grown > 64<<20 {
		t.Errorf("memory grew by %d MB in %d replacements", grown>>20, reloads-2*versions)
	}
	r.must("unload", "keeper")
	code, s := r.end()
	if n := s.program("counter").Packets; code != 0 || n != packets || s.Packets.Read != packets {
		t.Errorf("exit %d; counter saw %d packets, the probe read %d, want %d", code, n, s.Packets.Read, packets)
	}
	if got := r.alerts("counter"); got != string(alone) {
		t.Errorf("counter says something else than alone: %d bytes, want %d", len(got), len(alone))
	}
	t.Logf("%d replacements; memory was %d MB after %d of them and grew by %d kB", reloads, first>>20, 2*versions, grown>>10)
}

// TestReplay loads and replaces in a probe that replays a capture, paced and
// looped, and ends it by a signal.
func TestReplay(t *testing.T) {
	c := cli(t)
	trace := filepath.Join(c.Root, "testdata", "pcap", "p2p-gnutella.pcap")
	b, v1, v2 := plugin(t, counter), plugin(t, keeper), plugin(t, edit(t, keeper, "limit = 5", "limit = 50"))
	change := func(r *running) {
		r.must("load", v1)
		for range 5 {
			r.must("replace", v2)
			r.must("replace", v1)
		}
		r.must("unload", "keeper")
	}
	t.Run("paced to its end", func(t *testing.T) {
		r := start(t, "-p", b, "--replay", trace, "--speed", "600x", "--loop", "2")
		code, s := r.wait()
		if n := s.program("counter").Packets; code != 0 || n != 2*3905 || s.Packets.Read != n {
			t.Errorf("exit %d; counter saw %d packets of %d, want %d", code, n, s.Packets.Read, 2*3905)
		}
	})
	// However long the changes take, packets go on until the signal.
	for _, speed := range []string{"600x", "max"} {
		t.Run("for ever, "+speed, func(t *testing.T) {
			r := start(t, "-p", b, "--replay", trace, "--speed", speed, "--loop", "0")
			change(r)
			r.until("packets are read", func() bool { return r.list().Packets.Read > 0 })
			code, s := r.signal(syscall.SIGINT)
			n := s.program("counter").Packets
			if code != 0 || n != s.Packets.Read || n == 0 {
				t.Fatalf("exit %d; counter saw %d packets of %d", code, n, s.Packets.Read)
			}
			loops := int(n/3905) + 1
			alone, err := c.Command("", "smprobe", "run", "-p", b, "--replay", trace, "--speed", "max", "--loop", strconv.Itoa(loops)).Output()
			if err != nil {
				t.Fatal(err)
			}
			got := r.alerts("counter")
			rest, ok := strings.CutPrefix(string(alone), got)
			if !ok {
				t.Errorf("counter says something else than alone")
			}
			if next := decode[struct{ Time string }](t, firstLine(rest)); rest != "" && next.Time < s.Last {
				t.Errorf("counter lost its alert of %s; the run ended at %s", next.Time, s.Last)
			}
		})
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if line == "" {
		return "{}"
	}
	return line
}
