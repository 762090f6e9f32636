package main

import (
	"math"
	"math/rand/v2"

	"github.com/streamon/streamon/codegen/ir"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/program"
)

// expressions measures operators and functions on values that are there, and membership
// in lists.
func (r *recorder) expressions() {
	r.integers()
	r.floats()
	r.texts()
	r.lists()
}

const mask = 255 // of the values that are worked on

func random[T any](f func(r *rand.Rand) T) (out [mask + 1]T) {
	r := rand.New(rand.NewPCG(3, 3))
	for i := range out {
		out[i] = f(r)
	}
	return out
}

// sink keeps results, so that they are computed.
var sink struct {
	i int64
	f float64
}

// integers measures operators on whole numbers, and comparisons of all that is compared
// as one.
func (r *recorder) integers() {
	a := random(func(r *rand.Rand) int64 { return r.Int64N(1 << 40) })
	b := random(func(r *rand.Rand) int64 { return 1 + r.Int64N(60) })
	loop := func(f func(x, y int64) int64) float64 {
		return r.time(func(n int) {
			var sum int64
			for i := range n {
				sum += f(a[i&mask], b[i&mask])
			}
			sink.i += sum
		})
	}
	base := loop(func(x, y int64) int64 { return x + y }) // inlined or called, all alike
	binary := map[ir.Op]func(x, y int64) int64{
		ir.Add: program.Add, ir.Sub: program.Sub, ir.Mul: program.Mul,
		ir.Mod:    func(x, y int64) int64 { return x % y },
		ir.BitAnd: func(x, y int64) int64 { return x & y }, ir.BitOr: func(x, y int64) int64 { return x | y },
		ir.BitXor: func(x, y int64) int64 { return x ^ y },
		ir.Shl:    func(x, y int64) int64 { return x << uint(y) }, ir.Shr: func(x, y int64) int64 { return x >> uint(y) },
		ir.Eq: func(x, y int64) int64 { return program.BoolInt(x == y) }, ir.Ne: func(x, y int64) int64 { return program.BoolInt(x != y) },
		ir.Lt: func(x, y int64) int64 { return program.BoolInt(x < y) }, ir.Le: func(x, y int64) int64 { return program.BoolInt(x <= y) },
		ir.Gt: func(x, y int64) int64 { return program.BoolInt(x > y) }, ir.Ge: func(x, y int64) int64 { return program.BoolInt(x >= y) },
		ir.And: func(x, y int64) int64 { return program.BoolInt(x > 100 && y > 10) }, ir.Or: func(x, y int64) int64 { return program.BoolInt(x > 1<<39 || y > 10) },
		ir.Neg: func(x, _ int64) int64 { return -x }, ir.Inv: func(x, _ int64) int64 { return ^x },
		ir.Not: func(x, _ int64) int64 { return program.BoolInt(!(x > 5)) },
	}
	for op, f := range binary {
		r.put("op/"+op.String(), loop(f)-base)
	}
	for name, f := range map[string]func(x, y int64) int64{
		"abs": func(x, _ int64) int64 { return program.Abs(x) },
		"min": func(x, y int64) int64 { return min(x, y) }, "max": func(x, y int64) int64 { return max(x, y) },
		"now": func(x, _ int64) int64 { return x }, "elapsed": func(x, y int64) int64 { return program.Sub(x, y) },
		"default": func(x, y int64) int64 {
			if x != 0 {
				return x
			}
			return y
		},
	} {
		r.put("call/"+name, loop(f)-base)
	}
	r.put("param", loop(func(x, _ int64) int64 { return x + sink.i })-base)
	r.put("in/item", loop(func(x, _ int64) int64 { return program.BoolInt(x == 20 || x == 53 || x == 67 || x == 80) })/4)
}

