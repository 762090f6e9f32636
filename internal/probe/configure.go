package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/program"
)

// kindNames are the types of parameters, as programs write them.
var kindNames = map[program.Kind]string{
	program.KindBool: "bool", program.KindInt: "int", program.KindFloat: "float", program.KindDuration: "duration",
	program.KindTime: "time", program.KindIP: "ip", program.KindMAC: "mac", program.KindString: "string",
}

// Param is one parameter of a program.
type Param struct {
	Name    string          `json:"name"`
	Type    string          `json:"type"`    // bool, int, float, duration, time, ip, mac or string
	Value   json.RawMessage `json:"value"`   // in force; a duration in seconds
	Default json.RawMessage `json:"default"` // as compiled
}

// ListInForce is one list of a program that can be replaced.
type ListInForce struct {
	Name    string `json:"name"`
	Source  string `json:"source"`         // compiled, file or request
	File    string `json:"file,omitempty"` // where it was read from
	Entries int    `json:"entries"`        // that are in force
}

// Params returns the parameters of a program. The error wraps ErrNotLoaded if it is not
// there.
func (p *Probe) Params(ctx context.Context, name string) (params []Param, err error) {
	err = p.look(ctx, name, func(in *instance) { params = in.params() })
	return params, err
}

func (in *instance) params() []Param {
	list := []Param{}
	values, _ := (&instance{info: in.info, name: in.name}).set(in.settings)
	for _, p := range in.info.Manifest.Params {
		v, ok := values[p.Name]
		if !ok {
			v = p.Default
		}
		list = append(list, Param{p.Name, kindNames[p.Default.Kind], export.AppendValue(nil, v), export.AppendValue(nil, p.Default)})
	}
	return list
}

// Configure gives parameters of a running program new values, as a program writes
// them. It is a replacement by the same code: the new generation keeps all memory.
// If it fails, nothing has changed.
func (p *Probe) Configure(ctx context.Context, name string, values map[string]string) (Generation, error) {
	p.lifecycle.Lock()
	defer p.lifecycle.Unlock()
	old, err := p.mustFind(ctx, name)
	if err != nil {
		return Generation{}, err
	}
	a := Artifact{Info: old.info, Path: old.path, Name: old.name}
	for param, value := range values {
		a.Settings = append(a.Settings, config.Setting{Program: name, Name: param, Value: value})
	}
	return p.start(ctx, a, old)
}

// Lists returns the lists of a program that can be replaced. The error wraps
// ErrNotLoaded if it is not there.
func (p *Probe) Lists(ctx context.Context, name string) (lists []ListInForce, err error) {
	err = p.look(ctx, name, func(in *instance) {
		lists = []ListInForce{}
		for _, i := range in.info.Manifest.Lists {
			lists = append(lists, in.lists.inForce(i.Name))
		}
	})
	return lists, err
}

func (l *lists) inForce(name string) ListInForce {
	f := ListInForce{Name: name, Source: "compiled", Entries: l.byName[name].Load().Len()}
	if _, ok := l.texts[name]; ok {
		f.Source = "request"
	}
	for _, s := range l.files {
		if s.Name == name {
			f.Source, f.File = "file", s.Value
		}
	}
	return f
}

// SetList puts the entries in text, in the form of a list file, in force instead of a
// list of the program, until it is set again or a replacement names a file for it. If
// text cannot be read, the list stays as it was.
func (p *Probe) SetList(ctx context.Context, name, listName string, text []byte) (f ListInForce, err error) {
	p.lifecycle.Lock()
	defer p.lifecycle.Unlock()
	in, err := p.mustFind(ctx, name)
	if err != nil {
		return f, err
	}
	if m := &in.info.Manifest; listInfo(m, listName) == nil {
		return f, &HintError{fmt.Errorf("no list %.80q that can be replaced", listName), has("file list", listNames(m)), true}
	}
	set, err := list.Parse(text)
	if err != nil {
		return f, &HintError{Err: fmt.Errorf("list %s: %w", listName, err), Usage: true}
	}
	err = p.between(ctx, func() {
		l := in.lists
		l.files = slices.DeleteFunc(l.files, func(s config.Setting) bool { return s.Name == listName })
		l.texts[listName] = slices.Clone(text)
		l.byName[listName].Store(set)
		f = l.inForce(listName)
	})
	return f, err
}
