package web

import (
	"net/http"
	"sync"
)

// seats bound how much of one thing callers have open at a time. Tenants have a bound each,
// and together they leave as many to the operator. The zero seats are empty.
type seats struct {
	mu    sync.Mutex
	taken map[string]int // by tenant; the operator's under *
}

// take makes room for one more of what; leave gives it back.
func (s *seats) take(c caller, all, each int, what string) (leave func(), err error) {
	who := "*" // no name of a tenant
	if !c.IsOperator {
		who = c.Tenant
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.taken {
		n += k
	}
	if n >= all || !c.IsOperator && (s.taken[who] >= each || n-s.taken["*"] >= all-each) {
		return nil, statusf(http.StatusTooManyRequests, "too many %s at a time", what)
	}
	if s.taken == nil {
		s.taken = map[string]int{}
	}
	s.taken[who]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.taken[who]--; s.taken[who] == 0 {
			delete(s.taken, who)
		}
	}, nil
}
