// Package streamon carries the project's own sources, so that installed
// binaries can compile programs without a checkout and without network.
//
// The probe hands out the runtime sources that it was built from (its SDK), and
// the compiler builds plugins against those; a static probe is built from the
// whole tree plus the archive of its dependencies in dist/, which `make build`
// packs. See package internal/sdk for the users of these files.
package streamon

import "embed"

// Runtime holds go.mod and the sources under runtime/, test files included.
//
//go:embed go.mod runtime/*/*.go runtime/*/*.s
var Runtime embed.FS

// Host holds the rest of what a probe is built from: this package, internal/ with the
// files of the dashboard, what draws state machines, and what finds the nearest name.
//
//go:embed embed.go go.sum internal/*/*.go internal/*/*.s internal/web/openapi.json internal/web/page
//go:embed codegen/graph/draw/*.go codegen/graph/layout/*.go lang/diag/*.go lang/source/*.go
var Host embed.FS

// Dist holds deps.tar.gz, the vendored dependencies of the probe. It is empty
// but for a marker when the binary was not built by make.
//
//go:embed all:dist
var Dist embed.FS
