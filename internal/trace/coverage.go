package trace

// Coverage says which parts of a program runs have reached. Positions are those of the
// source, so that it can be drawn on a graph of the states or shown beside the text.
type Coverage struct {
	States      []StateCount `json:"states"`
	Transitions []EdgeCount  `json:"transitions"`
	Conditions  []CondCount  `json:"conditions"`
}

// StateCount is how often a state was entered; the default state how many entities
// began in it.
type StateCount struct {
	Name  string `json:"name"`
	Line  int    `json:"line"`
	Count uint64 `json:"count"`
}

// EdgeCount is how often a transition was taken. Event is "" where a state ends by
// itself.
type EdgeCount struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Event string `json:"event,omitempty"`
	Line  int    `json:"line"`
	Count uint64 `json:"count"`
}

// CondCount is how often a condition was tried and held, and did not. Text is
// "otherwise" for one that has no other outcome.
type CondCount struct {
	Text    string `json:"text"`
	Event   string `json:"event"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Held    uint64 `json:"held"`
	DidNot  uint64 `json:"did_not"`
	OneSide bool   `json:"one_side,omitempty"` // an otherwise
}

// Ratio is a part of a whole.
type Ratio struct{ Done, All int }

// Percent is 100 of nothing.
func (r Ratio) Percent() float64 {
	if r.All == 0 {
		return 100
	}
	return 100 * float64(r.Done) / float64(r.All)
}

// Add returns the sum.
func (r Ratio) Add(s Ratio) Ratio { return Ratio{r.Done + s.Done, r.All + s.All} }

// StateRatio counts the states that were entered.
func (c *Coverage) StateRatio() (r Ratio) {
	for _, s := range c.States {
		r = r.Add(ratio(s.Count > 0))
	}
	return r
}

// TransitionRatio counts the transitions that were taken.
func (c *Coverage) TransitionRatio() (r Ratio) {
	for _, e := range c.Transitions {
		r = r.Add(ratio(e.Count > 0))
	}
	return r
}

// ConditionRatio counts the outcomes of conditions: two of each when, one of each
// otherwise.
func (c *Coverage) ConditionRatio() (r Ratio) {
	for _, k := range c.Conditions {
		r = r.Add(ratio(k.Held > 0))
		if !k.OneSide {
			r = r.Add(ratio(k.DidNot > 0))
		}
	}
	return r
}

func ratio(ok bool) Ratio {
	if ok {
		return Ratio{1, 1}
	}
	return Ratio{0, 1}
}

// Add adds the counts of another run of the same program.
func (c *Coverage) Add(o *Coverage) {
	for i := range c.States {
		c.States[i].Count += o.States[i].Count
	}
	for i := range c.Transitions {
		c.Transitions[i].Count += o.Transitions[i].Count
	}
	for i := range c.Conditions {
		c.Conditions[i].Held += o.Conditions[i].Held
		c.Conditions[i].DidNot += o.Conditions[i].DidNot
	}
}
