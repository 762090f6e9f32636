package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/probe"
)

// right is what a caller needs for a request.
type right uint8

const (
	toRead   right = iota
	toWrite        // changes something
	toLoad         // brings code or files of the probe's machine in
	toUpload       // brings code in that the request has
)

// route is one request that the server answers.
type route struct {
	method, path string // as of http.ServeMux
	action       string // one word, for counters
	doc          string // what it does
	right        right
	query        []parameter
	body         any // zero value of what the body holds; listText{} for a list file; nil = there is none
	answer       any // zero value of the answer; nil: see media
	media        string
	do           func(s *Server, r *http.Request) (any, error)
	write        func(s *Server, w http.ResponseWriter, r *http.Request, c caller) error // instead of do
}

// isStream reports whether the answer goes on until the client has enough.
func (rt *route) isStream() bool { return rt.media == "text/event-stream" }

// leads reports whether path is one of the route's.
func (rt *route) leads(path string) bool {
	want, have := strings.Split(rt.path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || w[:min(1, len(w))] == "{" && h != "" })
}

// parameter is one of the query.
type parameter struct {
	name, kind, doc string
	isNeeded        bool
}

// listText stands for a body that is a list file, programFile for one that is a program.
type (
	listText    struct{}
	programFile struct{}
)

// Bounds of requests.
const (
	maxBody  = 1 << 20
	maxList  = 16 << 20 // as of a list file
	maxFile  = 32 << 20 // of an upload
	maxLimit = 10_000   // of answers
	topLimit = 10
)

var (
	limitParam   = parameter{"limit", "integer", "How many at most, 0 to 10000.", false}
	programParam = parameter{"program", "string", "Of this instance only.", false}
	levelParam   = parameter{"level", "string", "Alerts of this level and above: info, low, medium, high or critical.", false}
	afterParam   = parameter{"after", "integer", "Records with higher numbers only; a number that the probe has not reached yet, since it was started again, counts as 0.", false}
)

