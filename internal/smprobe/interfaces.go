package smprobe

import (
	"fmt"
	"io"
	"strings"

	"github.com/streamon/streamon/internal/capture"
)

type interfacesCmd struct {
	JSON bool `help:"As JSON."`
}

// Run implements the command.
func (c *interfacesCmd) Run(std *stdio) error {
	list, err := capture.ListInterfaces()
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(std, "-", list)
	}
	printInterfaces(std.out, list)
	if denied := capture.MayCapture(); denied != nil {
		std.notef("capturing is not allowed: %v", denied)
		std.hintf("%s", captureHint(denied))
	}
	return nil
}

func printInterfaces(w io.Writer, list []capture.InterfaceInfo) {
	rows := [][]string{{"NAME", "STATE", "KIND", "DRIVER", "MTU", "ADDRESSES", "MISSING"}}
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	for _, i := range list {
		rows = append(rows, []string{
			i.Name, i.State, i.Kind, dash(i.Driver), fmt.Sprint(i.MTU), dash(strings.Join(i.Addresses, " ")), dash(i.Missing),
		})
	}
	printTable(w, rows, len(rows[0]))
}