// floats measures what is done on numbers with fractions.
func (r *recorder) floats() {
	a := random(func(r *rand.Rand) float64 { return 1 + 1e6*r.Float64() })
	b := random(func(r *rand.Rand) float64 { return 1 + r.Float64() })
	loop := func(f func(x, y float64) float64) float64 {
		return r.time(func(n int) {
			sum := 0.0
			for i := range n {
				sum += f(a[i&mask], b[i&mask])
			}
			sink.f += sum
		})
	}
	base := loop(func(x, y float64) float64 { return x + y })
	for name, f := range map[string]func(x, y float64) float64{
		"op/div":     program.Div,
		"convert":    func(x, y float64) float64 { return float64(int64(x)) + y },
		"call/floor": func(x, _ float64) float64 { return math.Floor(x) }, "call/ceil": func(x, _ float64) float64 { return math.Ceil(x) },
		"call/sqrt": func(x, _ float64) float64 { return math.Sqrt(x) }, "call/log": func(x, _ float64) float64 { return math.Log(x) },
		"call/log2": func(x, _ float64) float64 { return math.Log2(x) }, "call/exp": func(_, y float64) float64 { return math.Exp(y) },
	} {
		r.put(name, loop(f)-base)
	}
}

// texts measures comparisons of texts and addresses.
func (r *recorder) texts() {
	names := random(func(r *rand.Rand) []byte {
		return []byte{'w', 'w', 'w', '.', 'a' + byte(r.IntN(26)), '.', 'c', 'o', 'm'}
	})
	addrs := random(func(r *rand.Rand) (k key) { k[15] = byte(r.IntN(256)); return k })
	other := addrs[7]
	loop := func(f func(i int) bool) float64 {
		return r.time(func(n int) {
			for i := range n {
				if f(i & mask) {
					sink.i++
				}
			}
		})
	}
	base := loop(func(i int) bool { return len(names[i]) == 0 })
	r.put("op/eq/string", loop(func(i int) bool { return string(names[i]) == "www.x.com" })-base)
	r.put("op/eq/ip", loop(func(i int) bool { return addrs[i] == other })-base)
	part := []byte("x.c")
	r.put("op/contains", loop(func(i int) bool { return program.Contains(names[i], part) })-base)
	r.put("call/len", loop(func(i int) bool { return len(names[i]) > 8 })-base)
}

// lists measures membership of values of which few are members.
func (r *recorder) lists() {
	parse := func(text string) *list.Set {
		s, err := list.Parse([]byte(text))
		if err != nil {
			panic(err) // the texts stand below
		}
		return s
	}
	ports := random(func(r *rand.Rand) int64 { return r.Int64N(65536) })
	addrs := random(func(r *rand.Rand) (k key) {
		copy(k[10:], []byte{0xff, 0xff, byte(r.IntN(256)), byte(r.IntN(256)), 1, 2})
		return k
	})
	macs := random(func(r *rand.Rand) [6]byte { return [6]byte{2, 0, 0, 0, byte(r.IntN(256)), 1} })
	names := random(func(r *rand.Rand) []byte {
		return []byte{'w', 'w', 'w', '.', 'a' + byte(r.IntN(26)), '.', 'c', 'o', 'm'}
	})
	numbers := parse("20..25\n53\n67\n68\n80\n110\n123\n143\n443\n993\n995\n")
	nets := parse("10.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16\n198.51.100.0/24\n203.0.113.0/24\n")
	cards := parse("02:00:00:00:00:01\n02:00:00:00:07:01\n02:00:00:00:09:01\n")
	hosts := parse("example.com\na.com\nwww.x.com\nexample.net\nexample.org\n")
	count := func(name string, f func(i int) bool) {
		r.put(name, r.time(func(n int) {
			for i := range n {
				if f(i & mask) {
					sink.i++
				}
			}
		}))
	}
	count("in/int", func(i int) bool { return numbers.HasInt(ports[i]) })
	count("in/net", func(i int) bool { return nets.HasIP(&addrs[i]) })
	count("in/mac", func(i int) bool { return cards.HasMAC(&macs[i]) })
	count("in/string", func(i int) bool { return hosts.HasName(names[i]) })
}
