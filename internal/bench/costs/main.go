// Command costs measures what the operations of generated code cost on this machine and
// writes the table of package codegen/cost. It calls what generated code calls, in the
// way in which that does it: over chunks of 64 packets, whose cache lines are asked for
// before they are used.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamon/streamon/codegen/cost"
)

// sizes are the bytes of the structures that are measured.
var sizes = []int64{256 << 10, 8 << 20, 64 << 20}

func main() {
	out := flag.String("o", "codegen/cost/table.json", "file to write")

	rounds := flag.Int("rounds", 9, "rounds; the fastest counts")
	only := flag.String("only", "", "measure the operations with this prefix, print them, write nothing")
	flag.Parse()
	if err := run(*out, *rounds, *only); err != nil {
		fmt.Fprintf(os.Stderr, "costs: %v\n", err)
		os.Exit(1)
	}
}

func run(out string, rounds int, only string) error {
	r := recorder{rounds: rounds, only: only, ns: map[string][]float64{}}
	runtime.LockOSThread()
	debug.SetGCPercent(400)
	if err := r.packets(); err != nil {
		return err
	}
	r.expressions()
	r.records()
	r.structures()
	if only != "" {
		return nil
	}
	for _, op := range cost.Operations() {
		if want := map[bool]int{false: 1, true: len(sizes)}[op.Sized]; len(r.ns[op.Name]) != want {
			return fmt.Errorf("operation %s has %d figures, want %d", op.Name, len(r.ns[op.Name]), want)
		}
	}
	if n := len(cost.Operations()); len(r.ns) != n {
		return fmt.Errorf("%d operations were measured, %d are known", len(r.ns), n)
	}
	table := cost.Table{Machine: processor(), Date: time.Now().UTC().Format(time.DateOnly), Go: runtime.Version(), Sizes: sizes, NS: r.ns}
	text, err := json.MarshalIndent(table, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(oneLine(text), '\n'), 0o644)
}

// oneLine brings the figures of an operation into one line.
func oneLine(text []byte) []byte {
	inList := false
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if inList {
			line = strings.TrimLeft(line, " ")
		}
		inList = inList || strings.HasSuffix(line, "[\n")
		if strings.HasPrefix(strings.TrimLeft(line, " "), "]") {
			inList = false
		}
		if inList {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasSuffix(line, ",") {
				line += " "
			}
		}
		b.WriteString(line)
	}
	return []byte(b.String())
}

// processor is the name of the processor and the sizes of its caches.
func processor() string {
	name := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(text), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			name = strings.TrimLeft(line, "\t :")
		}
	}
	var caches []string
	paths, _ := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*")
	for _, dir := range paths {
		kind, _ := os.ReadFile(dir + "/type")
		size, err := os.ReadFile(dir + "/size")
		if err == nil && strings.TrimSpace(string(kind)) != "Instruction" {
			caches = append(caches, strings.TrimSpace(string(size)))
		}
	}
	if caches != nil {
		name += ", caches of " + strings.Join(caches, ", ")
	}
	return name
}

// recorder measures.
type recorder struct {
	rounds int
	only   string
	ns     map[string][]float64
	loop   float64 // what a loop over keys costs by itself
}

// wants reports whether an operation is to be measured.
func (r *recorder) wants(name string) bool { return strings.HasPrefix(name, r.only) }

// put records figures of an operation; one that is within the error of the clock is not
// below a tenth of a nanosecond.
func (r *recorder) put(name string, ns ...float64) {
	for i, x := range ns {
		ns[i] = float64(int(max(x, 0.1)*100+0.5)) / 100
	}
	r.ns[name] = ns
	if r.only != "" && r.wants(name) {
		fmt.Println(name, ns)
	}
}

// roundTime is how long a round of an operation takes at least.
const roundTime = 4 * time.Millisecond

// time returns nanoseconds per call: run makes n of them. The fastest round counts: whatever
// else the machine does only adds.
func (r *recorder) time(run func(n int)) float64 {
	n := 256
	for {
		from := threadTime()
		run(n)
		if threadTime()-from >= roundTime || n >= 1<<30 {
			break
		}
		n *= 2
	}
	var rounds []float64
	for range r.rounds {
		from := threadTime()
		run(n)
		rounds = append(rounds, float64(threadTime()-from)/float64(n))
	}
	return slices.Min(rounds)
}

// threadTime is the processor time of this thread.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // every Linux has this clock
	}
	return time.Duration(t.Nano())
}
