package editor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/lang"
	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/types"
)

// part is a stretch of a program's text and the colour that it must have.
type part struct {
	line, from, to int // line from 1, bytes from 0
	class          string
	text           string
}

// programs returns the texts that editors are tested with: every example and
// template, and what else the language has.
func programs(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"everything": everything}
	for _, pattern := range []string{"../examples/*/*.smon", "../internal/starter/programs/*.smon"} {
		list, err := filepath.Glob(pattern)
		if err != nil || len(list) == 0 {
			t.Fatalf("no program is %s (%v)", pattern, err)
		}
		for _, path := range list {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.Base(path)] = string(text)
		}
	}
	return out
}

const everything = `program everything "All that a program can have # and no comment" match first
# a comment "with quotes" and 10.0.0.1
param a = 0x1f   param b = 1.5e-3   param c = 1h30m   param d = 2.5KiB   // another one
param f = true
list nets = {10.0.0.0/8, 2001:db8::/32, 192.0.2.7, ::1}
list ports = {20..25, 65_536}
list bad = file("bad \"list\".txt")
entity pair: (src: ip, dst: ip) (capacity: 1000)
entity box: mac
metric count_of { distinct bloom(window: 10m, capacity: 1000)  count cbf(window: 10m) }
metric best { count topk(k: 3, window: 5m) }
table owner[mac]: ip
table last[pair]: time (capacity: 10)
feature share = min(count_of, 3) / default(count_of, 1)
event syn: packet where tcp.flags & (SYN|ACK) == SYN and not ipv6 and ip.src in nets and tcp.port not in ports for pair = both(ip.src, ip.dst)
event name: packet where dns and dns.qry.name contains "example" and dns.rcode == NXDOMAIN for pair = (ip.src, ip.dst)
event arp: packet where arp and eth.src != 02:00:5e:10:00:01 for box = arp.src.hw
event late: timeout for pair
event tick: every 10s
in any { on syn { set count_of[pair] new (ip.src, tcp.dstport) by frame.len  get count_of[pair] } }
in default, busy { on name { reset count_of[pair] } }
state default {
  on syn, name {
    when share > 0.5 and elapsed > 60s -> busy {
      alert high "{pair.src} \"does\" {{it}} {share:.2f} {frame.len:x} of {dns.qry.name:.20s}"
      log "no level"
      start late after c
      block ip.src for 10m
      capture
      drop
      exec "/bin/true" "{pair.src}"
      last[pair] = now
      delete last[pair]
      publish topic.name {share: share, at: now}
    }
    otherwise -> busy { start late every 5s keep }
    always { stop late }
  }
  on arp { when has owner[arp.src.hw] { set best[ip.src] } }
}
state busy for 5m lazy then default level low code "C" "busy" { on late { when age > 1m { log "{age}" } } }
on tick { publish all "text" }
`

// class returns the colour that a leaf of the tree must have; "" = none is asked for.
func class(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Name:
		switch {
		case types.IsOldName(n.Name):
			return "old"
		case types.LookupField(n.Name) != nil:
			return "field"
		case types.LookupLayer(n.Name) != nil:
			return "layer"
		case types.LookupConstant(n.Name) != nil:
			return "constant"
		case types.LookupBuiltin(n.Name, false) != nil:
			return "builtin"
		case strings.Contains(n.Name, "."):
			return "plain"
		}
	case *ast.IntLit, *ast.FloatLit, *ast.DurationLit, *ast.SizeLit:
		return "number"
	case *ast.IPLit, *ast.NetLit, *ast.MACLit:
		return "address"
	case *ast.BoolLit:
		return "boolean"
	}
	return ""
}

// parts reads a program as the compiler does and returns the colours that it must have.
func parts(t *testing.T, name, text string) []part {
	t.Helper()
	tree, diags := lang.Parse(name, []byte(text))
	if err := diags.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	lines := strings.Split(text, "\n")
	var out []part
	used := make([]bool, len(text))
	add := func(n ast.Node, class string) {
		s := n.Span()
		start := strings.LastIndexByte(text[:s.Start.Offset], '\n') + 1
		for i := s.Start.Offset; i < s.End.Offset; i++ {
			used[i] = true
		}
		if class != "" {
			out = append(out, part{s.Start.Line, s.Start.Offset - start, s.End.Offset - start, class, text[s.Start.Offset:s.End.Offset]})
		}
	}
	ast.Walk(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StringLit:
			add(n, "")
			s := n.Span()
			start := strings.LastIndexByte(text[:s.Start.Offset], '\n') + 1
			for _, at := range []int{s.Start.Offset, s.End.Offset - 1} { // the quotes; values in it have colours of their own
				out = append(out, part{s.Start.Line, at - start, at - start + 1, "string", `"`})
			}
		case *ast.TypeName:
			if types.ByName(n.Name) != types.Invalid {
				add(n, "type")
			} else {
				add(n, "") // an entity
			}
		case *ast.AlertAction:
			if n.Level != nil {
				add(n.Level, "level")
			}
		case *ast.StateDecl:
			if n.Level != nil {
				add(n.Level, "level")
			}
		case *ast.Ident:
			add(n, "")
		case *ast.Name, *ast.IntLit, *ast.FloatLit, *ast.DurationLit, *ast.SizeLit, *ast.IPLit, *ast.NetLit, *ast.MACLit, *ast.BoolLit:
			add(n, class(n))
		}
		return true
	})
	for _, c := range tree.Comments {
		add(c, "comment")
	}
	// What is left of words is the grammar's.
	at := 0
	for i, line := range lines {
		for _, w := range regexp.MustCompile(`[A-Za-z_]\w*`).FindAllStringIndex(line, -1) {
			if !used[at+w[0]] && slices.Contains(newVocabulary().all(), line[w[0]:w[1]]) {
				out = append(out, part{i + 1, w[0], w[1], "keyword", line[w[0]:w[1]]})
			}
		}
		at += len(line) + 1
	}
	return out
}

// compare checks the colours of a program; at answers for one byte.
func compare(t *testing.T, name, text string, at func(line, column int) string) {
	t.Helper()
	failures := 0
	for _, p := range parts(t, name, text) {
		for i := p.from; i < p.to; i++ {
			if got := at(p.line, i); got != p.class {
				if failures++; failures <= 10 {
					t.Errorf("%s:%d:%d: %q of %q has the colour %q, want %q", name, p.line, i+1, p.text[i-p.from:i-p.from+1], p.text, got, p.class)
				}
				break
			}
		}
	}
	if failures > 10 {
		t.Errorf("%s: and %d more", name, failures-10)
	}
}

// place names a byte of a program.
func place(line, column int) string { return fmt.Sprint(line, " ", column) }
