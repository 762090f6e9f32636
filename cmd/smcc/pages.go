package main

import "github.com/streamon/streamon/internal/shell"

// smccPage and smprobePage are what the manual pages say that the command lines do
// not know.
var (
	smccPage = shell.Page{
		Name: "compile StreaMon programs",
		Sections: []shell.Section{
			{Title: "Exit status", List: [][2]string{
				{"0", "All is well; there may have been warnings."},
				{"1", "The program has errors."},
				{"2", "Wrong arguments, files or tools."},
				{"3", "A fault of smcc. Please report it."},
				{"130", "Interrupted."},
			}},
			{Title: "Files", List: [][2]string{
				{"NAME.smon", "A program. One in the XML dialect ends in .xml."},
				{"NAME.so", "A compiled program, for smprobe."},
				{"$XDG_CACHE_HOME/smcc", "What was built, so that building it again takes no time. It can be deleted."},
			}},
			{Title: "Environment", List: [][2]string{
				{"NO_COLOR", "If it is not empty, messages have no colours."},
			}},
			{Title: "Examples", Text: "Write a program, look whether it is right, and try it on a capture:\n\tsmcc new my_scan --template scan\n\tsmcc check my_scan.smon\n\tsmcc run my_scan.smon -r trace.pcap\n\n" +
				"Compile it, and load it into a probe that is running:\n\tsmcc build my_scan.smon\n\tsmprobe load my_scan.so --socket /run/smprobe.sock\n\n" +
				"Draw its states:\n\tsmcc graph my_scan.smon -o my_scan.svg\n\n" +
				"Have the shell complete both commands (bash; also fish and zsh):\n\t. <(smcc completion bash)"},
		},
		SeeAlso: "smprobe(1)",
	}
	smprobePage = shell.Page{
		Name: "run StreaMon programs over packets",
		Sections: []shell.Section{
			{Title: "Exit status", List: [][2]string{
				{"0", "All is well."},
				{"1", "A file could not be read, a program not be loaded, or output not be written."},
				{"2", "Wrong arguments, or a plugin that does not fit this probe."},
				{"3", "A program was stopped by a fault of ours. Please report it."},
			}},
			{Title: "Output", Text: "Alerts and messages go to standard output: text on a terminal, one JSON object a line otherwise. A summary follows on standard error."},
			{Title: "Examples", Text: "Run a program over a capture:\n\tsmprobe run -r trace.pcap -p p2p.so\n\n" +
				"Start a probe, and load, look at and replace a program in it:\n\tsmprobe run --replay trace.pcap --socket /tmp/probe.sock &\n\texport SMPROBE_SOCKET=/tmp/probe.sock\n\tsmprobe load p2p.so\n\tsmprobe show p2p\n\tsmprobe replace p2p.so"},
		},
		SeeAlso: "smcc(1)",
	}
)
