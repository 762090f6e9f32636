package examples_test

// Reasons why tshark and the probe differ, each by definition.
const (
	innermost = "tunnels: fields are those of the innermost packet, in the truth those of the outermost. " +
		"Taking the last IP header that is not quoted by ICMP, tshark gives our numbers"
	unfinished = "a question that is not well formed has no name and no type; tshark shows what it can make of its bytes"
	cutHeader  = "tshark takes the flags of a DNS header of which only 4 bytes were sent (frame 2490)"
	rootName   = "the name of the root is empty; tshark writes <Root>, of length 6"
	reserved   = "tcp.flags leaves out the three reserved bits (0x0e04 is RST)"
	backwards  = "time stamps fall; the clock of the probe does not, tshark has seconds below 0"
)

// known is a figure in which we differ from tshark: in how many rows, and why.
type known struct {
	rows   int
	reason string
}

var differences = map[string]known{
	"mix/goprobe-mix.pcap syn_per_dst":            {2, innermost},
	"mix/goprobe-mix.pcap syn_per_src":            {2, innermost},
	"mix/goprobe-mix.pcap syn_ports_per_pair":     {3, innermost},
	"mix/goprobe-mix.pcap dns_queries_per_client": {3, innermost},
	"mix/goprobe-mix.pcap dns_names_per_client":   {3, innermost},
	"mix/goprobe-mix.pcap p2p_m3_m4":              {1, innermost},
	"mix/goprobe-mix.pcap udp_hosts_per_src_port": {1, innermost},
	"mix/goprobe-mix.pcap distinct":               {4, innermost},
	"mix/goprobe-mix.pcap entropy_src":            {2, innermost},
	"mix/goprobe-mix.pcap entropy_dst":            {2, innermost},
	"mix/goprobe-mix.pcap top_dst":                {1, innermost},
	"detect/dns-amp-frag.pcap distinct":           {1, innermost},
	"detect/dns-amp-frag.pcap entropy_dst":        {2, innermost},
	"detect/dns-amp-frag.pcap top_dst":            {2, innermost},

	"mix/dns-mix.pcap dns_queries":            {1, cutHeader},
	"mix/dns-mix.pcap dns_queries_per_client": {1, cutHeader},
	"mix/dns-mix.pcap dns_names_per_client":   {2, unfinished + "; " + rootName},
	"mix/dns-mix.pcap dns_qtypes":             {4, unfinished},

	"detect/p2p-skype.pcap tcp_flags":               {2, reserved},
	"detect/scan445-small.pcap syn_per_60s_top_dst": {2, backwards},
}