var routes = []route{
	{method: "GET", path: "/v1/programs", action: "list", doc: "What the probe did so far: packets, and programs with their counters, states, memory and cost. A tenant gets its own programs, and nothing about packets.",
		answer: probe.Summary{}, do: func(s *Server, r *http.Request) (any, error) { return s.p.Summary(r.Context()) }},
	{method: "POST", path: "/v1/programs", action: "load", doc: "Load a program. It sees the packets from the next batch on.", right: toLoad,
		body: LoadRequest{}, answer: probe.Generation{}, do: doLoad},
	{method: "PUT", path: "/v1/programs", action: "replace", doc: "Replace a program between two batches. The new generation keeps every structure that both declare alike; if it cannot be started, the old one runs on. With shadow, both versions are run without actions first and compared: what comes of it is in the answers about the program.", right: toLoad,
		body: LoadRequest{}, answer: probe.Generation{}, do: doReplace},
	{method: "GET", path: "/v1/programs/{name}", action: "show", doc: "One program with what it remembers.",
		query: []parameter{limitParam}, answer: probe.Detail{}, do: doShow},
	{method: "DELETE", path: "/v1/programs/{name}", action: "unload", doc: "Remove a program. Of one that is not loaded, what a checkpoint has of it is given up.", right: toWrite,
		answer: Done{}, do: func(s *Server, r *http.Request) (any, error) {
			return Done{}, s.p.Unload(r.Context(), r.PathValue("name"))
		}},
	{method: "GET", path: "/v1/programs/{name}/params", action: "params", doc: "The parameters of a program.",
		answer: Params{}, do: doParams},
	{method: "PATCH", path: "/v1/programs/{name}/params", action: "configure", doc: "Give parameters new values: the program goes on as a new generation that keeps all memory.", right: toWrite,
		body: ParamsRequest{}, answer: probe.Generation{}, do: doConfigure},
	{method: "GET", path: "/v1/programs/{name}/lists", action: "lists", doc: "The lists of a program that can be replaced.",
		answer: Lists{}, do: doLists},
	{method: "PUT", path: "/v1/programs/{name}/lists/{list}", action: "setlist", doc: "Put a list in force. The body is a list file; if it cannot be read, the list stays as it was.", right: toWrite,
		body: listText{}, answer: probe.ListInForce{}, do: doSetList},
	{method: "GET", path: "/v1/programs/{name}/states", action: "states", doc: "Entities that are not in the default state. A question looks at 100000 of them.",
		query: []parameter{{"state", "string", "In this state only.", false}, {"entity", "string", "Of this kind only.", false}, {"key", "string", "Whose key, as JSON, contains this text.", false}, limitParam}, answer: probe.Entities{}, do: doStates},
	{method: "GET", path: "/v1/programs/{name}/top", action: "top", doc: "The keys with the largest values of each topk metric and each table of numbers.",
		query: []parameter{limitParam}, answer: probe.Top{}, do: doTop},
	{method: "GET", path: "/v1/programs/{name}/features", action: "features", doc: "The last values of features that alerts were raised with, and of what was published, by entity; newest first.",
		query: []parameter{limitParam}, answer: Features{}, do: doFeatures},
	{method: "GET", path: "/v1/programs/{name}/machines", action: "machines", doc: "The state machines of a program, in the words of its source.",
		answer: probe.Machines{}, do: doMachines},
	{method: "GET", path: "/v1/programs/{name}/graph", action: "graph", doc: "The state machines of a program as a drawing. Groups of states have the attributes data-entity and data-state, those of edges data-entity, data-from and data-to.",
		media: "image/svg+xml", write: doGraph},
	{method: "POST", path: "/v1/uploads", action: "upload", doc: "Bring a program along: a source, which is compiled here, or, as the operator, a plugin. What is answered goes to a request that loads or replaces.", right: toUpload,
		query: []parameter{{"file", "string", "Name of the file, as in p2p.smon.", true}}, body: programFile{}, answer: Upload{}, do: doUpload},
	{method: "GET", path: "/v1/me", action: "me", doc: "Who asks, and what they may do.",
		answer: Me{}, write: doMe},
	{method: "GET", path: "/v1/alerts", action: "alerts", doc: "The last alerts, oldest first: up to 256 of each instance are kept.",
		query: []parameter{programParam, levelParam, afterParam, limitParam}, answer: Alerts{}, do: doAlerts},
	{method: "GET", path: "/v1/stream", action: "stream", doc: "Records as they come, as server-sent events: event is the type, id the number, data the record. 1000 wait for a client at most; what is dropped is told by an event dropped.",
		query: []parameter{{"types", "string", "Types of records, with commas between: alert, publish, log, exec; without it, alert and publish.", false}, programParam, levelParam, afterParam}, media: "text/event-stream", write: doStream},
	{method: "GET", path: "/v1/blocks", action: "blocks", doc: "What is blocked, by whom and until when; in a dry run, what would be. A tenant gets what its programs want blocked.",
		query: []parameter{programParam, addressParam, limitParam}, answer: Blocks{}, do: doBlocks},
	{method: "POST", path: "/v1/lift", action: "lift", doc: "End blocks before their time. A tenant ends those that its programs want; what others want blocked too stays so.", right: toWrite,
		query: []parameter{programParam, addressParam, holdParam}, answer: Lifted{}, do: doLift},
	{method: "POST", path: "/v1/reload", action: "reload", doc: "Read list files again.", right: toWrite,
		query: []parameter{programParam}, answer: Reloaded{}, do: doReload},
	{method: "GET", path: "/v1/sdk", action: "sdk", doc: "What a compiler must know of this probe to build plugins for it.", do: func(s *Server, r *http.Request) (any, error) { return s.p.SDK() }, media: "application/json"},
	{method: "GET", path: "/v1/openapi.json", action: "openapi", doc: "This document.", media: "application/json", write: doOpenAPI},
	{method: "GET", path: "/metrics", action: "metrics", doc: "Counters in the text format of Prometheus. A tenant gets those of its programs.", media: "text/plain; version=0.0.4", write: doMetrics},
}

func noRoute(_ *Server, r *http.Request) (any, error) {
	var allowed []string
	for i := range routes { // for a path that is there a wrong method is another error
		if rt := &routes[i]; rt.leads(r.URL.Path) {
			allowed = append(allowed, rt.method)
		}
	}
	if len(allowed) > 0 {
		list := strings.Join(allowed, ", ")
		return nil, &statusError{status: http.StatusMethodNotAllowed, msg: fmt.Sprintf("%.20s %.200s: expected %s", r.Method, r.URL.Path, list), allow: list}
	}
	return nil, statusf(http.StatusNotFound, "no such request: %s %.200s", r.Method, r.URL.Path)
}

