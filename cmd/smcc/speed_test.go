package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// longProgram is a program of 1 000 lines, as a file grows in which someone keeps all
// that watches the services of one site: a part of 25 lines a service, with parameters,
// a list, metrics, features, a table, events, a timer and two states.
func longProgram() string {
	var b strings.Builder
	b.WriteString("# All services of one site.\nprogram site \"Clients that misuse a service\"\nentity host: ip\n\nstate default {}\n")
	const part = `
# Service %[1]d: too many connections, most of them failed.
param limit%[1]d = %[2]d
param share%[1]d = 0.%[1]d
list ports%[1]d = {%[3]d, %[4]d..%[5]d}
metric syns%[1]d { count tbf(window: 60s, capacity: 10000) }
metric fails%[1]d { count cbf(window: 60s, capacity: 10000) }
metric peers%[1]d { distinct bloom(window: 60s, capacity: 10000)  count cbf(window: 60s, capacity: 10000) }
table last%[1]d[host]: float
feature ratio%[1]d = fails%[1]d / syns%[1]d
feature wide%[1]d = peers%[1]d + 0.5 * fails%[1]d
event syn%[1]d: packet where tcp.flags & (SYN|ACK) == SYN and tcp.dstport in ports%[1]d and not ip.src in {10.%[1]d.0.0/16} for host = ip.src
event reset%[1]d: packet where tcp.flags & RST != 0 and tcp.srcport in ports%[1]d for host = ip.dst
event check%[1]d: timeout for host
in default {
  on syn%[1]d { set syns%[1]d[host], peers%[1]d[host] new (ip.dst, tcp.dstport)  get fails%[1]d[host]
    when wide%[1]d > limit%[1]d and elapsed > 60s -> busy%[1]d { last%[1]d[host] = wide%[1]d  start check%[1]d after 30s } }
  on reset%[1]d { set fails%[1]d[host] }
}
state busy%[1]d level low "many connections to service %[1]d" {
  on syn%[1]d { set syns%[1]d[host] }  on reset%[1]d { set fails%[1]d[host] }
  on check%[1]d { get syns%[1]d[host], fails%[1]d[host], peers%[1]d[host]
    when ratio%[1]d > share%[1]d and wide%[1]d > last%[1]d[host] -> bad%[1]d { alert high "{host}: {peers%[1]d} peers, {ratio%[1]d:.2f} of them failed" }
    otherwise -> default } }
state bad%[1]d for 10m then default level high {}
`
	for n := 1; strings.Count(b.String(), "\n")+25 <= 1000; n++ {
		fmt.Fprintf(&b, part, n, 10+n, 2000+10*n, 10000+20*n, 10000+20*n+9)
	}
	for n := 1000 - strings.Count(b.String(), "\n"); n > 0; n-- {
		b.WriteString("# end\n")
	}
	return b.String()
}

// checked runs smcc check over a text and returns what it prints.
func checked(tb testing.TB, path string) string {
	var out bytes.Buffer
	cmd := checkCmd{input: input{File: path}, Strict: true}
	if err := cmd.Run(context.Background(), &stdio{out: &out, err: &out}); err != nil {
		tb.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

func longFile(tb testing.TB) string {
	path := filepath.Join(tb.TempDir(), "site.smon")
	if err := os.WriteFile(path, []byte(longProgram()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestLongProgram checks what BenchmarkCheck measures: 1 000 lines, and nothing to say
// of them.
func TestLongProgram(t *testing.T) {
	if n := strings.Count(longProgram(), "\n"); n != 1000 {
		t.Errorf("the program has %d lines", n)
	}
	keepCollector(t)
	if out := checked(t, longFile(t)); out != "" {
		t.Errorf("smcc check --strict prints\n%s", out)
	}
}

// BenchmarkCheck is smcc check over 1 000 lines, without the start of the process: under
// 50 ms, an editor that runs it when a file is saved shows the result at once.
func BenchmarkCheck(b *testing.B) {
	keepCollector(b)
	path := longFile(b)
	for b.Loop() {
		checked(b, path)
	}
}
