// Package list holds the lists of a program: sets of numbers, addresses,
// networks, MAC addresses and names, which operators write as files and replace
// while the program runs.
//
// It owns the syntax of an entry (see Parse) and the tests for membership. It
// does not read files. The main types are Set, which is immutable, and List,
// which holds the Set in force:
//
//	set, err := list.Parse(text)
//	…
//	bad.Store(set)               // any goroutine, at any time
//	if bad.HasIP((*[16]byte)(&p.Dst)) { … }
package list

import "sync/atomic"

// List is a replaceable Set. Any number of readers and writers: a Store is seen
// whole or not at all. The zero List is empty. Its tests are those of the Set in
// force; none allocates.
type List struct{ set atomic.Pointer[Set] }

// New returns a list that holds s; nil means empty.
func New(s *Set) *List {
	l := new(List)
	l.Store(s)
	return l
}

// Load returns the set in force, never nil.
func (l *List) Load() *Set {
	if s := l.set.Load(); s != nil {
		return s
	}
	return &empty
}

// Store puts s in force; nil means empty.
func (l *List) Store(s *Set) { l.set.Store(s) }

// HasInt reports whether v is a number of the list or lies in a range of it.
func (l *List) HasInt(v int64) bool { return l.Load().HasInt(v) }

// HasIP reports whether an address of the list, or a network of it, is or holds
// ip (IPv4 in its mapped form).
func (l *List) HasIP(ip *[16]byte) bool { return l.Load().HasIP(ip) }

// HasMAC reports whether mac is in the list.
func (l *List) HasMAC(mac *[6]byte) bool { return l.Load().HasMAC(mac) }

// HasName reports whether name is in the list or belongs to a domain of it.
func (l *List) HasName(name []byte) bool { return l.Load().HasName(name) }

var empty Set
