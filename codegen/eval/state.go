package eval

// move puts an entity into a state, anew if it is in it already.
func (m *machine) move(index int, id string, key []value, to int) {
	m.stats.Transitions++
	if old := m.entities[index][id]; old != nil {
		m.cancel(old.expiry)
	}
	if to == 0 {
		delete(m.entities[index], id)
		delete(m.fired, owner{expiryTimer, index, id})
		return
	}
	e := &entity{key: key, state: to, since: m.now}
	if !m.p.States[to].Lazy {
		if d, ok := m.duration(to); ok {
			e.expiry = &timer{kind: expiryTimer, entity: index, id: id, key: key}
			deadline, _ := m.putOff(e.expiry, later(m.now, d))
			m.arm(e.expiry, deadline)
		}
	}
	m.entities[index][id] = e
}

// duration returns how long a state lasts, in ns; ok is false if it has no end.
func (m *machine) duration(state int) (d int64, ok bool) {
	x := m.p.States[state].For
	if x == nil {
		return 0, false
	}
	v := (&context{m: m}).eval(x)
	return v.i, v.isDefined() && v.i >= 0
}

// state returns the state that an entity is in, without a look whether it is over.
func (m *machine) state(entity int, id string) int {
	if e := m.entities[entity][id]; e != nil {
		return e.state
	}
	return 0
}

// expired tells the observer that an entity has left a state by itself.
func (m *machine) expired(index int, id string, key []value, from, to int) {
	if m.observer != nil {
		m.observer.Expired(Frame{&context{m: m, expires: index, id: id, key: key}}, from, to)
	}
}

// look returns the state of an entity that an event is about. If more than the
// duration of a lazy state has passed since the entity entered it, the entity moves
// on first: one state, whose own duration begins now.
func (m *machine) look(index int, id string, key []value) int {
	e := m.entities[index][id]
	if e == nil {
		return 0
	}
	if s := m.p.States[e.state]; s.Lazy {
		if d, ok := m.duration(e.state); ok && m.now > later(e.since, d) {
			from := e.state
			m.move(index, id, key, s.Next)
			m.expired(index, id, key, from, s.Next)
			return s.Next
		}
	}
	return e.state
}
