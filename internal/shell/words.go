package shell

// ProbeWords returns the words that the command line of smprobe asks for. running
// answers for the programs of a running probe, settings for parameters.
func ProbeWords(running, settings Words) map[string]Words {
	return map[string]Words{
		"capture":  Files(".pcap", ".pcapng", ".cap", ".dmp", ".erf", ".snoop", ".gz"),
		"loadable": Files(".so", ".smon", ".xml"),
		"plugin":   Files(".so"),
		"running":  running,
		"set":      settings,
	}
}
