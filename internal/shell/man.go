package shell

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Page is what a manual page says beside what the model of the command line knows.
type Page struct {
	Name     string    // what the command is, after its name: "compile StreaMon programs"
	Sections []Section // after the commands
	SeeAlso  string
}

// Section is a part of a manual page.
type Section struct {
	Title string
	Text  string // paragraphs; a line that begins with a tab is an example
	List  [][2]string
}

// Man returns the manual page of a command, in section 1, in the macros of man(7).
// It is the same for the same command line: it has no date.
func Man(k *kong.Kong, about Page) string {
	m := &manual{}
	name := k.Model.Name
	m.printf(`.\" Made by smcc man from the command line itself.`)
	m.printf(`.TH %s 1 "" StreaMon "StreaMon manual"`, strings.ToUpper(name))
	m.printf(".SH NAME\n%s \\- %s", roff(name), roff(about.Name))
	m.printf(".SH SYNOPSIS\n.B %s\n.I command\n.RI [ arguments ]\n.RI [ flags ]", roff(name))
	m.printf(".SH DESCRIPTION")
	m.text(k.Model.Help)
	m.printf(".SH COMMANDS")
	m.commands(k.Model.Node, "")
	m.printf(".SH FLAGS OF ALL COMMANDS")
	m.flags(k.Model.Flags)
	for _, s := range about.Sections {
		m.printf(".SH %s", roff(strings.ToUpper(s.Title)))
		m.text(s.Text)
		for _, e := range s.List {
			m.printf(".TP\n.B %s\n%s", roff(e[0]), fold(e[1]))
		}
	}
	if about.SeeAlso != "" {
		m.printf(".SH SEE ALSO\n%s", roff(about.SeeAlso))
	}
	return m.String()
}

type manual struct{ strings.Builder }

func (m *manual) printf(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// commands writes a part for each command that has none below it.
func (m *manual) commands(n *kong.Node, path string) {
	for _, c := range n.Children {
		if c.Hidden {
			continue
		}
		name := strings.TrimSpace(path + " " + c.Name)
		if len(c.Children) > 0 {
			m.commands(c, name)
			continue
		}
		head := `\fB` + roff(name) + `\fR`
		for _, a := range c.Positional {
			head += " " + argument(a)
		}
		if len(c.Flags) > 0 {
			head += ` [\fIflags\fR]`
		}
		m.printf(".SS %s\n%s", head, fold(c.Help))
		if c.Detail != "" {
			m.printf(".PP")
			m.text(c.Detail)
		}
		for _, a := range c.Positional {
			if a.Help != "" {
				m.printf(".TP\n\\fI%s\\fR\n%s", roff(a.Name), fold(a.Help))
			}
		}
		m.flags(c.Flags)
	}
}

// argument returns an argument as it stands in a synopsis.
func argument(a *kong.Positional) string {
	text := `\fI` + roff(a.Name) + `\fR`
	if a.IsCumulative() {
		text += ` \&...`
	}
	if !a.Required {
		text = "[" + text + "]"
	}
	return text
}

// flags writes what each flag does.
func (m *manual) flags(list []*kong.Flag) {
	for _, f := range list {
		if f.Hidden {
			continue
		}
		head := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Short != 0 {
			head = `\fB` + roff("-"+string(f.Short)) + `\fR, ` + head
		}
		if !f.IsBool() {
			head += `=\fI` + roff(placeholder(f)) + `\fR`
		}
		help := f.Help
		for _, e := range f.Envs {
			help += " Without it, the value is that of $" + e + "."
		}
		m.printf(".TP\n%s\n%s", head, fold(help))
	}
}

// placeholder returns what stands for the value of a flag.
func placeholder(f *kong.Flag) string {
	if f.PlaceHolder == "" && !f.HasDefault && f.Tag.Type == "path" {
		return "PATH"
	}
	return strings.Trim(f.FormatPlaceHolder(), `"`)
}

// text writes paragraphs, and lines that begin with a tab or with "Example: " as
// examples.
func (m *manual) text(text string) {
	for i, para := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			m.printf(".PP")
		}
		for line := range strings.Lines(para) {
			line = strings.TrimRight(line, "\n")
			intro, example, ok := strings.Cut(line, "Example: ")
			switch {
			case ok && intro == "":
				m.printf("Example:\n.PP\n.EX\n    %s\n.EE", roff(example))
			case strings.HasPrefix(line, "\t"):
				m.printf(".PP\n.EX\n    %s\n.EE", roff(line[1:]))
			default:
				m.printf("%s", fold(line))
			}
		}
	}
}

// fold breaks a text that roff fills anyway into lines of less than 80 bytes.
func fold(text string) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(roff(text)) {
		switch {
		case i == 0:
		case at+1+len(word) < 80:
			b.WriteByte(' ')
			at++
		default:
			b.WriteByte('\n')
			at = 0
		}
		if strings.HasPrefix(word, ".") { // else it is a request if it begins a line
			b.WriteString(`\&`)
			at += 2
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}

// roff writes a text so that roff takes nothing in it for its own.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "\n", " ", "→", `\(->`, "…", `\&...`, "“", `\(lq`, "”", `\(rq`).Replace(text)
}
