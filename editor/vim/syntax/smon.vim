" Vim syntax file of StreaMon programs (*.smon)
" The lists of words are made from the compiler's own tables: go test ./editor -update

if exists("b:current_syntax")
  finish
endif

syn case match

" Declarations, parts of them, handlers, actions.
syn keyword smonDeclaration program param list entity metric table feature event state
syn keyword smonStatement match first all packet timeout where for every distinct count file any on when otherwise always then lazy level code new by after keep
syn keyword smonAction set get alert log publish start stop delete reset drop capture block exec
syn match smonOperator /\<\%(and\|or\|not\|in\|contains\|has\)\>/

" What the compiler knows by name.
syn keyword smonStructure bloom cbf dleft hll tbf tewma topk
syn keyword smonBoolean true false
syn keyword smonConstant A AAAA ACK AE AH ANY ARP_REPLY ARP_REQUEST AXFR CLIENT_HELLO CNAME CWR DHCP_ACK DHCP_DECLINE DHCP_DISCOVER DHCP_INFORM DHCP_NAK DHCP_OFFER DHCP_RELEASE DHCP_REQUEST DNSKEY DS ECE ECHO_REPLY ECHO_REQUEST ESP FIN FORMERR GRE HINFO HTTPS ICMP ICMPV6 IPIP MX NAPTR NOERROR NOTAUTH NOTIMP NOTZONE NS NULL NXDOMAIN NXRRSET OPT OSPF PSH PTR REDIRECT REFUSED RRSIG RST SCTP SERVER_HELLO SERVFAIL SOA SRV SVCB SYN TCP TIME_EXCEEDED TLS10 TLS11 TLS12 TLS13 TXT UDP UNREACHABLE URG YXDOMAIN YXRRSET
syn match smonLevel /\%(\<\%(alert\|level\)\s\+\)\@<=\%(info\|low\|medium\|high\|critical\)\>/
syn match smonType /\<\%(bool\|duration\|float\|int\|ip\|mac\|size\|string\|time\)\>/ contained
syn match smonTyped /[:[,(]\s*\%(bool\|duration\|float\|int\|ip\|mac\|size\|string\|time\)\>\ze\s*[])},]\|:\s*\%(bool\|duration\|float\|int\|ip\|mac\|size\|string\|time\)\>\ze\s*\%([({]\|$\|#\)/ contains=smonType
syn match smonArgument /\<\%(capacity\|error\|full\|k\|memory\|tick\|window\)\>\ze\s*:/
syn match smonBuiltin /\<\%(now\|elapsed\|age\)\>/
syn match smonBuiltin /\<\%(abs\|min\|max\|default\|floor\|ceil\|sqrt\|log\|log2\|exp\|len\|both\)\ze\s*(/

" Names with dots are fields of packets or of entities.
syn match smonLayer /\<\%(frame\|eth\|vlan\|mpls\|pppoe\|arp\|ip\|ipv4\|ipv6\|fragment\|tunnel\|gre\|vxlan\|icmp\|icmpv6\|tcp\|udp\|sctp\|port\|dns\|tls\|http\|modbus\|ntp\|dhcp\)\>/
syn match smonDotted /\<\h\w*\%(\.\h\w*\)\+\>/
syn match smonField /\<arp\.\%(dst\.proto_ipv4\|src\.proto_ipv4\|dst\.hw_mac\|src\.hw_mac\|dst\.hw\|dst\.ip\|opcode\|src\.hw\|src\.ip\)\>\%(\.\h\)\@!/
syn match smonField /\<dhcp\.\%(option\.hostname\|hw\.mac_addr\|option\.dhcp\|hostname\|ip\.your\|your_ip\|client\|type\)\>\%(\.\h\)\@!/
syn match smonField /\<dns\.\%(flags\.authoritative\|flags\.recdesired\|flags\.truncated\|flags\.recavail\|flags\.response\|count\.answers\|count\.auth_rr\|count\.queries\|count\.add_rr\|flags\.opcode\|flags\.rcode\|qry\.name\|qry\.type\|response\|domain\|opcode\|rcode\|aaaa\|addr\|aa\|id\|qr\|ra\|rd\|tc\|a\)\>\%(\.\h\)\@!/
syn match smonField /\<eth\.\%(addr\|type\|dst\|src\)\>\%(\.\h\)\@!/
syn match smonField /\<frame\.\%(interface_id\|cap_len\|caplen\|iface\|time\|len\)\>\%(\.\h\)\@!/
syn match smonField /\<gre\.\%(proto\)\>\%(\.\h\)\@!/
syn match smonField /\<http\.\%(request\.method\|response\.code\|request\.uri\|method\|status\|host\|uri\)\>\%(\.\h\)\@!/
syn match smonField /\<icmp\.\%(code\|type\)\>\%(\.\h\)\@!/
syn match smonField /\<icmpv6\.\%(code\|type\)\>\%(\.\h\)\@!/
syn match smonField /\<ip\.\%(dsfield\.dscp\|frag_offset\|flags\.mf\|version\|proto\|addr\|dscp\|frag\|dst\|len\|src\|ttl\|id\)\>\%(\.\h\)\@!/
syn match smonField /\<ipv6\.\%(addr\|hlim\|dst\|nxt\|src\)\>\%(\.\h\)\@!/
syn match smonField /\<mbtcp\.\%(trans_id\|unit_id\)\>\%(\.\h\)\@!/
syn match smonField /\<modbus\.\%(transaction\|exception\|func_code\|function\|unit\)\>\%(\.\h\)\@!/
syn match smonField /\<mpls\.\%(depth\|label\)\>\%(\.\h\)\@!/
syn match smonField /\<ntp\.\%(flags\.mode\|flags\.vn\|stratum\|version\|mode\)\>\%(\.\h\)\@!/
syn match smonField /\<port\.\%(any\|dst\|len\|src\)\>\%(\.\h\)\@!/
syn match smonField /\<pppoe\.\%(session_id\|session\)\>\%(\.\h\)\@!/
syn match smonField /\<sctp\.\%(verification_tag\|chunk_type\|dstport\|srcport\|port\)\>\%(\.\h\)\@!/
syn match smonField /\<tcp\.\%(window_size_value\|flags\.reset\|flags\.push\|flags\.ack\|flags\.cwr\|flags\.ece\|flags\.fin\|flags\.psh\|flags\.rst\|flags\.syn\|flags\.urg\|flags\.ae\|flags\.ns\|ack_raw\|dstport\|seq_raw\|srcport\|window\|flags\|port\|ack\|len\|seq\)\>\%(\.\h\)\@!/
syn match smonField /\<tls\.\%(handshake\.extensions_server_name\|record\.content_type\|handshake\.version\|handshake\.type\|content_type\|version\|sni\)\>\%(\.\h\)\@!/
syn match smonField /\<tunnel\.\%(dst\|src\)\>\%(\.\h\)\@!/
syn match smonField /\<udp\.\%(dstport\|srcport\|length\|port\)\>\%(\.\h\)\@!/
syn match smonField /\<vlan\.\%(priority\|inner\|prio\|id2\|id\)\>\%(\.\h\)\@!/
syn match smonField /\<vxlan\.\%(vni\)\>\%(\.\h\)\@!/
syn match smonOldName /\<\%(domain_addr\|domain_name\|domain_second_level\|dst_port\|flags\|http_host\|http_method\|http_url\|ip_dst\|ip_len\|ip_src\|modbus_fc\|modbus_ti\|proto\|src_port\|tcp\.dport\|tcp\.sport\|udp\.dport\|udp\.sport\)\>/

" Literals.
syn match smonNumber /\<\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][-+]\=\d\+\)\=\>/
syn match smonNumber /\<0[xX]\x[0-9a-fA-F_]*\>/
syn match smonNumber /\<\%(\d[0-9_]*\%(\.\d\+\)\=\%(ns\|us\|ms\|[smhdw]\)\)\+\>/
syn match smonNumber /\c\<\d[0-9_]*\%(\.\d\+\)\=\%([kmgt]i\=\)\=b\>/
syn match smonAddress /\<\d\{1,3}\%(\.\d\{1,3}\)\{3}\%(\/\d\{1,2}\)\=\>/
syn match smonAddress /\%(\<\x\{1,4}\%(:\x\{0,4}\)\{2,7}\|::\x\{0,4}\%(:\x\{1,4}\)\{0,6}\)\%(\.\d\{1,3}\)*\%(\/\d\{1,3}\)\=/
syn match smonAddress /\<\x\x\%(:\x\x\)\{5}\>/

syn match smonArrow /->/

" Texts, with values in braces.
syn cluster smonExpression contains=smonField,smonDotted,smonLayer,smonOldName,smonNumber,smonAddress,smonBuiltin,smonConstant,smonBoolean,smonOperator
syn match smonEscape /\\./ contained
syn match smonEscape /{{\|}}/ contained
syn region smonValue matchgroup=smonBrace start=/{\%({\)\@!/ end=/\%(:[^}"]*\)\=}/ contained oneline contains=@smonExpression
syn region smonString start=/"/ skip=/\\./ end=/"/ oneline contains=smonEscape,smonValue,@Spell

syn keyword smonTodo contained TODO FIXME XXX
syn match smonComment /#.*$/ contains=smonTodo,@Spell
syn match smonComment +//.*$+ contains=smonTodo,@Spell

syn sync minlines=50

hi def link smonDeclaration Structure
hi def link smonStatement Statement
hi def link smonAction Keyword
hi def link smonOperator Operator
hi def link smonStructure Type
hi def link smonBoolean Boolean
hi def link smonConstant Constant
hi def link smonLevel Constant
hi def link smonType Type
hi def link smonArgument Label
hi def link smonBuiltin Function
hi def link smonLayer Identifier
hi def link smonField Identifier
hi def link smonOldName WarningMsg
hi def link smonNumber Number
hi def link smonAddress Number
hi def link smonArrow Special
hi def link smonEscape SpecialChar
hi def link smonBrace Delimiter
hi def link smonString String
hi def link smonTodo Todo
hi def link smonComment Comment

let b:current_syntax = "smon"
