package syn

import "time"

// Figures of the paper's DDoS detector.
const (
	floodThreshold = 100
	floodGrowth    = 1.2
	floodPeriod    = 60 * time.Second
)

// judge plays the paper's state machine over the times of all SYNs to the server,
// with an exact count over the last 60 s (open at its beginning) in place of a
// sketch. The server enters monitored when F1 passes the threshold; from then on
// it is checked each 60 s. Two rises in a row of more than 20 % make an attack.
func (v *Server) judge(syns []time.Duration) {
	state := "default"
	enter := func(at time.Duration, s string) {
		if s != state {
			state = s
			v.States = append(v.States, State{at.Seconds(), s})
		}
		if s == "attack" {
			v.Attacked = true
		}
	}
	v.States = []State{{0, state}}
	first := 0              // of the SYNs in the last 60 s
	var last float64        // F1 at the check before
	var check time.Duration // time of the next check, outside default
	count := func(i int, now time.Duration) float64 {
		for first < i && syns[first] <= now-floodPeriod {
			first++
		}
		return float64(i - first)
	}
	for i, now := range syns {
		for state != "default" && check <= now {
			rate := count(i, check)
			rises := rate > floodGrowth*last
			at := check
			check += floodPeriod
			switch {
			case state == "monitored" && rate < floodThreshold, state == "attack" && rate < floodThreshold:
				enter(at, "default")
			case state == "monitored" && rises:
				v.RisesAt = append(v.RisesAt, at.Seconds())
				enter(at, "rising")
			case state == "rising" && rises:
				v.RisesAt = append(v.RisesAt, at.Seconds())
				enter(at, "attack")
			case state == "rising":
				enter(at, "monitored")
			}
			if state != "attack" {
				last = rate
			}
		}
		rate := count(i+1, now)
		if state == "default" && rate > floodThreshold {
			if v.PassedAt == 0 {
				v.PassedAt = now.Seconds()
			}
			last, check = rate, now+floodPeriod
			enter(now, "monitored")
		}
	}
}
