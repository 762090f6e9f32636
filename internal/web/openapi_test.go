package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi/datamodel"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/streamon/streamon/internal/change"
)

var update = flag.Bool("update", false, "rewrite openapi.json")

// object is JSON.
type object = map[string]any

// TestOpenAPIGolden makes the description from the table of routes, the types of bodies
// and answers, and their comments. TestAPI of package smprobe holds real answers
// against it.
func TestOpenAPIGolden(t *testing.T) {
	d := describer{comments: comments(t, ".", "../probe", "../capture", "../change"), schemas: object{}}
	paths := object{}
	for i := range routes {
		rt := &routes[i]
		item, ok := paths[rt.path].(object)
		if !ok {
			item = object{}
			paths[rt.path] = item
		}
		item[strings.ToLower(rt.method)] = d.operation(rt)
	}
	d.schema(reflect.TypeFor[Problem]())
	d.records(t)
	doc := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "StreaMon probe", "version": "1",
			"description": "What a running smprobe answers, on its control socket and over --listen. Within a version fields may be added; none is removed or changes its meaning.",
			"license":     object{"name": "see LICENSE", "url": "https://github.com/streamon/streamon/blob/main/LICENSE"},
		},
		"servers": []any{object{"url": "/", "description": "Of the probe that the document comes from."}},
		"paths":   paths,
		"components": object{
			"schemas": d.schemas,
			"securitySchemes": object{
				"token":       object{"type": "http", "scheme": "bearer", "description": "Over --listen with --tokens."},
				"certificate": object{"type": "mutualTLS", "description": "Over --listen with --client-ca."},
			},
		},
		"security": []any{object{"token": []any{}}, object{"certificate": []any{}}},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(openAPI, b.Bytes()) {
		t.Error("openapi.json is not what the routes and types say: go test ./internal/web -run Golden -update")
	}
}

// TestOpenAPIIsValid holds the description against the schema that the OpenAPI Initiative has
// for such documents, and looks for what that does not say: references that lead nowhere.
func TestOpenAPIIsValid(t *testing.T) {
	c := jsonschema.NewCompiler()
	for name, text := range map[string]string{"oas.json": datamodel.OpenAPI31SchemaData, "api.json": string(openAPI)} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(name, v); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("oas.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPI))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("openapi.json is no OpenAPI document: %v", err)
	}
	for _, m := range regexp.MustCompile(`"\$ref": "(#[^"]*)"`).FindAllSubmatch(openAPI, -1) {
		if _, err := c.Compile("api.json" + string(m[1])); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
	}
}

// describer turns types into schemas.
type describer struct {
	comments map[string]string // by package.Type or package.Type.Field
	schemas  object
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

func (d *describer) operation(rt *route) object {
	var params []any
	for _, m := range pathParam.FindAllStringSubmatch(rt.path, -1) {
		doc := map[string]string{"name": "Instance.", "list": "List of the program."}[m[1]]
		params = append(params, object{"name": m[1], "in": "path", "required": true, "description": doc, "schema": object{"type": "string"}})
	}
	for _, p := range rt.query {
		param := object{"name": p.name, "in": "query", "description": p.doc, "schema": object{"type": p.kind}}
		if p.isNeeded {
			param["required"] = true
		}
		params = append(params, param)
	}
	ok := object{"description": "Done."}
	switch {
	case rt.answer != nil:
		ok["content"] = object{"application/json": object{"schema": d.schema(reflect.TypeOf(rt.answer))}}
	case rt.media == "application/json":
		ok["content"] = object{rt.media: object{"schema": object{"type": "object"}}}
	default:
		media, _, _ := strings.Cut(rt.media, ";")
		ok["content"] = object{media: object{"schema": object{"type": "string"}}}
	}
	op := object{
		"operationId": rt.action, "summary": strings.SplitAfter(rt.doc, ".")[0], "description": rt.doc + map[right]string{toRead: "", toWrite: " Needs the right to write.", toLoad: " Needs the right to write and, over --listen, --plugin-dir.", toUpload: " Needs the right to write and, over --listen, --uploads."}[rt.right],
		"responses": object{"200": ok, "default": object{"description": "An error.", "content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}}}},
	}
	if params != nil {
		op["parameters"] = params
	}
	switch {
	case rt.body == listText{}:
		op["requestBody"] = object{"required": true, "content": object{"text/plain": object{"schema": object{"type": "string"}}}}
	case rt.body == programFile{}: // bytes as they are
		op["requestBody"] = object{"required": true, "content": object{"application/octet-stream": object{}}}
	case rt.body != nil:
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": d.schema(reflect.TypeOf(rt.body))}}}
	}
	return op
}

// schema returns the schema of a type; structs go to the components.
func (d *describer) schema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[netip.Addr]():
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		s := d.schema(t.Elem())
		if kind, ok := s["type"]; ok {
			return object{"type": []any{kind, "null"}}
		}
		return s
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": d.schema(t.Elem())}
	case reflect.Slice:
		switch {
		case t == reflect.TypeFor[json.RawMessage]():
			return object{} // any value
		case t == reflect.TypeFor[[]json.RawMessage]():
			return object{"type": "array", "items": object{"$ref": "#/components/schemas/record"}}
		}
		return object{"type": "array", "items": d.schema(t.Elem())}
	}
	if t == reflect.TypeFor[change.Record]() {
		return object{"type": "object"} // some fields of a record
	}
	name := t.Name()
	if _, known := d.schemas[name]; !known {
		s := object{"type": "object"}
		d.schemas[name] = s // before its fields, which may hold it
		if doc := d.comments[t.String()]; doc != "" {
			s["description"] = doc
		}
		props, required := object{}, []any{}
		d.fields(t, props, &required)
		if len(props) > 0 {
			s["properties"], s["required"] = props, required
		}
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// fields adds the fields of a struct, those of embedded ones too.
func (d *describer) fields(t reflect.Type, props object, required *[]any) {
	for f := range t.Fields() {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			d.fields(f.Type, props, required)
			continue
		case tag == "-":
			continue
		}
		s := d.schema(f.Type)
		if doc := d.comments[t.String()+"."+f.Name]; doc != "" {
			s["description"] = doc
		}
		props[tag] = s
		if options != "omitempty" && options != "omitzero" {
			*required = append(*required, tag)
		}
	}
}

// records adds what doc/output.schema.json says of records.
func (d *describer) records(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "doc", "output.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(bytes.ReplaceAll(text, []byte("#/$defs/"), []byte("#/components/schemas/")), &s); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"record", "alert", "publish", "log", "exec", "time", "values", "value", "entry"} {
		if d.schemas[name] = s.Defs[name]; s.Defs[name] == nil {
			t.Errorf("doc/output.schema.json has no %q", name)
		}
	}
}

// comments returns the comments of the types and fields of packages.
func comments(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	docs := map[string]string{}
	text := func(groups ...*ast.CommentGroup) string {
		var words []string
		for _, g := range groups {
			words = append(words, strings.Fields(g.Text())...)
		}
		return strings.Join(words, " ")
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				d, ok := n.(*ast.GenDecl)
				if !ok || d.Tok != token.TYPE {
					return true
				}
				spec := d.Specs[0].(*ast.TypeSpec)
				typ := f.Name.Name + "." + spec.Name.Name
				docs[typ] = text(d.Doc)
				if st, ok := spec.Type.(*ast.StructType); ok {
					for _, field := range st.Fields.List {
						for _, id := range field.Names {
							docs[typ+"."+id.Name] = text(field.Doc, field.Comment)
						}
					}
				}
				return true
			})
		}
	}
	return docs
}