func doLoad(s *Server, r *http.Request) (any, error) {
	var body LoadRequest
	if err := readLoad(r, &body); err != nil {
		return nil, err
	}
	if body.Shadow != "" || body.Promote != "" {
		return nil, statusf(http.StatusBadRequest, `"shadow" and "promote" are for replacing`)
	}
	return s.p.Load(r.Context(), body)
}

func doReplace(s *Server, r *http.Request) (any, error) {
	var body LoadRequest
	if err := readLoad(r, &body); err != nil {
		return nil, err
	}
	return s.p.Replace(r.Context(), body)
}

func readLoad(r *http.Request, body *LoadRequest) error {
	if err := readJSON(r, body); err != nil {
		return err
	}
	switch {
	case body.Path == "" && body.Upload == "":
		return statusf(http.StatusBadRequest, `the request has no "path"`)
	case body.Path != "" && body.Upload != "":
		return statusf(http.StatusBadRequest, `the request has both a "path" and an "upload"`)
	}
	return nil
}

func doShow(s *Server, r *http.Request) (any, error) {
	limit, err := number(r, "limit", config.ShowLimit, maxLimit)
	if err != nil {
		return nil, err
	}
	return s.p.Show(r.Context(), r.PathValue("name"), int(limit))
}

func doParams(s *Server, r *http.Request) (any, error) {
	params, err := s.p.Params(r.Context(), r.PathValue("name"))
	return Params{r.PathValue("name"), params}, err
}

func doConfigure(s *Server, r *http.Request) (any, error) {
	var body ParamsRequest
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	if len(body.Set) == 0 {
		return nil, statusf(http.StatusBadRequest, `the request has no "set"`)
	}
	return s.p.Configure(r.Context(), r.PathValue("name"), body.Set)
}

func doLists(s *Server, r *http.Request) (any, error) {
	lists, err := s.p.Lists(r.Context(), r.PathValue("name"))
	return Lists{r.PathValue("name"), lists}, err
}

func doSetList(s *Server, r *http.Request) (any, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, bodyError(err)
	}
	return s.p.SetList(r.Context(), r.PathValue("name"), r.PathValue("list"), text)
}

func doStates(s *Server, r *http.Request) (any, error) {
	limit, err := number(r, "limit", config.ShowLimit, maxLimit)
	if err != nil {
		return nil, err
	}
	v := r.URL.Query()
	return s.p.Entities(r.Context(), r.PathValue("name"), probe.Question{Entity: v.Get("entity"), State: v.Get("state"), Key: v.Get("key"), Limit: int(limit)})
}

func doTop(s *Server, r *http.Request) (any, error) {
	limit, err := number(r, "limit", topLimit, maxLimit)
	if err != nil {
		return nil, err
	}
	return s.p.Top(r.Context(), r.PathValue("name"), int(limit))
}

func doReload(s *Server, r *http.Request) (any, error) {
	n, err := s.p.Reload(r.Context(), r.URL.Query().Get("program"))
	return Reloaded{n}, err
}

// number reads a parameter of the query: 0 to largest, or the default if it is not there.
func number(r *http.Request, name string, def, largest uint64) (uint64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > largest {
		return 0, statusf(http.StatusBadRequest, "%s %.80q: expected a number, 0 to %d", name, text, largest)
	}
	return n, nil
}

// readJSON reads a body that is one JSON object of known fields.
func readJSON(r *http.Request, v any) error {
	if text := r.Header.Get("Content-Type"); text != "" {
		if media, _, err := mime.ParseMediaType(text); err != nil || media != "application/json" {
			return statusf(http.StatusUnsupportedMediaType, "content type %.80q: expected application/json", text)
		}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return bodyError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		if err == nil {
			err = errors.New("more follows the object")
		}
		return bodyError(err)
	}
	return nil
}

// bodyError says what is wrong with a body.
func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return statusf(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", large.Limit)
	}
	return statusf(http.StatusBadRequest, "reading the request: %.300v", err)
}

// statusError is an error of the request itself.
type statusError struct {
	status int
	msg    string
	allow  string // methods that the path has, if that is what is wrong (RFC 9110 §10.2.1)
}

func (e *statusError) Error() string { return e.msg }

func statusf(status int, format string, args ...any) error {
	return &statusError{status: status, msg: fmt.Sprintf(format, args...)}
}
