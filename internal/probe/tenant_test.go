package probe

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/runtime/program"
)

// TestTenants: a tenant sees and changes its instances, the operator all, and one
// program runs for both.
func TestTenants(t *testing.T) {
	p := New(Options{Seed: 1})
	operator := t.Context()
	red, blue := AsTenant(operator, "red", nil), AsTenant(operator, "blue", nil)
	load := func(ctx context.Context, a Artifact) error {
		_, err := p.Load(ctx, a)
		return err
	}
	info := fake{name: "p", lists: []program.ListInfo{{Name: "bad", Text: "10.0.0.1\n"}}}.info()
	for _, err := range []error{
		load(red, Artifact{Info: info, Name: "red-p"}), load(blue, Artifact{Info: info, Name: "blue-p", Tenant: "blue"}), load(operator, Artifact{Info: info}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	names := func(ctx context.Context) (names []string) {
		s, err := p.Listing(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range s.Programs {
			names = append(names, g.Name+":"+g.Tenant)
		}
		return names
	}
	if got := names(operator); !slices.Equal(got, []string{"red-p:red", "blue-p:blue", "p:"}) {
		t.Errorf("operator sees %q", got)
	}
	if got := names(red); !slices.Equal(got, []string{"red-p:red"}) {
		t.Errorf("red sees %q", got)
	}
	// All that a name leads to.
	questions := map[string]func(ctx context.Context, name string) error{
		"show":    func(ctx context.Context, n string) error { _, err := p.Show(ctx, n, 1); return err },
		"program": func(ctx context.Context, n string) error { _, err := p.Program(ctx, n); return err },
		"params":  func(ctx context.Context, n string) error { _, err := p.Params(ctx, n); return err },
		"lists":   func(ctx context.Context, n string) error { _, err := p.Lists(ctx, n); return err },
		"entities": func(ctx context.Context, n string) error {
			_, err := p.Entities(ctx, n, Question{Limit: 1})
			return err
		},
		"top":    func(ctx context.Context, n string) error { _, err := p.Top(ctx, n, 1); return err },
		"reload": func(ctx context.Context, n string) error { _, err := p.Reload(ctx, n); return err },
		"configure": func(ctx context.Context, n string) error {
			_, err := p.Configure(ctx, n, map[string]string{"every": "7"})
			return err
		},
		"set list": func(ctx context.Context, n string) error { _, err := p.SetList(ctx, n, "bad", nil); return err },
		"replace": func(ctx context.Context, n string) error {
			_, err := p.Replace(ctx, Artifact{Info: info, Name: n})
			return err
		},
		"load":   func(ctx context.Context, n string) error { return load(ctx, Artifact{Info: info, Name: n}) },
		"unload": func(ctx context.Context, n string) error { return p.Unload(ctx, n) },
	}
	for what, ask := range questions {
		for _, name := range []string{"blue-p", "p"} {
			if err := ask(red, name); !errors.Is(err, ErrForeign) {
				t.Errorf("red, %s %s: %v, want ErrForeign", what, name, err)
			}
		}
		if err := ask(red, "none"+what); what == "load" && err != nil || what != "load" && !errors.Is(err, ErrNotLoaded) {
			t.Errorf("red, %s of what is not there: %v", what, err)
		} else if h := (*HintError)(nil); errors.As(err, &h) && strings.Contains(h.Hint, "blue") {
			t.Errorf("red, %s of what is not there: the hint %q names instances of others", what, h.Hint)
		}
	}
	if got := len(names(operator)); got != 4 { // red loaded one
		t.Errorf("%d instances, want 4: %q", got, names(operator))
	}
	if err := load(red, Artifact{Info: info, Name: "mine", Tenant: "blue"}); !errors.Is(err, ErrForeign) {
		t.Errorf("red loads for blue: %v", err)
	}
	for _, bad := range []string{"a/b", "..", "a.b", "a b", strings.Repeat("x", 65), "ü", "a\x00"} {
		var h *HintError
		if err := load(operator, Artifact{Info: info, Name: bad}); !errors.As(err, &h) || !h.Usage {
			t.Errorf("name %q: %v, want it refused", bad, err)
		}
		if err := load(operator, Artifact{Info: info, Name: "ok", Tenant: bad}); err == nil {
			t.Errorf("tenant %q is taken", bad)
		}
	}
	other := fake{name: "q"}.info()
	if _, err := p.Replace(operator, Artifact{Info: other, Name: "red-p"}); err == nil || !strings.Contains(err.Error(), `instance of program "p"`) {
		t.Errorf("another program takes the place: %v", err)
	}
	if g, err := p.Replace(operator, Artifact{Info: info, Name: "red-p"}); err != nil || g.Program != "red-p" || g.Number != 2 {
		t.Errorf("the operator replaces red's: %+v, %v", g, err)
	}
	if got := names(red); !slices.Contains(got, "red-p:red") {
		t.Errorf("after a replacement by the operator red sees %q", got)
	}
}

// TestConfigure: parameters and lists of a running program change, its memory stays,
// and both hold over a replacement.
func TestConfigure(t *testing.T) {
	ctx := t.Context()
	p := New(Options{Seed: 1})
	info := fake{name: "p", lists: []program.ListInfo{{Name: "bad", Text: "10.0.0.1\n10.0.0.2\n"}}}.info()
	if _, err := p.Load(ctx, Artifact{Info: info, Name: "mine", Settings: []config.Setting{{Program: "mine", Name: "every", Value: "5"}, {Program: "p", Name: "every", Value: "6"}}}); err != nil {
		t.Fatal(err)
	}
	every := func() string {
		params, err := p.Params(ctx, "mine")
		if err != nil || len(params) != 1 || params[0].Type != "int" || string(params[0].Default) != "10" {
			t.Fatalf("Params = %+v, %v", params, err)
		}
		return string(params[0].Value)
	}
	if got := every(); got != "5" {
		t.Errorf("every = %s, want 5: settings go by the name of the instance", got)
	}
	g, err := p.Configure(ctx, "mine", map[string]string{"every": "8"})
	if err != nil || g.Number != 2 || len(g.Memory) != 1 || !g.Memory[0].Kept || every() != "8" {
		t.Errorf("Configure = %+v, %v; every = %s", g, err, every())
	}
	for _, bad := range []map[string]string{{"evry": "1"}, {"every": "x"}} {
		if _, err := p.Configure(ctx, "mine", bad); err == nil || every() != "8" {
			t.Errorf("Configure(%v) = %v; every = %s", bad, err, every())
		}
	}
	list := func() ListInForce {
		l, err := p.Lists(ctx, "mine")
		if err != nil || len(l) != 1 {
			t.Fatalf("Lists = %+v, %v", l, err)
		}
		return l[0]
	}
	if got, want := list(), (ListInForce{Name: "bad", Source: "compiled", Entries: 2}); got != want {
		t.Errorf("list = %+v, want %+v", got, want)
	}
	want := ListInForce{Name: "bad", Source: "request", Entries: 3}
	if got, err := p.SetList(ctx, "mine", "bad", []byte("10.0.0.0/8\n192.0.2.1\nexample.com\n")); err != nil || got != want {
		t.Errorf("SetList = %+v, %v, want %+v", got, err, want)
	}
	if _, err := p.SetList(ctx, "mine", "bad", []byte("10.0.0.300\n")); err == nil || list() != want {
		t.Errorf("a list that cannot be read: %v; in force is %+v", err, list())
	}
	if _, err := p.SetList(ctx, "mine", "good", nil); err == nil || !strings.Contains(err.Error(), `no list "good"`) {
		t.Errorf("a list that is not there: %v", err)
	}
	if _, err := p.Replace(ctx, Artifact{Info: info, Name: "mine"}); err != nil || list() != want || every() != "8" {
		t.Errorf("after a replacement: %v, %+v, every = %s", err, list(), every())
	}
	if n, err := p.Reload(ctx, "mine"); n != 0 || err != nil || list() != want {
		t.Errorf("Reload = %d, %v; %+v", n, err, list())
	}
}

// TestTenantPrograms: a tenant can have so many programs, stopped ones too, and may have
// another one when it has unloaded one; the operator has no bound, and gives as many as it likes.
func TestTenantPrograms(t *testing.T) {
	p := New(Options{Seed: 1, TenantPrograms: 2})
	operator := t.Context()
	red, blue := AsTenant(operator, "red", nil), AsTenant(operator, "blue", nil)
	info := fake{name: "p"}.info()
	load := func(ctx context.Context, name, tenant string, want error) {
		t.Helper()
		if _, err := p.Load(ctx, Artifact{Info: info, Name: name, Tenant: tenant}); !errors.Is(err, want) {
			t.Errorf("loading %s: %v, want %v", name, err, want)
		}
	}
	load(red, "r1", "", nil)
	load(operator, "r2", "red", nil)
	load(red, "r3", "", ErrTooMany)
	load(blue, "b1", "", nil)
	load(operator, "o1", "", nil)
	load(operator, "o2", "", nil)
	load(operator, "o3", "", nil)
	load(operator, "r4", "red", nil)
	for _, name := range []string{"r1", "r2"} {
		load(red, "r5", "", ErrTooMany)
		if err := p.Unload(red, name); err != nil {
			t.Fatal(err)
		}
	}
	load(red, "r5", "", nil)
}
