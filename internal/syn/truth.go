package syn

import "time"

// Truth is what a generator knows about its trace. It is written down while the
// frames are made, never read back from them. Packet numbers begin at 1.
type Truth struct {
	Name       string    `json:"name"`
	Synthetic  bool      `json:"synthetic"` // always true: results must not be mixed with real ones
	Parameters any       `json:"parameters"`
	Start      time.Time `json:"start"`
	Packets    int64     `json:"packets"`

	Hosts    []*Host  `json:"hosts,omitempty"`    // those with something to be judged
	Infected []string `json:"infected,omitempty"` // addresses that a detector must find, and no others
	Server   *Server  `json:"server,omitempty"`
	Load     *Load    `json:"load,omitempty"`
}

// Host returns the truth of one address, nil if it has none.
func (t *Truth) Host(addr string) *Host {
	for _, h := range t.Hosts {
		if h.Address == addr {
			return h
		}
	}
	return nil
}

// Host is the truth of one host.
type Host struct {
	Address string `json:"address"`
	Role    string `json:"role"`    // what the generator made it
	Verdict string `json:"verdict"` // what the detector of the scenario must say: its name, or "clean"

	// FirstInfected is the number of the first packet that the infection sent, 0
	// if none; FirstInfectedAt its time, seconds from the start.
	FirstInfected   int64   `json:"first_infected_packet,omitempty"`
	FirstInfectedAt float64 `json:"first_infected_at,omitempty"`

	Total     *Minute  `json:"total,omitempty"`
	PerMinute []Minute `json:"per_minute,omitempty"`
	P2P       *Peers   `json:"p2p,omitempty"`
	Modbus    *Modbus  `json:"modbus,omitempty"`
}

// Minute counts what Conficker's metrics M1 to M4 count, of one host.
type Minute struct {
	Queries  int `json:"m1"` // DNS queries sent
	Failures int `json:"m2"` // NXDOMAIN answers received
	SYNs     int `json:"m3"` // SYNs sent to port 445, repetitions included
	Answers  int `json:"m4"` // SYN-ACKs received from port 445
}

// Peers counts the peers of a host over the whole trace.
type Peers struct {
	TCPPeers int `json:"tcp_peers"` // on ports that are not well known
	UDPPeers int `json:"udp_peers"`
	Both     int `json:"both"`  // peers by TCP and UDP
	Ports    int `json:"ports"` // distinct TCP source ports of packets to the host
	Gap      int `json:"gap"`   // |ports − TCP peers|, the F2 of the paper
}

// Modbus counts the requests of a host.
type Modbus struct {
	Requests  int     `json:"requests"`
	Answers   int     `json:"answers"`
	Devices   int     `json:"devices"` // distinct destinations
	Functions []int   `json:"functions"`
	FourthAt  float64 `json:"fourth_device_at,omitempty"` // first request to a fourth device, seconds from the start
}

// Server is the truth of the server of a SYN flood. Seconds count from the start.
type Server struct {
	Address      string    `json:"address"`
	SYNs         int       `json:"syns"` // SYNs without ACK to the server
	SYNPerSecond []int     `json:"syn_per_second"`
	FloodSYNs    int       `json:"flood_syns"`
	FloodSources int       `json:"flood_sources"`
	Clients      []*Client `json:"clients"`

	// Under exact counting over 60 s, with the rule of the paper (threshold 100,
	// checks each 60 s from the moment it is passed, two rises of more than 20 %):
	PassedAt float64   `json:"passed_at,omitempty"` // F1 first exceeds 100
	RisesAt  []float64 `json:"rises_at,omitempty"`  // checks that found a rise
	States   []State   `json:"states,omitempty"`    // every change
	Attacked bool      `json:"attacked"`            // state attack was reached
}

// State is a change of state at a time in seconds from the start.
type State struct {
	At    float64 `json:"at"`
	State string  `json:"state"`
}

// Client is a legitimate client of the server.
type Client struct {
	Address      string  `json:"address"`
	Role         string  `json:"role"` // "early", "late"
	Packets      int     `json:"packets"`
	SYNs         int     `json:"syns"`
	SYNPerSecond []int   `json:"syn_per_second"`
	FirstSYN     float64 `json:"first_syn"`
}
