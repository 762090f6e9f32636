package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/streamon/streamon/internal/metrics"
	"github.com/streamon/streamon/internal/probe"
)

// doMetrics writes the page that Prometheus collects. A tenant gets what is known of its
// programs.
func doMetrics(s *Server, w http.ResponseWriter, r *http.Request, c caller) error {
	sum, err := s.p.Summary(r.Context())
	if err != nil {
		return err
	}
	var t metrics.Text
	if c.IsOperator {
		packetMetrics(&t, &sum)
	}
	for _, p := range fairly(sum.Programs) {
		programMetrics(&t, p)
	}
	if c.IsOperator {
		s.ownMetrics(&t)
		if s.opt.Metrics != nil {
			s.opt.Metrics(&t)
		}
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	deadline(w, writeTimeout)
	w.Write(t.Bytes())
	return nil
}

// fairly returns the first program of each tenant before the second of any: what is left out of
// a family that has too many samples is that of who has most programs.
func fairly(list []probe.Program) (out []*probe.Program) {
	nth, before := map[string]int{}, map[*probe.Program]int{}
	for i := range list {
		p := &list[i]
		before[p] = nth[p.Tenant]
		nth[p.Tenant]++
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b *probe.Program) int { return before[a] - before[b] })
	return out
}

// packetMetrics writes what became of packets.
func packetMetrics(t *metrics.Text, s *probe.Summary) {
	p := &s.Packets
	t.Counter("streamon_packets_total", "Packets read.", float64(p.Read))
	t.Counter("streamon_packets_captured_bytes_total", "Captured bytes of all packets read.", float64(p.Bytes))
	t.Parts("streamon_packets_outcome_total", "Packets by what decoding came to; the sum is all packets read.", "outcome",
		[]metrics.Part{metrics.Of("decoded", p.Decoded), metrics.Of("snapped", p.Snapped), metrics.Of("unknown_link", p.UnknownLink), metrics.Of("malformed", p.Malformed)})
	for _, reason := range sorted(s.Malformed) {
		t.Counter("streamon_packets_malformed_total", "Malformed packets by reason.", float64(s.Malformed[reason]), metrics.Label{Name: "reason", Value: reason})
	}
	for _, layer := range sorted(s.Layers) {
		t.Counter("streamon_packets_layer_total", "Packets that have the layer.", float64(s.Layers[layer]), metrics.Label{Name: "layer", Value: layer})
	}
	for _, i := range s.Interfaces {
		label := metrics.Label{Name: "interface", Value: i.Name}
		t.Counter("streamon_interface_captured_total", "Packets handed out by the capture.", float64(i.Captured), label)
		t.Counter("streamon_interface_ring_dropped_total", "Packets dropped by the kernel because the ring was full.", float64(i.Dropped), label)
		t.Counter("streamon_interface_ring_freezes_total", "How often the ring was full.", float64(i.Freezes), label)
		t.Counter("streamon_interface_received_total", "Packets received by the interface, whoever they are for.", float64(i.Received), label)
		t.Counter("streamon_interface_missed_total", "Packets dropped by the interface or its driver.", float64(i.Missed), label)
		t.Counter("streamon_interface_down_total", "How often the interface went down.", float64(i.Down), label)
	}
	t.Gauge("streamon_stuck_calls", "Calls of programs that were given up and go on in the background.", float64(s.Stuck))
	t.Counter("streamon_packets_late_total", "Packets older than one before them.", float64(s.Late))
	t.Counter("streamon_packets_verdict_drop_total", "Packets that at least one program wants dropped.", float64(p.Dropped))
	t.Counter("streamon_packets_evidence_total", "Packets written to the evidence file.", float64(p.Evidence))
}

