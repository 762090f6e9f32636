package mitigate

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// ErrNoTable says that the table is not there (any more).
var ErrNoTable = errors.New("there is no such table")

// table is our table in the kernel: a set for each kind of target and version of IP, and a
// chain before everything else that drops what is in one of them.
type table struct {
	name string
	size int // of each set
	conn *nftables.Conn
	sets sets
}

type sets [2][3]*nftables.Set // by version and kind

// chainName is that of our chain: a table without it is not ours.
const chainName = "smprobe"

// Where addresses stand in the network header, by version.
var places = [2]struct {
	protocol    byte
	src, dst    uint32
	size        uint32
	name        string
	one, couple nftables.SetDatatype
}{
	{unix.NFPROTO_IPV4, 12, 16, 4, "4", nftables.TypeIPAddr, nftables.MustConcatSetType(nftables.TypeIPAddr, nftables.TypeIPAddr)},
	{unix.NFPROTO_IPV6, 8, 24, 16, "6", nftables.TypeIP6Addr, nftables.MustConcatSetType(nftables.TypeIP6Addr, nftables.TypeIP6Addr)},
}

var setNames = [...]string{fromSource: "src", toDestination: "dst", ofPair: "pair"}

// setsOf describes the sets of a table, size elements each.
func setsOf(tab *nftables.Table, size int) (s sets) {
	for v, place := range places {
		for k := range setNames {
			set := &nftables.Set{
				Table: tab, Name: setNames[k] + place.name, KeyType: place.one, HasTimeout: true, Size: uint32(size), Dynamic: true, KeyByteOrder: binaryutil.BigEndian,
			}
			if kind(k) == ofPair {
				set.KeyType, set.Concatenation = place.couple, true
			}
			s[v][k] = set
		}
	}
	return s
}

// make makes the table, in one step with the removal of what is there of us.
func (t *table) make() error {
	ours, err := chainsOf(t.name)
	if err != nil {
		return err
	}
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	tab := &nftables.Table{Family: nftables.TableFamilyINet, Name: t.name}
	if len(ours) > 0 {
		conn.DelTable(tab)
	}
	conn.AddTable(tab)
	accept := nftables.ChainPolicyAccept
	chain := conn.AddChain(&nftables.Chain{
		Name: chainName, Table: tab, Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookPrerouting,
		Priority: nftables.ChainPriorityRaw, Policy: &accept,
	})
	t.conn, t.sets = conn, setsOf(tab, t.size)
	for v, place := range places {
		for k := range setNames {
			set := t.sets[v][k]
			if err := conn.AddSet(set, nil); err != nil {
				return err
			}
			offset, n := place.src, place.size
			switch kind(k) {
			case toDestination:
				offset = place.dst
			case ofPair:
				n *= 2
			}
			conn.AddRule(&nftables.Rule{Table: tab, Chain: chain, Exprs: []expr.Any{
				&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
				&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{place.protocol}},
				&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: n},
				&expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID},
				&expr.Counter{},
				&expr.Verdict{Kind: expr.VerdictDrop},
			}})
		}
	}
	return explain(conn.Flush())
}

// isThere reports whether the table is, as we made it.
func (t *table) isThere() bool {
	chains, err := chainsOf(t.name)
	return err == nil && slices.Contains(chains, chainName)
}

// elements sorts blocks by set.
func elements(list []block) (e [2][3][]nftables.SetElement) {
	for i := range list {
		b := &list[i]
		v, addr := 0, b.src
		if b.kind == toDestination {
			addr = b.dst
		}
		if addr.Is6() {
			v = 1
		}
		key := addr.AsSlice()
		if b.kind == ofPair {
			key = append(key, b.dst.AsSlice()...)
		}
		e[v][b.kind] = append(e[v][b.kind], nftables.SetElement{Key: key, Timeout: max(b.lasts, time.Millisecond), Comment: b.by})
	}
	return e
}

// add puts blocks into the sets.
func (t *table) add(list []block) error {
	var again []block
	for i := range list {
		if list[i].isAgain {
			again = append(again, list[i])
		}
	}
	if err := t.remove(again); err != nil { // since another timeout may not count for what is there
		return err
	}
	for part := range slices.Chunk(list, atOnce) {
		if err := t.flush(part, (*nftables.Conn).SetAddElements); err != nil {
			return err
		}
	}
	return nil
}

// remove takes blocks out of the sets. Those that have ended are no error.
func (t *table) remove(list []block) error {
	for part := range slices.Chunk(list, atOnce) {
		err := t.flush(part, (*nftables.Conn).SetDeleteElements)
		if !errors.Is(err, ErrNoTable) {
			if err != nil {
				return err
			}
			continue
		}
		if !t.isThere() {
			return err
		}
		for i := range part { // one has ended, and then the kernel takes out none
			if err := t.flush(part[i:i+1], (*nftables.Conn).SetDeleteElements); err != nil && !errors.Is(err, ErrNoTable) {
				return err
			}
		}
	}
	return nil
}

func (t *table) flush(list []block, f func(*nftables.Conn, *nftables.Set, []nftables.SetElement) error) error {
	for v, kinds := range elements(list) {
		for k, e := range kinds {
			if len(e) == 0 {
				continue
			}
			if err := f(t.conn, t.sets[v][k], e); err != nil {
				return err
			}
		}
	}
	return explain(t.conn.Flush())
}

// leftovers returns what is blocked by a table that an earlier run has left; nothing without.
func leftovers(name string) (list []block, err error) {
	chains, err := chainsOf(name)
	if err != nil || !slices.Contains(chains, chainName) {
		return nil, err
	}
	conn, err := nftables.New()
	if err != nil {
		return nil, err
	}
	for v, kinds := range setsOf(&nftables.Table{Family: nftables.TableFamilyINet, Name: name}, 0) {
		for k, set := range kinds {
			elements, err := conn.GetSetElements(set)
			if err != nil {
				return nil, explain(err)
			}
			for _, e := range elements {
				if b, ok := blockOf(kind(k), int(places[v].size), &e); ok {
					list = append(list, b)
				}
			}
		}
	}
	return list, nil
}

// blockOf is the block that an element is, of addresses of n bytes.
func blockOf(k kind, n int, e *nftables.SetElement) (b block, ok bool) {
	b = block{target: target{kind: k}, lasts: e.Expires, by: e.Comment}
	switch {
	case b.lasts <= 0:
		return b, false
	case k == ofPair && len(e.Key) == 2*n:
		b.src, _ = netip.AddrFromSlice(e.Key[:n])
		b.dst, _ = netip.AddrFromSlice(e.Key[n:])
	case k == fromSource && len(e.Key) == n:
		b.src, _ = netip.AddrFromSlice(e.Key)
	case k == toDestination && len(e.Key) == n:
		b.dst, _ = netip.AddrFromSlice(e.Key)
	default:
		return b, false
	}
	return b, true
}

// droppedBy returns how many packets our rules have dropped.
func droppedBy(name string) (n uint64, err error) {
	conn, err := nftables.New()
	if err != nil {
		return 0, err
	}
	tab := &nftables.Table{Family: nftables.TableFamilyINet, Name: name}
	rules, err := conn.GetRules(tab, &nftables.Chain{Table: tab, Name: chainName})
	if err != nil {
		return 0, explain(err)
	}
	for _, r := range rules {
		for _, e := range r.Exprs {
			if c, ok := e.(*expr.Counter); ok {
				n += c.Packets
			}
		}
	}
	return n, nil
}

// explain says what is missing.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: %w", err, ErrRight)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w: %w", ErrNoTable, err)
	}
	return err
}
