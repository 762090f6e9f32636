package examples_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// compared describes how one figure of the truth files is found in what the
// programs under testdata/truth publish. The event has the name of the figure,
// the columns are its entity and values.
type compared struct {
	keys      []string // columns that tell rows apart; none: one number
	by        string   // column that the table was sorted by; empty: the first
	tolerance float64  // rounding of what the truth file prints
	got       func(f finals, columns []string) [][]any
	want      func(row []any) []any
}

var comparisons = map[string]compared{
	"syn_total":               {},
	"synack_total":            {},
	"tcp_flags":               {keys: []string{"flags"}, want: hexFlags},
	"syn_per_dst":             {keys: []string{"dst"}},
	"syn_per_src":             {keys: []string{"src"}},
	"syn_ports_per_pair":      {keys: []string{"src", "dst"}},
	"syn_hosts_per_src_port":  {keys: []string{"src", "dport"}},
	"syn445_per_src":          {keys: []string{"src"}},
	"synack445_per_dst":       {keys: []string{"dst"}},
	"syn_per_60s_top_dst":     {keys: []string{"bin60"}, by: "syn", got: bins("syn_per_60s_top_dst", 60)},
	"syn_per_1s_top_dst":      {keys: []string{"second"}, by: "syn", got: bins("syn_per_1s_top_dst", 1)},
	"dns_queries":             {},
	"dns_responses":           {},
	"dns_nxdomain":            {},
	"dns_queries_per_client":  {keys: []string{"client"}},
	"dns_nxdomain_per_client": {keys: []string{"client"}},
	"dns_rcodes":              {keys: []string{"rcode"}},
	"dns_qtypes":              {keys: []string{"qtype"}, got: queryTypes, want: noQueryType},
	"dns_names_per_client":    {keys: []string{"client"}, tolerance: 0.000501},
	"p2p_pairs":               {keys: []string{"what"}, by: "n", got: peerPairs},
	"p2p_m3_m4":               {keys: []string{"dst"}, by: "m4"},
	"udp_hosts_per_src_port":  {keys: []string{"src", "dport"}},
	"udp_ports_per_pair":      {keys: []string{"src", "dst"}},
	"modbus_to_502":           {},
	"modbus_hosts_per_src":    {keys: []string{"src"}},
	"modbus_function_codes":   {keys: []string{"function_code"}},
	"distinct":                {keys: []string{"what"}, by: "n", got: distinctTotals},
	"top_src":                 {keys: []string{"src"}},
	"top_dst":                 {keys: []string{"dst"}},
	"top_flows_bytes":         {keys: []string{"src", "dst", "proto", "sport", "dport"}, want: noPorts},
	"entropy_src":             {keys: []string{"distinct"}, tolerance: 0.000000501, got: entropy("src", "src", "frames")},
	"entropy_dst":             {keys: []string{"distinct"}, tolerance: 0.000000501, got: entropy("dst", "dst", "frames")},
	"entropy_sport":           {keys: []string{"distinct"}, tolerance: 0.000000501, got: entropy("sport", "sports", "ports")},
	"entropy_dport":           {keys: []string{"distinct"}, tolerance: 0.000000501, got: entropy("dport", "dports", "ports")},
}

func hexFlags(row []any) []any {
	n, err := strconv.ParseInt(row[1].(string), 0, 64)
	if err != nil {
		return row
	}
	return []any{row[0], float64(n)}
}

// noPorts writes the missing port of the truth as the programs do.
func noPorts(row []any) []any {
	row = slices.Clone(row)
	for i := 5; i < len(row); i++ {
		if row[i] == "-" {
			row[i] = -1.0
		}
	}
	return row
}

// noQueryType completes the row of queries whose question was cut off.
func noQueryType(row []any) []any {
	if len(row) == 1 {
		return []any{row[0], -1.0}
	}
	return row
}

func queryTypes(f finals, columns []string) [][]any {
	rows := f.table("dns_qtypes", columns)
	if n := f.value("no_qtype", "n"); n > 0 {
		rows = append(rows, []any{n, -1.0})
	}
	return rows
}

func distinctTotals(f finals, _ []string) (rows [][]any) {
	for _, what := range []string{"src", "dst", "pairs", "five_tuples"} {
		rows = append(rows, []any{what, f.value("totals", what)})
	}
	return rows
}

func entropy(what, distinct, frames string) func(finals, []string) [][]any {
	return func(f finals, _ []string) [][]any {
		return [][]any{{f.value("totals", "entropy_"+what), f.value("totals", distinct), f.value("totals", frames)}}
	}
}

