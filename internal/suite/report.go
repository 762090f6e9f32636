package suite

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/streamon/streamon/internal/script"
	"github.com/streamon/streamon/internal/trace"
)

// Report prints results as they come, and sums them.
type Report struct {
	Out       io.Writer
	Verbose   bool // each test
	Uncovered bool // what no test reached

	Results                         []*Result
	passed, failed                  int
	programs, untested, measured    int // measured: some test of it ran
	states, transitions, conditions trace.Ratio
}

// maxShown is how many failures of one test are printed: the first one tells most.
const maxShown = 5

// Add prints a result.
func (r *Report) Add(res *Result) {
	r.Results = append(r.Results, res)
	r.programs++
	switch {
	case res.Err != nil:
		r.failed++
		fmt.Fprintf(r.Out, "FAIL  %s\n", res.Program)
		r.indent(res.Err.Error())
		return
	case res.File == "":
		r.untested++
		fmt.Fprintf(r.Out, "?     %s  no tests\n", res.Program)
		return
	}
	word := "ok  "
	if res.Failed() {
		word = "FAIL"
	}
	fmt.Fprintf(r.Out, "%s  %s  %s", word, res.Program, count(len(res.Tests), "test"))
	if c := res.Coverage; c != nil {
		r.measured++
		fmt.Fprintf(r.Out, "  states %s  transitions %s  conditions %s", fraction(c.StateRatio()), fraction(c.TransitionRatio()), fraction(c.ConditionRatio()))
		r.states, r.transitions, r.conditions = r.states.Add(c.StateRatio()), r.transitions.Add(c.TransitionRatio()), r.conditions.Add(c.ConditionRatio())
	}
	fmt.Fprintln(r.Out)
	for _, t := range res.Tests {
		r.test(res, t)
	}
	if res.Updated {
		fmt.Fprintf(r.Out, "      %s rewritten: look at what it expects now\n", res.File)
	}
	if r.Uncovered && res.Coverage != nil {
		for _, line := range uncovered(res.Coverage) {
			fmt.Fprintf(r.Out, "      %s:%s\n", res.Program, line)
		}
	}
}

func (r *Report) test(res *Result, t Test) {
	if len(t.Failures) == 0 {
		r.passed++
		if r.Verbose {
			fmt.Fprintf(r.Out, "      pass %s (%.2f s)\n", t.Name, t.Took.Seconds())
		}
		return
	}
	r.failed++
	for i, f := range t.Failures {
		if i == maxShown {
			r.indent(fmt.Sprintf("%s: %d more failures", t.Name, len(t.Failures)-i))
			break
		}
		r.indent(place(res, t, f) + f.String())
	}
}

// place says where a failure is, in a form that editors can follow.
func place(res *Result, t Test, f script.Failure) string {
	return fmt.Sprintf("%s:%d: %s: ", res.File, t.Line+f.Line, t.Name)
}

func (r *Report) indent(text string) {
	fmt.Fprintf(r.Out, "      %s\n", strings.ReplaceAll(strings.ReplaceAll(text, "\t", "  "), "\n", "\n      "))
}

// Finish prints the sums. ok is false if a test failed, or fewer percent of states or
// of conditions were reached than least; of nothing tested, none are.
func (r *Report) Finish(least float64) (ok bool) {
	if r.programs > 1 {
		fmt.Fprintf(r.Out, "%s, %s: %d passed, %d failed", count(r.programs, "program"), count(r.passed+r.failed, "test"), r.passed, r.failed)
		if r.untested > 0 {
			fmt.Fprintf(r.Out, "; %d without tests", r.untested)
		}
		fmt.Fprintf(r.Out, "; states %s, transitions %s, conditions %s\n", percent(r.states), percent(r.transitions), percent(r.conditions))
	}
	ok = r.failed == 0
	if least > 0 && r.measured == 0 {
		fmt.Fprintf(r.Out, "FAIL  no test ran, want %g %% of states and conditions reached\n", least)
		return false
	}
	for _, x := range []struct {
		name string
		trace.Ratio
	}{{"states", r.states}, {"conditions", r.conditions}} {
		if x.Percent() < least {
			fmt.Fprintf(r.Out, "FAIL  %s of %s reached, want %g %%\n", percent(x.Ratio), x.name, least)
			ok = false
		}
	}
	return ok
}

// uncovered lists what no test reached, in the order of the source.
func uncovered(c *trace.Coverage) []string {
	var out []string
	for _, s := range c.States {
		if s.Count == 0 {
			out = append(out, fmt.Sprintf("%d: state %s is never entered", s.Line, s.Name))
		}
	}
	for _, e := range c.Transitions {
		if e.Count == 0 {
			on := "its end"
			if e.Event != "" {
				on = e.Event
			}
			out = append(out, fmt.Sprintf("%d: never from %s to %s, on %s", e.Line, e.From, e.To, on))
		}
	}
	for _, k := range c.Conditions {
		if k.Held == 0 {
			out = append(out, fmt.Sprintf("%d: %s never holds", k.Line, k.Text))
		}
		if k.DidNot == 0 && !k.OneSide {
			out = append(out, fmt.Sprintf("%d: %s never fails", k.Line, k.Text))
		}
	}
	return out
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func fraction(r trace.Ratio) string { return fmt.Sprintf("%d/%d", r.Done, r.All) }

func percent(r trace.Ratio) string {
	if r.Done == r.All {
		return "100 %"
	}
	return fmt.Sprintf("%.1f %%", r.Percent())
}

// The elements of JUnit's format that its readers agree on.
type (
	junitSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []junitSuite
	}
	junitSuite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     string   `xml:"time,attr"`
		Cases    []junitCase
	}
	junitCase struct {
		XMLName xml.Name    `xml:"testcase"`
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		File    string      `xml:"file,attr,omitempty"`
		Line    int         `xml:"line,attr,omitempty"`
		Time    string      `xml:"time,attr"`
		Failure *junitFault `xml:"failure"`
		Error   *junitFault `xml:"error"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes all results in the XML format that CI systems read.
func (r *Report) JUnit(w io.Writer) error {
	var all junitSuites
	for _, res := range r.Results {
		s := junitSuite{Name: res.Program}
		total := 0.0
		if res.Err != nil {
			s.Errors = 1
			s.Cases = append(s.Cases, junitCase{Name: "program", Class: res.Program, Time: "0", Error: &junitFault{res.Err.Error(), ""}})
		}
		for _, t := range res.Tests {
			c := junitCase{Name: t.Name, Class: res.Program, File: res.File, Line: t.Line, Time: fmt.Sprintf("%.3f", t.Took.Seconds())}
			total += t.Took.Seconds()
			if len(t.Failures) > 0 {
				s.Failures++
				f := &junitFault{Message: t.Failures[0].Why}
				for _, x := range t.Failures {
					f.Text += place(res, t, x) + x.String() + "\n"
				}
				c.Failure = f
			}
			s.Cases = append(s.Cases, c)
		}
		s.Tests, s.Time = len(s.Cases), fmt.Sprintf("%.3f", total)
		all.Tests, all.Failures = all.Tests+s.Tests, all.Failures+s.Failures
		all.Suites = append(all.Suites, s)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}
