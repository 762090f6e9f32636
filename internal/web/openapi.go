package web

import (
	_ "embed"
	"net/http"
)

// openAPI is the description of the interface (OpenAPI 3.1). TestOpenAPI makes it from
// the table of routes, the types of bodies and answers and their comments, and
// holds real answers against it.
//
//go:embed openapi.json
var openAPI []byte

func doOpenAPI(_ *Server, w http.ResponseWriter, _ *http.Request, _ caller) error {
	w.Header().Set("Content-Type", "application/json")
	deadline(w, writeTimeout)
	w.Write(openAPI)
	return nil
}