// bins keeps the bins of the destination with most SYNs, as the truth does.
func bins(event string, seconds float64) func(finals, []string) [][]any {
	return func(f finals, columns []string) (rows [][]any) {
		top, most := "", 0.0
		for _, row := range f.table("syn_per_dst", []string{"dst", "syn"}) {
			dst, n := row[0].(string), row[1].(float64)
			if n > most || n == most && dst < top {
				top, most = dst, n
			}
		}
		for _, l := range f[event] {
			if l.Entity["dst"] == top {
				row := []any{l.Entity["at"].(float64) / seconds, l.Fields["syn"], top}
				rows = append(rows, row[:len(columns)])
			}
		}
		return rows
	}
}

func peerPairs(f finals, _ []string) (rows [][]any) {
	for _, what := range []string{"pairs_tcp", "pairs_udp", "pairs_both"} {
		rows = append(rows, []any{what, f.value("pair_totals", what)})
	}
	peers := map[string]float64{}
	for _, l := range f.of("p2p_pairs") {
		for _, side := range []string{"src", "dst"} {
			host := l.Entity[side].(string)
			if n := l.Fields[side+"_peers"].(float64); n > 0 {
				peers[host] = max(peers[host], n)
			}
		}
	}
	for host, n := range peers {
		rows = append(rows, []any{host, n})
	}
	return rows
}

// TestTruth runs programs with exact counters over every capture of which there
// are figures and compares them.
func TestTruth(t *testing.T) {
	var programs []string
	for _, name := range []string{"syn", "dns", "traffic", "peers"} {
		programs = append(programs, plugin(t, filepath.Join("testdata", "truth", name+".smon")))
	}
	type tally struct{ compared, agree, known int }
	table := map[string]*tally{}
	for name := range comparisons {
		table[name] = new(tally)
	}
	used := map[string]bool{}
	for _, tr := range shared(t, "mix", "detect") {
		if _, ok := tr.Figures["syn_total"]; !ok {
			continue
		}
		f, s := lastOf(t, tr.capture, programs...)
		for _, p := range s.Programs {
			for _, m := range p.Memory {
				if m.Evicted+m.Rejected > 0 {
					t.Errorf("%s: %s of %s is too small to count exactly", tr.name, m.Name, p.Name)
				}
			}
		}
		for name, c := range comparisons {
			fig, ok := tr.Figures[name]
			if !ok {
				continue
			}
			diff := c.diff(t, f, name, fig)
			table[name].compared++
			key := tr.name + " " + name
			switch k, isKnown := differences[key]; {
			case len(diff) == 0 && !isKnown:
				table[name].agree++
			case isKnown && k.rows == len(diff):
				table[name].known++
				used[key] = true
			default:
				t.Errorf("%s: %d rows differ, want %d\n\t%s", key, len(diff), k.rows, strings.Join(diff[:min(len(diff), 12)], "\n\t"))
			}
		}
	}
	for key := range differences {
		if !used[key] {
			t.Errorf("known difference %q is not there", key)
		}
	}
	var sum tally
	report := []string{fmt.Sprintf("%-24s %8s %6s %s", "figure", "compared", "agree", "known differences")}
	for _, name := range sortedKeys(table) {
		n := table[name]
		sum.compared, sum.agree, sum.known = sum.compared+n.compared, sum.agree+n.agree, sum.known+n.known
		report = append(report, fmt.Sprintf("%-24s %8d %6d %6d", name, n.compared, n.agree, n.known))
	}
	report = append(report, fmt.Sprintf("%-24s %8d %6d %6d", "all", sum.compared, sum.agree, sum.known))
	where := map[string][]string{}
	for _, key := range sortedKeys(differences) {
		where[differences[key].reason] = append(where[differences[key].reason], key)
	}
	for _, reason := range sortedKeys(where) {
		report = append(report, reason+": "+strings.Join(where[reason], ", "))
	}
	t.Logf("exact counters against tshark\n%s", strings.Join(report, "\n"))
}

// diff compares one figure with what was published.
func (c compared) diff(t testing.TB, f finals, name string, fig figure) []string {
	t.Helper()
	if len(c.keys) == 0 {
		want, ok := fig.number()
		if !ok {
			t.Fatalf("%s is no number: %s", name, fig.Value)
		}
		if got := f.value(name, "n"); got != float64(want) {
			return []string{fmt.Sprintf("got %v, want %v", got, want)}
		}
		return nil
	}
	want := fig.rows(t)
	if c.want != nil {
		for i := range want {
			want[i] = c.want(want[i])
		}
	}
	var got [][]any
	if c.got != nil {
		got = c.got(f, fig.Columns)
	} else {
		got = f.table(name, fig.Columns)
	}
	var keys []int
	for _, k := range c.keys {
		keys = append(keys, slices.Index(fig.Columns, k))
	}
	by := max(0, slices.Index(fig.Columns, c.by))
	return difference(got, want, keys, by, fig.limit(), c.tolerance)
}
