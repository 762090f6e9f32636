package syn

import "testing"

func TestDDoS(t *testing.T) {
	for name, cfg := range DDoSVariants() {
		_, truth := DDoS(cfg)
		v := truth.Server
		t.Log(name, truth.Packets, v.SYNs, v.FloodSYNs, v.PassedAt, v.RisesAt, v.States, v.Attacked, v.Clients[0].SYNs, v.Clients[1].SYNs, v.Clients[1].Packets)
	}
}