// programMetrics writes what is known of one program. The first label of each sample is
// its name, by which samples are capped.
func programMetrics(t *metrics.Text, p *probe.Program) {
	add := func(f func(string, string, float64, ...metrics.Label), name, help string, value float64, labels ...string) {
		all := []metrics.Label{{Name: "program", Value: p.Name}, {Name: "tenant", Value: p.Tenant}}
		for i := 0; i < len(labels); i += 2 {
			all = append(all, metrics.Label{Name: labels[i], Value: labels[i+1]})
		}
		f("streamon_program_"+name, help, value, all...)
	}
	of, up := p.Program, 0.0
	if of == "" {
		of = p.Name
	}
	if p.Status == "running" {
		up = 1
	}
	add(t.Gauge, "info", "1; what is loaded.", 1, "of", of, "version", p.Version)
	add(t.Gauge, "running", "1 if the program runs, 0 if it was stopped.", up)
	add(t.Gauge, "generation", "1, and one more for each replacement.", float64(p.Generation))
	add(t.Counter, "restarts_total", "Times that the program was started again after it was stopped.", float64(p.Restarts))
	add(t.Counter, "rollbacks_total", "Times that the program went back to the version before, since what replaced it was stopped.", float64(p.Rollbacks))
	add(t.Counter, "packets_total", "Packets that the program was shown.", float64(p.Packets))
	add(t.Counter, "shed_packets_total", "Packets withheld from the program because it was over its budget.", float64(p.Shed))
	for _, e := range sorted(p.Events) {
		add(t.Counter, "events_total", "Packets that matched the event, or timers that fired.", float64(p.Events[e]), "event", e)
	}
	add(t.Counter, "transitions_total", "Changes of state.", float64(p.Transitions))
	for _, e := range sorted(p.States) {
		for _, state := range sorted(p.States[e]) {
			add(t.Gauge, "entities", "Entities in the state.", float64(p.States[e][state]), "entity", e, "state", state)
		}
	}
	r, v := &p.Records, &p.Verdicts
	const records = "Records of the type."
	add(t.Counter, "records_total", records, float64(r.Alert), "type", "alert")
	add(t.Counter, "records_total", records, float64(r.Publish), "type", "publish")
	add(t.Counter, "records_total", records, float64(r.Log), "type", "log")
	add(t.Counter, "records_total", records, float64(r.Exec), "type", "exec")
	add(t.Counter, "records_lost_total", "Records that could not be written.", float64(r.Lost))
	const verdicts = "Verdicts about packets."
	add(t.Counter, "verdicts_total", verdicts, float64(v.Drop), "verdict", "drop")
	add(t.Counter, "verdicts_total", verdicts, float64(v.Capture), "verdict", "capture")
	add(t.Counter, "verdicts_total", verdicts, float64(v.Block), "verdict", "block")
	add(t.Counter, "skipped_firings_total", "Firings of repeating timers left out because time jumped.", float64(p.Skipped))
	if p.Cost != nil {
		add(t.Gauge, "packet_cost_seconds", "Processor time for a packet, since the program was loaded or replaced.", p.Cost.NsPerPacket/1e9)
		add(t.Gauge, "cost_share_ratio", "Share of what all running programs take.", p.Cost.Share)
	}
	add(t.Gauge, "memory_bytes", "Bytes of all structures.", float64(p.MemoryBytes))
	for i := range p.Memory {
		m := &p.Memory[i]
		label := []string{"structure", m.Name, "kind", m.Kind}
		add(t.Gauge, "structure_used", "Keys or cells in use.", float64(m.Used), label...)
		add(t.Gauge, "structure_capacity", "Keys or cells that it is made for.", float64(m.Capacity), label...)
		add(t.Gauge, "structure_fill_ratio", "Used by capacity.", m.Fill, label...)
		add(t.Gauge, "structure_error_ratio", "Estimated error at this fill; 0 = exact.", m.Error, label...)
		add(t.Counter, "structure_evicted_total", "Keys that made room for others.", float64(m.Evicted), label...)
		add(t.Counter, "structure_rejected_total", "Keys that found no room.", float64(m.Rejected), label...)
	}
}

// ownMetrics writes what the server knows of itself.
func (s *Server) ownMetrics(t *metrics.Text) {
	for code := range s.answers {
		if n := s.answers[code].Load(); n > 0 {
			t.Counter("streamon_api_requests_total", "Requests answered, by status.", float64(n), metrics.Label{Name: "code", Value: strconv.Itoa(code)})
		}
	}
	f := s.opt.Feed.Counts()
	t.Gauge("streamon_stream_clients", "Streams of records that are open.", float64(f.Subscribers))
	t.Counter("streamon_stream_records_total", "Records queued for streams.", float64(f.Sent))
	t.Counter("streamon_stream_dropped_total", "Records dropped because a client was slow, or the record too long.", float64(f.Dropped+f.TooLong))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, action := range sorted(s.mutables) {
		c := s.mutables[action]
		const name, help = "streamon_changes_total", "Requests that were to change something, by outcome."
		t.Counter(name, help, float64(c.ok), metrics.Label{Name: "action", Value: action}, metrics.Label{Name: "result", Value: "ok"})
		t.Counter(name, help, float64(c.failed), metrics.Label{Name: "action", Value: action}, metrics.Label{Name: "result", Value: "failed"})
		if !c.last.IsZero() {
			t.Gauge("streamon_changes_last_success_timestamp_seconds", "When such a request last succeeded.", float64(c.last.UnixMilli())/1e3, metrics.Label{Name: "action", Value: action})
		}
	}
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
