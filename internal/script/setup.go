package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/runtime/list"
	"github.com/streamon/streamon/runtime/program"
)

// param sets a parameter, by the kind of its default.
func (s *run) param(name, text string) error {
	i := slices.IndexFunc(s.opt.Info.Manifest.Params, func(p program.ParamInfo) bool { return p.Name == name })
	if i < 0 {
		return fmt.Errorf("param %s: the program has none of that name", name)
	}
	kind := s.opt.Info.Manifest.Params[i].Default.Kind
	positive, isNegative := strings.CutPrefix(text, "-")
	if kind != program.KindDuration { // which operators cannot make negative; tests can
		positive, isNegative = text, false
	}
	v, err := config.ParseValue(kind, positive)
	if isNegative {
		v.I = -v.I
	}
	s.params[name] = v
	return err
}

func (s *run) list(name, file string) error {
	if !slices.ContainsFunc(s.opt.Info.Manifest.Lists, func(l program.ListInfo) bool { return l.Name == name }) {
		return fmt.Errorf("list %s: the program has none of that name that is read from a file", name)
	}
	if s.opt.Read == nil {
		return errors.New("there are no files here")
	}
	data, err := s.opt.Read(file)
	if err != nil {
		return err
	}
	set, err := list.Parse(data)
	if err != nil {
		return err
	}
	s.lists[name] = list.New(set)
	return nil
}

// start makes the instance if there is none yet.
func (s *run) start() error {
	if s.inst != nil {
		return nil
	}
	env := &program.Env{Seed: 1, Memory: program.NewMemory(), Sink: &s.sink}
	env.Param = func(name string) (program.Value, bool) { v, ok := s.params[name]; return v, ok }
	env.List = func(name string) *list.List { return s.lists[name] }
	inst, err := s.opt.Info.New(env)
	if err != nil {
		return err
	}
	s.inst = inst
	inst.Activate()
	return nil
}
