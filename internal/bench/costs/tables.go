package main

import (
	"encoding/binary"

	"github.com/streamon/streamon/runtime/dleft"
	"github.com/streamon/streamon/runtime/timer"
	"github.com/streamon/streamon/runtime/xfsm"
)

type key = [16]byte

func keyOf(h uint64) (k key) {
	binary.LittleEndian.PutUint64(k[:], h)
	return k
}

func (r *recorder) table() {
	table := func(size int64) (*dleft.Table[key, float64], column) {
		n := capacityFor(size, func(n int) int64 { return dleft.TableBytes[key, float64](n) })
		t, c := dleft.NewTable[key, float64](n, dleft.Evict), keys(n/2)
		c.each(hashes, t.Warm, func(h uint64, now int64) { k := keyOf(h); t.Put(h, &k, now) })
		return t, c
	}
	sum := 0.0
	get := func(size int64) func(int) {
		t, c := table(size)
		return func(n int) {
			c.each(n, t.Warm, func(h uint64, _ int64) {
				k := keyOf(h)
				if v := t.Get(h, &k); v != nil {
					sum += *v
				}
			})
		}
	}
	r.sized("table/load", get)
	r.sized("table/has", get)
	r.sized("table/store", func(size int64) func(int) {
		t, c := table(size)
		return func(n int) {
			c.each(n, t.Warm, func(h uint64, now int64) {
				k := keyOf(h)
				if v, _ := t.Put(h, &k, now); v != nil {
					*v = 1
				}
			})
		}
	})
	r.after("table/store", "table/delete", func(size int64) func(int) {
		t, c := table(size)
		return func(n int) {
			c.each(n, t.Warm, func(h uint64, now int64) {
				k := keyOf(h)
				if v, _ := t.Put(h, &k, now); v != nil {
					*v = 1
				}
				t.Delete(h, &k)
			})
		}
	})
}

func (r *recorder) states() {
	states := func(size int64) (*xfsm.Table[key], column) {
		n := capacityFor(size, func(n int) int64 { return xfsm.TableBytes(n, 16) })
		t := xfsm.NewTable[key](n, dleft.Evict)
		t.Bind(new(timer.Agenda), []string{"default", "busy", "bad"})
		return t, keys(n / 2)
	}
	const never = int64(1) << 62
	moved := func(size int64) (*xfsm.Table[key], column) {
		t, c := states(size)
		c.each(hashes, t.Warm, func(h uint64, now int64) { k := keyOf(h); t.Move(h, &k, 1, now, never) })
		return t, c
	}
	visit := func(t *xfsm.Table[key], c column, flip uint64) func(int) {
		return func(n int) {
			c.each(n, t.Warm, func(h uint64, now int64) { h ^= flip; k := keyOf(h); t.Visit(h, &k, now) })
		}
	}
	r.sized("state/default", func(size int64) func(int) { // most are, and take no memory: few others are in the table
		t, c := states(size)
		for _, h := range c[:16] {
			k := keyOf(h)
			t.Move(h, &k, 1, start, never)
		}
		return visit(t, c, 1<<20)
	})
	r.sized("state/other", func(size int64) func(int) {
		t, c := moved(size)
		return visit(t, c, 0)
	})
	r.sized("call/age", func(size int64) func(int) {
		t, c := moved(size)
		return func(n int) { c.each(n, t.Warm, func(h uint64, _ int64) { k := keyOf(h); t.Since(h, &k) }) }
	})
	r.sized("state/move", func(size int64) func(int) {
		t, c := moved(size)
		i := 0
		return func(n int) {
			c.each(n, t.Warm, func(h uint64, now int64) { k := keyOf(h); i++; t.Move(h, &k, 1+i&1, now, never) })
		}
	})
}

func (r *recorder) timers() {
	type none struct{}
	timers := func(size int64) (*xfsm.Timeouts[key, none], *timer.Agenda, column) {
		n := capacityFor(size, func(n int) int64 { return xfsm.TimeoutsBytes(n, 16, 0) })
		t, a := xfsm.NewTimeouts[key, none](n, dleft.Evict), new(timer.Agenda)
		t.Bind(a)
		return t, a, keys(n / 2)
	}
	begin := func(t *xfsm.Timeouts[key, none], h uint64, now int64) {
		k := keyOf(h)
		t.Start(h, &k, now+window, 0, &none{})
	}
	r.sized("timer/start", func(size int64) func(int) {
		t, _, c := timers(size)
		return func(n int) { c.each(n, nil, func(h uint64, now int64) { begin(t, h, now) }) }
	})
	second := func(name string, f func(t *xfsm.Timeouts[key, none], a *timer.Agenda, h uint64, now int64)) {
		r.after("timer/start", name, func(size int64) func(int) {
			t, a, c := timers(size)
			return func(n int) { c.each(n, nil, func(h uint64, now int64) { begin(t, h, now); f(t, a, h, now) }) }
		})
	}
	second("timer/stop", func(t *xfsm.Timeouts[key, none], _ *timer.Agenda, h uint64, _ int64) { k := keyOf(h); t.Stop(h, &k) })
	second("timer/fire", func(t *xfsm.Timeouts[key, none], a *timer.Agenda, _ uint64, now int64) {
		var k key
		if _, _, ok := a.Next(now + window); ok {
			t.Fire(now+window, &k, &none{})
		}
	})
}
