//go:build linux

package doc_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestCommandNames looks up what the pages call commands of smcc and smprobe, and
// their flags, in what the binaries say of themselves, and each command in the pages.
func TestCommandNames(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binaries: not with -short")
	}
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	others, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := append(pages(t), append(others, "../README.md")...)
	slices.Sort(all)
	all = slices.Compact(all)

	comments := regexp.MustCompile(`(?m)^(    .*?) +# .*$`) // in indented code
	for _, tool := range []string{"smcc", "smprobe"} {
		commands := listed(help(t, filepath.Join(bin, tool)), `(?m)^  ([a-z]+) {2,}`)
		flags := map[string][]string{}
		for _, c := range commands {
			flags[c] = listed(help(t, filepath.Join(bin, tool), c), `(--[a-z-]+)`)
		}
		mentioned := map[string]bool{}
		// in code: a command, and the rest of it to the end of the code or the next command
		use := regexp.MustCompile("(?m)(?:^    (?:\\$ )?|[`/]|^\\$ )" + tool + ` ([a-z]+)([^` + "`" + `\n|;&]*)`)
		for _, name := range all {
			for _, m := range use.FindAllStringSubmatch(comments.ReplaceAllString(read(t, name), "$1"), -1) {
				command, rest := m[1], m[2]
				if !slices.Contains(commands, command) {
					t.Errorf("%s: %s has no command %q (%s)", name, tool, command, strings.TrimSpace(m[0]))
					continue
				}
				mentioned[command] = true
				known := flags[command]
				if tool+command == "smccrun" {
					known = append(slices.Clone(known), listed(help(t, filepath.Join(bin, "smprobe"), "run"), `(--[a-z-]+)`)...)
				}
				for _, flag := range listed(rest, `(?:^| )(--[a-z-]+)`) {
					if !slices.Contains(known, flag) {
						t.Errorf("%s: %s %s has no flag %s", name, tool, command, flag)
					}
				}
			}
		}
		for _, c := range commands {
			if !mentioned[c] {
				t.Errorf("no page mentions %s %s", tool, c)
			}
		}
	}
}

// help returns what a command says of itself.
func help(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, append(args, "--help")...).Output()
	if err != nil {
		t.Fatalf("%s %s --help: %v", filepath.Base(name), strings.Join(args, " "), err)
	}
	return string(out)
}

// listed returns the first groups of all matches.
func listed(text, pattern string) (list []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}
