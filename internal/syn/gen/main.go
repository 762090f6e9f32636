// Command gen writes synthetic captures and their truth.
//
//	go run ./internal/syn/gen -o DIR [-seed N] [-pcap] [name…]
//
// Each scenario becomes DIR/NAME.pcapng (or .pcap) and DIR/NAME.json. Without names
// it makes all but the long ones; -list shows them.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/streamon/streamon/internal/syn"
)

func main() {
	dir := flag.String("o", "", "directory to write to")
	seed := flag.Uint64("seed", 1, "seed: one seed, one file")
	pcap := flag.Bool("pcap", false, "write classic pcap instead of pcapng")
	list := flag.Bool("list", false, "list the scenarios")
	flag.Parse()
	if *list {
		for _, s := range syn.Scenarios() {
			fmt.Printf("%-22s %s\n", s.Name, s.About)
		}
		return
	}
	if *dir == "" {
		fmt.Fprintln(os.Stderr, "gen: error: no directory given\ngen: hint: gen -o DIR [-seed N] [-pcap] [name…]")
		os.Exit(2)
	}
	if err := run(*dir, *seed, *pcap, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "gen: error:", err)
		os.Exit(1)
	}
}

func run(dir string, seed uint64, pcap bool, names []string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	all := syn.Scenarios()
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s syn.Scenario) bool { return s.Name == name }) {
			return fmt.Errorf("unknown scenario %q (see -list)", name)
		}
	}
	for _, s := range all {
		if slices.Contains(names, s.Name) || len(names) == 0 && !s.Long {
			if err := generate(s, dir, seed, pcap); err != nil {
				return fmt.Errorf("making %s: %w", s.Name, err)
			}
		}
	}
	return nil
}

// generate writes one scenario and its truth.
func generate(s syn.Scenario, dir string, seed uint64, pcap bool) error {
	write, ext := s.Write, ".pcapng"
	if pcap {
		write, ext = s.WritePcap, ".pcap"
	}
	f, err := os.Create(filepath.Join(dir, s.Name+ext))
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	truth, err := write(w, seed)
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(truth, "", " ")
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d packets\n", f.Name(), truth.Packets)
	return os.WriteFile(filepath.Join(dir, s.Name+".json"), append(b, '\n'), 0o666)
}
