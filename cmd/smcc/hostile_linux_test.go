package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Limits of what any program in XML may take, beyond what a small one takes.
const (
	hostileBytes = 64 << 20
	hostileTime  = 10 * time.Second // of the processor; most take less than one
)

// hostile are texts that are made to take much. Those that are refused are refused by
// every command; the others are also written as .smon, explained and generated.
var hostile = []struct {
	name      string
	isRefused bool
	src       func() string
}{
	{"entities", true, func() string {
		var b strings.Builder
		b.WriteString(`<?xml version="1.0"?><!DOCTYPE b [<!ENTITY e0 "lol">`)
		for i := range 30 {
			fmt.Fprintf(&b, `<!ENTITY e%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&e%d;", i), 10))
		}
		return b.String() + `]><botstream><statedef id="&e30;"/></botstream>`
	}},
	{"parameter entities", true, func() string {
		return `<!DOCTYPE b [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><botstream/>`
	}},
	{"external entity", true, func() string {
		return `<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><botstream><statedef id="&x;"/></botstream>`
	}},
	{"external subset", true, func() string { return `<!DOCTYPE b SYSTEM "http://192.0.2.1/x.dtd"><botstream/>` }},
	{"depth", true, func() string { return strings.Repeat("<metrics>", 400_000) }},
	{"depth within the size", true, func() string { return strings.Repeat("<metrics>", 12_000) + strings.Repeat("</metrics>", 12_000) }},
	{"one attribute", true, func() string { return `<botstream><statedef id="` + strings.Repeat("a", 4_000_000) + `"/></botstream>` }},
	{"one attribute within the size", true, func() string { return `<botstream><statedef id="` + strings.Repeat("a", 250_000) + `"/></botstream>` }},
	{"many attributes", true, func() string { return "<botstream" + strings.Repeat(` a=""`, 50_000) + "/>" }},
	{"different attributes", true, func() string {
		var b strings.Builder
		for i := range 25_000 {
			fmt.Fprintf(&b, ` a%d=""`, i)
		}
		return "<botstream" + b.String() + "/>"
	}},
	{"many elements", true, func() string { return "<botstream>" + strings.Repeat("<a/>", 60_000) + "</botstream>" }},
	{"a file of 100 MB", true, func() string { return "<botstream>" + strings.Repeat(" ", 100_000_000) + "</botstream>" }},
	{"a file of 4 MB", true, func() string { return "<botstream>" + strings.Repeat("<!-- -->", 500_000) + "</botstream>" }},
	{"comments", false, func() string { return hostileProgram("", "", strings.Repeat("<!---->", 30_000)) }},
	{"UTF-16 with mark", true, func() string { return "\xff\xfe" + strings.Repeat("<\x00b\x00>\x00", 30_000) }},
	{"UTF-16 big end first", true, func() string { return "\xfe\xff" + strings.Repeat("\x00<\x00b\x00>", 30_000) }},
	{"declared UTF-16", true, func() string { return `<?xml version="1.0" encoding="UTF-16"?><botstream/>` }},
	{"declared UTF-8, is ISO-8859-1", true, func() string {
		return `<?xml version="1.0" encoding="UTF-8"?><botstream><statedef id="` + strings.Repeat("\xe9", 10_000) + `"/></botstream>`
	}},
	{"declared EBCDIC", true, func() string { return `<?xml version="1.0" encoding="IBM037"?><botstream/>` }},
	{"NUL", true, func() string { return "<botstream>" + strings.Repeat("\x00", 200_000) + "</botstream>" }},
	{"NUL by reference", true, func() string { return `<botstream><statedef id="&#0;"/></botstream>` }},
	{"large reference", true, func() string {
		return `<botstream><statedef id="&#` + strings.Repeat("9", 200_000) + `;"/></botstream>`
	}},
	{"open tag", true, func() string { return "<botstream " + strings.Repeat(" ", 200_000) }},
	{"open attribute", true, func() string { return `<botstream a="` + strings.Repeat("<", 200_000) }},
	{"open comment", true, func() string { return "<botstream><!--" + strings.Repeat("-", 200_000) }},
	{"open CDATA", true, func() string { return "<botstream><![CDATA[" + strings.Repeat("]", 200_000) }},
	{"open instruction", true, func() string { return "<botstream><?" + strings.Repeat("x", 200_000) }},
	{"open reference", true, func() string { return `<botstream a="&` + strings.Repeat("a", 200_000) + `"/>` }},
	{"open elements", true, func() string { return strings.Repeat("<botstream><", 20_000) }},
	{"nothing", true, func() string { return "" }},
	{"blanks", true, func() string { return strings.Repeat(" ", 200_000) }},

	// Small enough, and more later.
	{"parentheses", true, func() string { return hostileProgram("", strings.Repeat("(", 7000)+"f"+strings.Repeat(")", 7000), "") }},
	{"nested expressions", false, func() string {
		return hostileProgram("", "", strings.Repeat(`<condition expression="`+strings.Repeat("(", 80)+"f"+strings.Repeat("+1)", 80)+` &gt; 1" action="print(%f)"/>`, 450))
	}},
	{"nested powers", false, func() string {
		return hostileProgram("", strings.Repeat("pow(", 60)+"f"+strings.Repeat(",4)", 60)+" &gt; 1", "")
	}},
	{"signs", true, func() string { return hostileProgram("", strings.Repeat("-", 8000)+"f", "") }},
	{"features", false, func() string { // each twice in the next
		var b strings.Builder
		for i := range 80 {
			fmt.Fprintf(&b, `<feature name="f%d" body="f%d + f%d"/>`, i+1, i, i)
		}
		return hostileProgram(`<feature name="f0" body="m"/>`+b.String(), "f80 &gt; 1", "")
	}},
	{"conditions", false, func() string {
		return hostileProgram("", "", strings.Repeat(`<condition expression="t(ip_src) &gt; f" action="t(ip_src)+=1"/>`, 3000))
	}},
	{"tables", false, func() string {
		var tables, conditions strings.Builder
		for i := range 900 {
			fmt.Fprintf(&tables, `<table name="t%d" type="DLeft" value_type="int" nhash="8" shash="20"/>`, i)
			fmt.Fprintf(&conditions, `<condition expression="t%d(ip_src) &gt; f" action="t%d(ip_src)=1"/>`, i, i)
		}
		return hostileProgram(tables.String(), "", conditions.String())
	}},
	{"actions", true, func() string {
		return hostileProgram("", "", strings.Repeat(`<condition expression="f &gt; 1" action="`+strings.Repeat("t(ip_src)+=1;", 1200)+`"/>`, 14))
	}},
	{"actions within the limit", false, func() string {
		return hostileProgram("", "", strings.Repeat(`<condition expression="f &gt; 1" action="`+strings.Repeat("t(ip_src)+=1;", 1200)+`"/>`, 3))
	}},
	{"texts", true, func() string {
		return hostileProgram("", "", strings.Repeat(`<condition expression="f &gt; 1" action="print(`+strings.Repeat("%f ", 5000)+`)"/>`, 15))
	}},
	{"texts within the limit", false, func() string {
		return hostileProgram("", "", strings.Repeat(`<condition expression="f &gt; 1" action="print(`+strings.Repeat("%f ", 5000)+`)"/>`, 3))
	}},
	{"states of one kind", false, func() string { return hostileGrid(1, 1150, func(int) string { return "" }) }},
	{"states and events", false, func() string {
		return hostileGrid(20, 48, func(s int) string { return fmt.Sprintf(`<condition expression="f &gt; %d" next_state="s%d"/>`, s, s) })
	}},
	{"selectors", false, func() string {
		var b strings.Builder
		for i := range 28 {
			fmt.Fprintf(&b, `<event type="packet" primary-key="ip_src" selector="%sproto udp"><state id="s0"><use-metric id="m" vm_update="ip_src"/></state></event>`,
				strings.Repeat(fmt.Sprintf("proto tcp and dst_port %d and src_port 7 or ", i), 180))
		}
		return hostileProgram("", "", "</state></event>"+b.String()+`<event type="packet" primary-key="ip_dst"><state id="s0"><use-metric id="m" vm_get="ip_dst"/>`)
	}},
	{"timeouts", false, func() string {
		var b strings.Builder
		for i := range 600 {
			fmt.Fprintf(&b, `<event type="timeout" class="c%d"><state id="s0"><condition expression="ip_len &gt; %d" action="print(%%domain_name %%http_host)"><timeout_set class="c%d" key="ip_src" value="1"/></condition></state></event>`, i, i, (i+1)%600)
		}
		return hostileProgram(b.String(), "", `<condition expression="true"><timeout_set class="c0" key="ip_src" value="1"/></condition>`)
	}},

	// In the style of the paper, where attributes hold the language.
	{"language in expressions", false, func() string {
		var b strings.Builder
		for i := range 990 {
			fmt.Fprintf(&b, `<feature name="f%d" body="m+1+m+2+m+3+m+4+m+5+m+6+m+7"/>`, i)
		}
		return hostilePaper(b.String(), "", "")
	}},
	{"language in too many expressions", true, func() string {
		var b strings.Builder
		for i := range 1100 {
			fmt.Fprintf(&b, `<feature name="f%d" body="m+1"/>`, i)
		}
		return hostilePaper(b.String(), "", "")
	}},
	{"language in parentheses", true, func() string {
		return hostilePaper(`<feature name="f" body="`+strings.Repeat("(", 7000)+"m"+strings.Repeat(")", 7000)+`"/>`, "", "")
	}},
	{"language with signs", true, func() string {
		return hostilePaper(`<feature name="f" body="`+strings.Repeat("-", 16_000)+`m"/>`, "", "")
	}},
	{"language in a chain", true, func() string {
		return hostilePaper(`<feature name="f" body="m`+strings.Repeat("+1", 8000)+`"/>`, "", "")
	}},
	{"language in a list", false, func() string {
		var b strings.Builder
		for i := range 2700 {
			fmt.Fprintf(&b, ",%d", i)
		}
		return hostilePaper(`<list name="l" value="{`+b.String()[1:]+`}"/>`, "", "")
	}},
	{"language in actions", false, func() string {
		drops := strings.Repeat("drop ", 3200)
		return hostilePaper("", `<condition expression="m &gt; 1" action="`+drops+`"/><post-condition-action do="`+drops+`"/>`, "")
	}},
	{"language in texts", false, func() string {
		text := strings.Repeat("{m}", 5400)
		return hostilePaper("", `<condition expression="m &gt; 1" action='log "`+text+`"'/><post-condition-action do='log "`+text+`"'/>`, "")
	}},
	{"any state", false, func() string {
		var states, b strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&states, `<statedef id="t%d"/>`, i)
		}
		for i := range 200 {
			fmt.Fprintf(&b, `<event name="v%d" type="packet" primary-key="ip.src"><state id="any"><use-metric id="m" vm_update="host"/><condition expression="m &gt; 5" action="drop"/></state></event>`, i)
		}
		return hostilePaper(states.String(), "", b.String())
	}},
	{"states by name", false, func() string {
		var states, names strings.Builder
		for i := range 1500 {
			fmt.Fprintf(&states, `<statedef id="t%d"/>`, i)
			fmt.Fprintf(&names, ",t%d", i)
		}
		return hostilePaper(states.String(), "", `<event name="v" type="packet" primary-key="ip.src">`+strings.Repeat(`<state id="`+names.String()[1:]+`"/>`, 20)+`</event>`)
	}},
}

// hostilePaper is a program in the style of the paper with one event in one state.
func hostilePaper(declarations, state, events string) string {
	return `<streamon name="p"><statedef id="s0"/><entity name="host" key="ip"/><metric name="m" type="dleft"/>` + declarations +
		`<event name="e" type="packet" primary-key="ip.src"><state id="s0"><use-metric id="m" vm_update="host"/>` + state + `</state></event>` + events + `</streamon>`
}

// hostileProgram is a program with one event in one state.
func hostileProgram(declarations, condition, rest string) string {
	if condition != "" {
		rest = `<condition expression="` + condition + `" action="print(%f)"/>` + rest
	}
	return `<botstream><source type="trace" name="t"/><publisher protocol="tcp" ip="*" port="1"/><statedef id="s0"/>` +
		`<metric name="m"><variation_detector status="off"/><variation_monitor status="on" type="dleft"/></metric>` +
		`<table name="t" type="DLeft" value_type="double" nhash="8" shash="20"/><feature name="f" body="m"/>` + declarations +
		`<event type="packet" primary-key="ip_src"><state id="s0"><use-metric id="m" vm_update="ip_src"/>` + rest + `</state></event></botstream>`
}

// hostileGrid is a program in which every event lists every state.
func hostileGrid(events, states int, condition func(state int) string) string {
	var heads, b strings.Builder
	for s := 1; s < states; s++ {
		fmt.Fprintf(&heads, `<statedef id="s%d" timeout="%d" next_state="s%d"/>`, s, s, s-1)
	}
	for e := range events {
		fmt.Fprintf(&b, `<event type="packet" primary-key="ip_src" selector="dst_port %d">`, e)
		for s := range states {
			fmt.Fprintf(&b, `<state id="s%d"><use-metric id="m" vm_update="ip_src"/>%s</state>`, s, condition(s))
		}
		b.WriteString("</event>")
	}
	return hostileProgram(heads.String()+b.String(), "", "")
}

// TestHostile runs smcc in a process of its own and measures what it takes.
func TestHostile(t *testing.T) {
	if underRace {
		t.Skip("what a process takes under the race detector says nothing")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "p.xml")
	write := func(src string) {
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	commands := []string{"check", "convert", "explain", "gen"}
	usual := map[string]int64{}
	write(hostileProgram("", "", ""))
	for _, c := range commands {
		code, peak, _, out := smccChild(t, c, file)
		if usual[c] = peak; code != exitFine {
			t.Fatalf("smcc %s of a small program ends with %d\n%s", c, code, out)
		}
	}
	for _, h := range hostile {
		t.Run(strings.ReplaceAll(h.name, " ", "_"), func(t *testing.T) {
			write(h.src())
			for _, c := range commands {
				code, peak, took, out := smccChild(t, c, file)
				switch {
				case code < 0 || code == exitBug || strings.Contains(out, "panic:") || strings.Contains(out, "goroutine "):
					t.Fatalf("smcc %s ends with %d\n%.3000s", c, code, out)
				case h.isRefused != (code != exitFine):
					t.Errorf("smcc %s ends with %d, want it refused: %v\n%.1000s", c, code, h.isRefused, out)
				}
				more := peak - usual[c]
				if t.Logf("smcc %s: %d, %d MB, %v", c, code, more>>20, took.Round(time.Millisecond)); took > hostileTime {
					t.Errorf("smcc %s took %v", c, took)
				}
				if isReading := c == "check" || c == "convert"; more > hostileBytes && isReading {
					t.Errorf("smcc %s took %d MB", c, more>>20)
				}
				if h.isRefused && c != "check" && len(out) == 0 {
					t.Errorf("smcc %s says nothing", c)
				}
			}
		})
	}
}

// highWater is how the process says what it had at most. What the system counts for a
// child begins with the memory of its parent.
const highWater = "VmHWM:"

// smccChild runs smcc and returns its exit code, the most memory it had (bytes), the
// time it took of the processor and what it wrote to standard error.
func smccChild(t *testing.T, command, file string) (code int, peak int64, took time.Duration, stderr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*hostileTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestHostileChild$")
	cmd.Env = append(os.Environ(), "SMCC_HOSTILE="+command+" "+file)
	var out strings.Builder
	cmd.Stderr = &out
	_ = cmd.Run() // its code says more
	took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	stderr, after, _ := strings.Cut(out.String(), highWater)
	if _, err := fmt.Sscanf(after, "%d kB", &peak); err != nil {
		t.Fatalf("smcc %s did not come to its end: %v\n%.3000s", command, cmd.ProcessState, stderr)
	}
	return cmd.ProcessState.ExitCode(), peak << 10, took, stderr
}

// TestHostileChild is the process.
func TestHostileChild(t *testing.T) {
	command, file, ok := strings.Cut(os.Getenv("SMCC_HOSTILE"), " ")
	if !ok {
		t.Skip("runs in a process of TestHostile")
	}
	args := []string{command, file}
	if command == "gen" {
		args = append(args, "-o", filepath.Join(filepath.Dir(file), "out"))
	}
	null, err := os.Create(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	code := run(context.Background(), args, &stdio{strings.NewReader(""), null, os.Stderr})
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), highWater)
	fmt.Fprintln(os.Stderr, highWater+strings.SplitN(after, "\n", 2)[0])
	os.RemoveAll(workDir) // TestMain does not come to it
	os.Exit(code)
}
