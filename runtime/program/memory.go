package program

// Structure is a piece of program memory: a sketch, a table, a timer wheel.
type Structure any

// Memory holds the structures of one program instance by name. The host makes
// one for the first generation and hands a successor, made by Next, to every
// later one. One writer.
type Memory struct {
	slots  map[string]slot
	prev   *Memory // where a new generation inherits from; nil once activated
	images *images // the same, of another process
	order  []string
	log    []Inheritance
	err    error // of an image
}

type slot struct {
	layout string
	s      Structure
}

// Inheritance says what became of one structure when a generation was made.
type Inheritance struct {
	Name string
	// Kept: adopted unchanged. Otherwise it is new, and Why says whether the
	// name is new or its layout differs.
	Kept bool
	Why  string
}

// WhyNew is Inheritance.Why of a structure that is declared for the first time.
const WhyNew = "new"

// NewMemory returns the empty memory of a first generation.
func NewMemory() *Memory { return &Memory{slots: map[string]slot{}} }

// Next returns the memory for a generation that follows m. It shares m's
// structures as they are adopted; m stays valid for the old generation.
func (m *Memory) Next() *Memory { return &Memory{slots: map[string]slot{}, prev: m} }

// Adopt returns the structure called name: the previous generation's if its
// layout and type are the same, else a new one from make, with what its image holds
// if there is one of the same layout and form. A layout names every declared property
// that the bytes depend on.
func Adopt[S Structure](m *Memory, name, layout string, make func() S) S {
	if m.prev != nil {
		if old, ok := m.prev.slots[name]; ok {
			if s, ok := old.s.(S); ok && old.layout == layout {
				m.put(name, layout, s, Inheritance{Name: name, Kept: true})
				return s
			}
			s := make()
			m.put(name, layout, s, Inheritance{Name: name, Why: differently(old.layout, layout)})
			return s
		}
	}
	s := make()
	m.put(name, layout, s, m.load(name, layout, s))
	return s
}

func differently(was, is string) string { return "declared differently: was " + was + ", is " + is }

func (m *Memory) put(name, layout string, s Structure, why Inheritance) {
	if _, dup := m.slots[name]; dup {
		panic("program: structure " + name + " adopted twice")
	}
	m.slots[name] = slot{layout, s}
	m.order = append(m.order, name)
	m.log = append(m.log, why)
}

// Settle ends the inheritance: structures of the previous generation that were
// not adopted are released. It returns what was kept, made and dropped.
func (m *Memory) Settle() []Inheritance {
	log := m.log
	if m.prev != nil {
		for _, name := range m.prev.order {
			if _, ok := m.slots[name]; !ok {
				log = append(log, Inheritance{Name: name, Why: "dropped: no longer declared"})
			}
		}
	}
	if m.images != nil {
		for _, i := range m.images.list {
			if _, ok := m.slots[i.Name]; !ok {
				log = append(log, Inheritance{Name: i.Name, Why: "dropped: no longer declared"})
			}
		}
	}
	m.prev, m.images, m.log = nil, nil, nil
	return log
}

// Len returns the number of structures.
func (m *Memory) Len() int { return len(m.slots) }
