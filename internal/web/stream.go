package web

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/feed"
	"github.com/streamon/streamon/internal/probe"
)

const (
	maxStreams       = 64 // of all clients
	maxTenantStreams = 16 // of one tenant
	heartbeat        = 15 * time.Second
)

// Alerts is the answer to a question about alerts.
type Alerts struct {
	Last   uint64            `json:"last"`   // number of the newest record in the answer, for after; 0 without any
	Alerts []json.RawMessage `json:"alerts"` // records, as in doc/output.md
}

// Features is the last values of features.
type Features struct {
	Program  string    `json:"program"` // name of the instance
	Features []Feature `json:"features"`
}

// Feature is the values that one event had for one entity, most recently.
type Feature struct {
	Time   string          `json:"time"` // packet time
	Event  string          `json:"event"`
	Entity json.RawMessage `json:"entity"`          // key fields by name
	Topic  string          `json:"topic,omitempty"` // of what was published
	Values json.RawMessage `json:"values"`          // by name
}

// filter reads the parameters that records are chosen by.
func filter(r *http.Request, types feed.Types) (f feed.Filter, after uint64, err error) {
	v := r.URL.Query()
	f = feed.Filter{Types: types, Program: v.Get("program")}
	f.Tenant, f.IsTenant = probe.TenantOf(r.Context())
	if word := v.Get("level"); word != "" {
		var ok bool
		if f.Level, ok = feed.LevelOf(word); !ok {
			return f, 0, statusf(http.StatusBadRequest, "level %.80q: expected info, low, medium, high or critical", word)
		}
	}
	after, err = number(r, "after", 0, math.MaxInt64)
	return f, after, err
}

func doAlerts(s *Server, r *http.Request) (any, error) {
	f, after, err := filter(r, feed.Alerts)
	if err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", config.ShowLimit, maxLimit)
	if err != nil {
		return nil, err
	}
	if err := s.known(r, f.Program); err != nil {
		return nil, err
	}
	a := Alerts{Alerts: []json.RawMessage{}}
	for _, e := range s.opt.Feed.Recent(f, after, int(limit)) {
		a.Last = e.Seq
		a.Alerts = append(a.Alerts, e.JSON)
	}
	return a, nil
}

// known refuses a question about an instance of another tenant, or of none.
func (s *Server) known(r *http.Request, program string) error {
	if program == "" {
		return nil
	}
	_, err := s.p.Params(r.Context(), program)
	return err
}

func doFeatures(s *Server, r *http.Request) (any, error) {
	limit, err := number(r, "limit", config.ShowLimit, maxLimit)
	if err != nil {
		return nil, err
	}
	name := r.PathValue("name")
	if err := s.known(r, name); err != nil {
		return nil, err
	}
	f := feed.Filter{Types: feed.Alerts | feed.Published, Program: name}
	f.Tenant, f.IsTenant = probe.TenantOf(r.Context())
	answer := Features{Program: name, Features: []Feature{}}
	seen := map[string]bool{}
	list := s.opt.Feed.Recent(f, 0, 2*feed.Kept)
	for i := len(list) - 1; i >= 0 && len(answer.Features) < int(limit); i-- {
		var record struct {
			Feature
			Features, Fields json.RawMessage
		}
		if err := json.Unmarshal(list[i].JSON, &record); err != nil {
			return nil, err
		}
		record.Values = record.Features
		if record.Values == nil {
			record.Values = record.Fields
		}
		key := fmt.Sprintf("%q %q %s", record.Event, record.Topic, record.Entity)
		if !seen[key] {
			seen[key] = true
			answer.Features = append(answer.Features, record.Feature)
		}
	}
	return answer, nil
}

// typesOf reads the types of records that a stream is to have.
func typesOf(text string) (types feed.Types, err error) {
	if text == "" {
		return feed.Alerts | feed.Published, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		t := feed.TypesOf(word)
		if t == 0 {
			return 0, statusf(http.StatusBadRequest, "type %.80q: expected alert, publish, log or exec", word)
		}
		types |= t
	}
	return types, nil
}

// isStill reports whether who asked at the beginning of a stream may still see what they
// did then: a token may have been taken out of the file.
func (s *Server) isStill(c caller, r *http.Request) bool {
	now, err := s.identify(r, c.isRemote)
	return err == nil && now.IsOperator == c.IsOperator && now.Tenant == c.Tenant
}

// doStream writes records as server-sent events (WHATWG HTML §9.2) until the client
// goes, has no right to them any more, or the server closes. After a pause of the connection
// a browser sends the number of the last record it got, and goes on from there.
func doStream(s *Server, w http.ResponseWriter, r *http.Request, c caller) error {
	types, err := typesOf(r.URL.Query().Get("types"))
	if err != nil {
		return err
	}
	f, after, err := filter(r, types)
	if err != nil {
		return err
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		if after, err = strconv.ParseUint(id, 10, 63); err != nil {
			return statusf(http.StatusBadRequest, "Last-Event-ID %.80q: expected a number", id)
		}
	}
	if err := s.known(r, f.Program); err != nil {
		return err
	}
	leave, err := s.streams.take(c, maxStreams, maxTenantStreams, "streams")
	if err != nil {
		return err
	}
	defer leave()
	sub := s.opt.Feed.Subscribe(f, after)
	defer sub.Close()

	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Time{}) // that of the request; the client has nothing more to send
	write := func(text []byte) bool {
		deadline(w, streamTimeout)
		_, err := w.Write(text)
		return err == nil && rc.Flush() == nil
	}
	if !write([]byte(": records of programs\n\n")) {
		return nil
	}
	beat := time.NewTicker(s.heartbeat)
	defer beat.Stop()
	var text []byte
	for {
		text = text[:0]
		select {
		case <-r.Context().Done():
			return nil
		case <-s.closing:
			return nil
		case <-beat.C:
			if !s.isStill(c, r) {
				return nil
			}
			text = append(text, ": still here\n\n"...)
		case e := <-sub.C:
			text = appendEvent(text, &e)
			for more := true; more && len(text) < 32<<10; { // what waits goes in one write
				select {
				case e := <-sub.C:
					text = appendEvent(text, &e)
				default:
					more = false
				}
			}
		}
		if n := sub.Dropped(); n > 0 {
			text = fmt.Appendf(text, "event: dropped\ndata: {\"dropped\":%d}\n\n", n)
		}
		if !write(text) {
			return nil
		}
	}
}

// appendEvent appends a record. Its JSON has no line ends.
func appendEvent(b []byte, e *feed.Entry) []byte {
	b = append(append(append(b, "event: "...), e.Type.String()...), "\nid: "...)
	b = append(strconv.AppendUint(b, e.Seq, 10), "\ndata: "...)
	return append(append(b, e.JSON...), "\n\n"...)
}
