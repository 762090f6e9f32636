package testkit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// RandomShardable returns the text of a program that has a partition plan, with
// writes to other owners more often than not. Its structures have room enough for
// RandomPackets, so that runs with different numbers of shards agree.
func RandomShardable(r *rand.Rand) string {
	g := &shardable{Rand: r}
	g.printf("program shardable%s\n", pick(r, "", "", "", " match first"))
	g.printf("param least = %d\nlist few = {1..40, 443}\n", 1+r.IntN(5))
	g.printf("entity host: ip\nentity pair: (a: ip, b: ip)\nentity service: (addr: ip, port: int)\n")
	const size = ", capacity: 4096, error: 0.000001)"
	g.printf("metric total { count %s }\n", pick(r, "dleft(capacity: 4096)", "cbf(window: 20s"+size))
	g.printf("metric wide { distinct bloom(window: 15s%s  count cbf(window: 15s%s }\n", size, size)
	g.printf("metric met { distinct bloom(window: 15s%s }\n", size)
	g.printf("metric flows { count cbf(window: 20s%s }\n", size)
	g.printf("table last[ip]: int\ntable seen[ip, int]: time\ntable flag[ip]: bool\n")
	g.printf("event out: packet where %s for host = ip.src\n", g.layer())
	g.printf("event into: packet where %s for host = ip.dst\n", g.layer())
	g.printf("event talk: packet where %s for pair = %s(ip.src, ip.dst)\n", g.layer(), pick(r, "", "both"))
	g.printf("event call: packet where %s for service = (ip.dst, %s)\n", g.layer(), pick(r, "tcp.dstport", "ip.proto", "6"))
	g.printf("event late: timeout for host\nevent idle: timeout for pair\n")
	if g.certain = r.IntN(3) == 0; g.certain || r.IntN(3) == 0 { // what every state does: certain writes
		g.printf("in any { on out { %s } on into { %s } }\n",
			pick(r, "set total[ip.dst]", "set wide[ip.dst] new (ip.dst, ip.src)", "set total[ip.dst] reset total[host]"), pick(r, "set total[ip.src] by 2", "set met new (ip.src, host)"))
	}
	for _, state := range []string{
		"default {", "busy {",
		fmt.Sprintf("quiet for %ds %s then %s {", 1+r.IntN(20), pick(r, "", "lazy"), pick(r, "default", "calm")),
		fmt.Sprintf("calm for %ds %s then %s {", 1+r.IntN(20), pick(r, "", "lazy"), pick(r, "default", "quiet")),
	} {
		g.printf("state %s\n", state)
		g.host("out", "ip.src", "ip.dst")
		g.host("into", "ip.dst", "ip.src")
		g.handler("talk", "set flows[pair]", "flows > least", "start idle after 3s", "stop idle", `log "{pair.a} {pair.b} {flows}"`)
		g.handler("call", "", "service.port in few", pick(r, "delete flag[ip.src]", "last[ip.src] = service.port"), `log "{service.addr} {age}"`)
		g.handler("late", "get total[host]", "total > least", "last[host] = total", "start late after 2s", `alert low "{host} {total} {last[host]}"`)
		g.handler("idle", "", "elapsed > 20s", "start idle after 1s", `publish idle { a: pair.a, since: age }`)
		g.printf("}\n")
	}
	return g.b.String()
}

type shardable struct {
	*rand.Rand
	b       strings.Builder
	certain bool // no writes for others but those that every state makes
}

func (g *shardable) printf(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

func (g *shardable) layer() string {
	return pick(g.Rand, "tcp", "udp", "ip", "tcp or udp", "tcp.dstport in few", "udp.srcport not in few")
}

// host writes a handler of an event about one end of a packet, own, that may also
// write for the other.
func (g *shardable) host(event, own, other string) {
	ops := []string{
		"set total[host]", "set total[host] by frame.len", "set total[" + other + "]", "set total[" + other + "] by least",
		"set wide[" + other + "] new (" + other + ", " + own + ")", "set wide[host] new (host, " + other + ")",
		"set met new (" + other + ", host)", "reset total[" + other + "]", "reset wide[host]",
	}
	if g.certain {
		ops = []string{ops[0], ops[1], ops[5], ops[8]}
	}
	var chosen []string
	for range 1 + g.IntN(4) {
		chosen = append(chosen, ops[g.IntN(len(ops))])
	}
	chosen = append(chosen, "get total[host], wide[host]")
	g.handler(event, strings.Join(chosen, " "), pick(g.Rand, "total > least", "wide > 1", "has flag[host]", "last[host] > 2", "has seen[host, 6]"),
		"start late after "+pick(g.Rand, "0s", "1s", "5s"), "stop late", "last["+own+"] = total", "last["+other+"] = ip.ttl",
		"seen["+other+", 6] = now", "flag["+other+"] = true", "delete flag[host]", "drop",
		`alert high "{host} {total} {wide} {elapsed}"`, `log "{last[host]}"`)
}

// handler writes one handler: operations, a condition with some of the actions, and
// some that are always done.
func (g *shardable) handler(event, ops, cond string, actions ...string) {
	if g.IntN(6) == 0 {
		return // the state ignores the event
	}
	if g.certain {
		actions = slices.DeleteFunc(actions, func(a string) bool { return strings.Contains(a, "[ip.") })
	}
	some := func(n int) string {
		var out []string
		for range n {
			out = append(out, actions[g.IntN(len(actions))])
		}
		return strings.Join(out, "  ")
	}
	g.printf("  on %s { %s\n    when %s %s { %s }\n", event, ops, cond, pick(g.Rand, "", "-> busy", "-> quiet", "-> calm", "-> default"), some(1+g.IntN(3)))
	if g.IntN(2) == 0 {
		g.printf("    always { %s }\n", some(1))
	}
	g.printf("  }\n")
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }
