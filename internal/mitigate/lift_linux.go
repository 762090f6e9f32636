package mitigate

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/nftables"
)

// liftedPrefix begins the name of the only chain in a table that says to a running probe: all was
// lifted, for so many seconds.
const liftedPrefix = "lifted_"

// Lift removes the table of that name with everything that is blocked by it, whoever made
// it, if it is a probe's. It needs no probe; one that runs blocks nothing for as long as hold.
// Without such a table the error is ErrNoTable.
func Lift(name string, hold time.Duration) error {
	chains, err := chainsOf(name)
	switch {
	case err != nil:
		return err
	case !slices.Contains(chains, chainName):
		return ErrNoTable
	}
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	tab := &nftables.Table{Family: nftables.TableFamilyINet, Name: name}
	conn.DelTable(tab)
	if hold > 0 && isLocked(name) {
		conn.AddTable(tab)
		conn.AddChain(&nftables.Chain{Name: liftedPrefix + strconv.Itoa(int(hold.Seconds())), Table: tab})
	}
	return explain(conn.Flush())
}

// liftedFor returns what Lift has left for a running probe.
func liftedFor(name string) (hold time.Duration, ok bool) {
	chains, _ := chainsOf(name)
	for _, c := range chains {
		if text, ok := strings.CutPrefix(c, liftedPrefix); ok {
			seconds, err := strconv.Atoi(text)
			return time.Duration(seconds) * time.Second, err == nil
		}
	}
	return 0, false
}

// chainsOf returns the chains of our table of that name, none if there is no such table. One
// that somebody else made is an error.
func chainsOf(name string) (names []string, err error) {
	conn, err := nftables.New()
	if err != nil {
		return nil, err
	}
	tables, err := conn.ListTablesOfFamily(nftables.TableFamilyINet)
	if err != nil {
		return nil, explain(err)
	}
	if !slices.ContainsFunc(tables, func(t *nftables.Table) bool { return t.Name == name }) {
		return nil, nil
	}
	chains, err := conn.ListChainsOfTableFamily(nftables.TableFamilyINet)
	if err != nil {
		return nil, explain(err)
	}
	for _, c := range chains {
		if c.Table.Name == name && (c.Name == chainName || strings.HasPrefix(c.Name, liftedPrefix)) {
			names = append(names, c.Name)
		}
	}
	if names == nil {
		return nil, fmt.Errorf("table inet %s is somebody else's: give another name", name)
	}
	return names, nil
}

// lockName is an abstract address: it is of this network namespace, as the table is, and is
// free again when its process has ended, however.
func lockName(table string) string { return "@smprobe-nftables-" + table }

// lockTable makes sure that one probe at a time owns the table.
func lockTable(name string) (io.Closer, error) {
	l, err := net.Listen("unix", lockName(name))
	if err != nil {
		return nil, fmt.Errorf("table inet %s is another running probe's: give another name (%w)", name, err)
	}
	return l, nil
}

// isLocked reports whether a probe owns the table that runs.
func isLocked(name string) bool {
	c, err := net.Dial("unix", lockName(name))
	if err != nil {
		return false
	}
	c.Close()
	return true
}
