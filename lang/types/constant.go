package types

// Constant is a named whole number. Names that a program declares shadow it.
type Constant struct {
	Name  string
	Value int64
	Group string // the fields of that group take it
	Doc   string
}

// constants is grouped; within a group by value.
var constants = []Constant{
	{"FIN", 0x01, "flags", "no more data from the sender"},
	{"SYN", 0x02, "flags", "connection is being opened"},
	{"RST", 0x04, "flags", "connection is refused or broken off"},
	{"PSH", 0x08, "flags", "data to be handed on at once"},
	{"ACK", 0x10, "flags", "acknowledgement number is valid"},
	{"URG", 0x20, "flags", "urgent pointer is valid"},
	{"ECE", 0x40, "flags", "congestion was met (RFC 3168)"},
	{"CWR", 0x80, "flags", "congestion window was reduced (RFC 3168)"},
	{"AE", 0x100, "flags", "accurate ECN (RFC 9768)"},

	{"NOERROR", 0, "rcode", "no error"},
	{"FORMERR", 1, "rcode", "the server could not read the query"},
	{"SERVFAIL", 2, "rcode", "the server failed"},
	{"NXDOMAIN", 3, "rcode", "the name does not exist"},
	{"NOTIMP", 4, "rcode", "the kind of query is not implemented"},
	{"REFUSED", 5, "rcode", "refused by policy"},
	{"YXDOMAIN", 6, "rcode", "the name exists and should not"},
	{"YXRRSET", 7, "rcode", "the record set exists and should not"},
	{"NXRRSET", 8, "rcode", "the record set does not exist and should"},
	{"NOTAUTH", 9, "rcode", "the server is not authoritative"},
	{"NOTZONE", 10, "rcode", "the name is not in the zone"},

	{"A", 1, "dnstype", "IPv4 address"},
	{"NS", 2, "dnstype", "name server"},
	{"CNAME", 5, "dnstype", "canonical name"},
	{"SOA", 6, "dnstype", "start of a zone"},
	{"NULL", 10, "dnstype", "any data; used by tunnels"},
	{"PTR", 12, "dnstype", "name of an address"},
	{"HINFO", 13, "dnstype", "host information"},
	{"MX", 15, "dnstype", "mail exchanger"},
	{"TXT", 16, "dnstype", "text"},
	{"AAAA", 28, "dnstype", "IPv6 address"},
	{"SRV", 33, "dnstype", "server of a service"},
	{"NAPTR", 35, "dnstype", "naming authority pointer"},
	{"OPT", 41, "dnstype", "extension mechanism"},
	{"DS", 43, "dnstype", "delegation signer"},
	{"RRSIG", 46, "dnstype", "signature"},
	{"DNSKEY", 48, "dnstype", "key of a zone"},
	{"SVCB", 64, "dnstype", "service binding"},
	{"HTTPS", 65, "dnstype", "service binding of web servers"},
	{"AXFR", 252, "dnstype", "zone transfer"},
	{"ANY", 255, "dnstype", "all records"},

	{"ICMP", 1, "proto", "ip.proto of ICMP"},
	{"IPIP", 4, "proto", "ip.proto of IPv4 in IP"},
	{"TCP", 6, "proto", "ip.proto of TCP"},
	{"UDP", 17, "proto", "ip.proto of UDP"},
	{"GRE", 47, "proto", "ip.proto of GRE"},
	{"ESP", 50, "proto", "ip.proto of encrypted payload"},
	{"AH", 51, "proto", "ip.proto of the authentication header"},
	{"ICMPV6", 58, "proto", "ip.proto of ICMPv6"},
	{"OSPF", 89, "proto", "ip.proto of OSPF"},
	{"SCTP", 132, "proto", "ip.proto of SCTP"},

	{"ECHO_REPLY", 0, "icmp", "answer to a ping"},
	{"UNREACHABLE", 3, "icmp", "destination is unreachable"},
	{"REDIRECT", 5, "icmp", "there is a better first hop"},
	{"ECHO_REQUEST", 8, "icmp", "ping"},
	{"TIME_EXCEEDED", 11, "icmp", "hop limit ran out"},

	{"ARP_REQUEST", 1, "arp", "who has this address"},
	{"ARP_REPLY", 2, "arp", "I have it"},

	{"TLS10", 0x0301, "tlsversion", "TLS 1.0 (RFC 2246)"},
	{"TLS11", 0x0302, "tlsversion", "TLS 1.1 (RFC 4346)"},
	{"TLS12", 0x0303, "tlsversion", "TLS 1.2 (RFC 5246)"},
	{"TLS13", 0x0304, "tlsversion", "TLS 1.3 (RFC 8446)"},
	{"CLIENT_HELLO", 1, "tlshandshake", "first message of a client"},
	{"SERVER_HELLO", 2, "tlshandshake", "first message of a server"},

	{"DHCP_DISCOVER", 1, "dhcp", "client looks for servers"},
	{"DHCP_OFFER", 2, "dhcp", "server offers an address"},
	{"DHCP_REQUEST", 3, "dhcp", "client takes an address"},
	{"DHCP_DECLINE", 4, "dhcp", "client found the address in use"},
	{"DHCP_ACK", 5, "dhcp", "server confirms"},
	{"DHCP_NAK", 6, "dhcp", "server refuses"},
	{"DHCP_RELEASE", 7, "dhcp", "client gives the address back"},
	{"DHCP_INFORM", 8, "dhcp", "client asks for options only"},
}

// LookupConstant returns the constant of that name, or nil.
func LookupConstant(name string) *Constant {
	for i := range constants {
		if constants[i].Name == name {
			return &constants[i]
		}
	}
	return nil
}

// Constants returns those of a group by value, or all for "". Callers must not
// change the values.
func Constants(group string) []Constant {
	if group == "" {
		return constants
	}
	var out []Constant
	for _, c := range constants {
		if c.Group == group {
			out = append(out, c)
		}
	}
	return out
}
