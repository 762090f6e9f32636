package gogen

import (
	"strconv"
	"strings"
	"unicode"
)

// Generated names are a prefix and the program's own name in camel case. The
// prefix keeps the name spaces of the language apart (a metric and a state may
// both be called scan) and the words of Go and of the machine out of the way.
const (
	prefixState   = "state"   // stateInfected: constant, number of a state
	prefixEvent   = "event"   // eventSyn: constant, number of an event
	prefixEntity  = "entity"  // entityHost: field, the state table of an entity
	prefixMetric  = "metric"  // metricSyns: field, the structures of a metric
	prefixTable   = "table"   // tableLast: field, a side table
	prefixParam   = "param"   // paramThreshold: field, value of a parameter
	prefixList    = "list"    // listWellKnown: field, a named set
	prefixTimeout = "timeout" // timeoutCheck: field, armed timers of a timeout event
	prefixTick    = "tick"    // tickReport: field, the timer of a tick event
	prefixExpiry  = "expire"  // expireHost: method, a state of the entity ran out
	prefixHandler = "on"      // onSyn: method, what an event does
	prefixShard   = "shard"   // shardTCP: method, what an event does in a shard, if it writes for others
	prefixWrite   = "write"   // writeTCP: method, what an event wrote in another shard
	prefixCapture = "capture" // captureCheck: struct type, packet fields kept with a timer
	prefixLook    = "look"    // lookHost: method, the state of an entity for an event, if there are lazy states
	prefixMove    = "move"    // moveHost: method, puts an entity into a state
	prefixFields  = "fields"  // fieldsHost: method, the key of an entity as named values
	prefixSeen    = "seen"    // seenPorts: field, the detector of a metric
	prefixTop     = "top"     // topTalkers: method, the list of a topk metric
	prefixEntries = "entries" // entriesTalkers: field, scratch space for that list
	prefixPrinted = "printed" // printedTalkers: field, scratch space for that list as a value
	prefixStore   = "store"   // storeLast: method, sets an entry of a side table
	prefixKept    = "kept"    // keptCheck: field, what the timer that fires now has kept
	prefixKey     = "key"     // keyDomain: field, the key of an entity that is kept in the machine
)

// initialisms are written whole in Go.
var initialisms = map[string]bool{
	"arp": true, "dhcp": true, "dns": true, "gre": true, "http": true, "icmp": true, "id": true, "ip": true, "mac": true,
	"mpls": true, "ntp": true, "sctp": true, "sni": true, "tcp": true, "tls": true, "ttl": true, "udp": true, "uri": true,
	"vlan": true, "vni": true,
}

// words cuts a name of the language into words of letters and digits.
func words(name string) []string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r == '_' || r == '.' || r == '-':
			b.WriteByte(' ')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteString("X" + strconv.FormatInt(int64(r), 16))
		}
	}
	return strings.Fields(b.String())
}

// camel turns a name of the language into a Go identifier part: nx_ratio becomes
// NxRatio, dns.qry.name DNSQryName.
func camel(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		if initialisms[w] {
			b.WriteString(strings.ToUpper(w))
			continue
		}
		r := []rune(w)
		r[0] = unicode.ToUpper(r[0])
		b.WriteString(string(r))
	}
	return b.String()
}

// lower is camel with a small first word, for local variables.
func lower(name string) string {
	w := words(name)
	if len(w) == 0 {
		return "x"
	}
	r := []rune(w[0])
	if !unicode.IsLetter(r[0]) {
		return "x" + camel(name)
	}
	r[0] = unicode.ToLower(r[0])
	return string(r) + camel(strings.Join(w[1:], "_"))
}

// scope hands out names that are unique within it. It holds those that are taken, each
// with the number from which the next of its kind is looked for.
type scope map[string]int

// fileScope has the names that a generated file declares or imports itself.
func fileScope() scope {
	return taken(
		"machine", "newMachine", "main", "init", "Streamon",
		"packet", "program", "flow", "metric", "dleft", "sketch", "list",
		"timer", "xfsm", "math",
	)
}

// localScope has the names that no local variable may take: keywords,
// predeclared names, packages and the variables that every handler has.
func localScope() scope {
	s := fileScope()
	for _, w := range strings.Fields(`break case chan const continue default defer else fallthrough for func go goto if
		import interface map package range return select struct switch type var
		append any bool byte cap clear copy error false float64 int int64 iota len make max min new nil panic string true
		uint8 uint16 uint32 uint64 m p b v i c r f s x k h n ok now key hash row bit todo may next head due chunk packets reached state since from to entity`) {
		s[w] = 2
	}
	return s
}

// taken is a scope in which some names are taken.
func taken(names ...string) scope {
	s := scope{}
	for _, n := range names {
		s[n] = 2
	}
	return s
}

// fresh returns want, or want with the first number from 2 that makes it unique.
func (s scope) fresh(want string) string {
	name := want
	for i := max(s[want], 2); s[name] > 0; i++ {
		s[want] = i + 1
		name = want + strconv.Itoa(i)
		if last := want[len(want)-1]; last >= '0' && last <= '9' {
			name = want + "_" + strconv.Itoa(i)
		}
	}
	s[name] = max(s[name], 2)
	return name
}
