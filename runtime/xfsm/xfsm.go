// Package xfsm keeps the state machines of a program's entities: which state each
// entity is in, since when and until when, and the timers that its handlers armed.
//
// It owns the mapping from entity key to state, expiry and timer. What a state
// means and what a handler does is generated code's business; the memory of keys
// is package dleft's, the order of timers package timer's. The main types are
// [Table], one for each entity of a program, [Timeouts], one for each timeout
// event, and [Ticks], one for the program's tick events.
//
// The extended finite state machine per monitored entity is the paper's (§III-D).
package xfsm
