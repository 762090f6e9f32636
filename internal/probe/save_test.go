package probe

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/streamon/streamon/internal/checkpoint"
	"github.com/streamon/streamon/internal/export"
	"github.com/streamon/streamon/runtime/image"
)

// saved returns what Save copies, as a file would hold it.
func saved(t *testing.T, p *Probe) []checkpoint.Program {
	t.Helper()
	var s Saved
	if err := p.Save(ctx, &s); err != nil {
		t.Fatal(err)
	}
	return deep(s.Programs())
}

func deep(list []checkpoint.Program) []checkpoint.Program {
	out := slices.Clone(list)
	for i := range out {
		out[i].Shards = slices.Clone(out[i].Shards)
		for j := range out[i].Shards {
			out[i].Shards[j] = slices.Clone(out[i].Shards[j])
			for k := range out[i].Shards[j] {
				out[i].Shards[j][k].Data = bytes.Clone(out[i].Shards[j][k].Data)
			}
		}
	}
	return out
}

func names(list []checkpoint.Program) (names []string) {
	for _, c := range list {
		names = append(names, c.Name)
	}
	return names
}

// A program that is loaded in another probe goes on with what it had in the first.
func TestSaveRestore(t *testing.T) {
	var whole, halves bytes.Buffer
	p := New(Options{Records: export.NewJSON(&whole)})
	load(t, p, fake{name: "a"})
	if err := p.Run(ctx, &frames{n: 1000}); err != nil {
		t.Fatal(err)
	}

	p = New(Options{Records: export.NewJSON(&halves)})
	load(t, p, fake{name: "a"})
	if err := p.Run(ctx, &frames{n: 493}); err != nil {
		t.Fatal(err)
	}
	list := saved(t, p)
	p = New(Options{Records: export.NewJSON(&halves)})
	if err := p.Restore(ctx, list); err != nil {
		t.Fatal(err)
	}
	g, err := p.Load(ctx, Artifact{Info: fake{name: "a"}.info()})
	if err != nil || len(g.Memory) != 1 || !g.Memory[0].Kept || len(p.Pending(ctx)) != 0 {
		t.Fatalf("Load = %+v, %v; pending %q", g, err, p.Pending(ctx))
	}
	if err := p.Run(ctx, &frames{n: 1000, i: 493}); err != nil {
		t.Fatal(err)
	}
	if halves.String() != whole.String() || whole.Len() == 0 {
		t.Errorf("two halves:\n%s\nthe whole:\n%s", halves.String(), whole.String())
	}

	// It does so once, and not if it is declared otherwise, of another tenant or program.
	if g, err := p.Load(ctx, Artifact{Info: fake{name: "b"}.info(), Name: "a2"}); err != nil || g.Memory[0].Kept {
		t.Errorf("Load of another instance = %+v, %v", g, err)
	}
	for _, test := range []struct {
		name string
		a    Artifact
		why  string
	}{
		{"another layout", Artifact{Info: fake{name: "a", countLayout: "count v2"}.info()}, "declared differently: was count v1, is count v2"},
		{"another tenant", Artifact{Info: fake{name: "a"}.info(), Tenant: "t"}, "saved of another tenant: was the operator, is t"},
		{"another program", Artifact{Info: fake{name: "b"}.info(), Name: "a"}, "saved of another program: was a, is b"},
	} {
		p := New(Options{})
		p.Restore(ctx, list)
		g, err := p.Load(ctx, test.a)
		if err != nil || g.Memory[0].Kept || g.Memory[0].Why != test.why {
			t.Errorf("%s: Load = %+v, %v, want %q", test.name, g, err, test.why)
		}
	}
}

// What is saved of programs that are not loaded is saved again, until they are.
func TestPending(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a"})
	load(t, p, fake{name: "b"})
	p.Run(ctx, &frames{n: 100})
	list := saved(t, p)

	p = New(Options{})
	p.Restore(ctx, list)
	load(t, p, fake{name: "a"})
	if got := p.Pending(ctx); !slices.Equal(got, []string{"b"}) {
		t.Errorf("pending %q, want b", got)
	}
	again := saved(t, p)
	if got := names(again); !slices.Equal(got, []string{"a", "b"}) || again[1].Bytes() != list[1].Bytes() {
		t.Errorf("saved %q, want a and b", got)
	}
	if g, err := p.Load(ctx, Artifact{Info: fake{name: "b"}.info()}); err != nil || !g.Memory[0].Kept {
		t.Errorf("Load = %+v, %v", g, err)
	}
	if err := p.Unload(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	if got := names(saved(t, p)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("saved after Unload %q, want a", got)
	}
}

// What is saved of a tenant's instance is the tenant's: another one can neither take its
// name nor remove it. Unload removes what is saved of an instance that is not loaded.
func TestPendingOfTenant(t *testing.T) {
	p := New(Options{})
	red, blue := AsTenant(ctx, "red", nil), AsTenant(ctx, "blue", nil)
	for _, c := range []struct {
		ctx  context.Context
		name string
	}{{red, "r"}, {ctx, "o"}} {
		if _, err := p.Load(c.ctx, Artifact{Info: fake{name: "a"}.info(), Name: c.name}); err != nil {
			t.Fatal(err)
		}
	}
	p.Run(ctx, &frames{n: 100})
	list := saved(t, p)

	p = New(Options{})
	p.Restore(ctx, list)
	for _, name := range []string{"r", "o"} {
		if _, err := p.Load(blue, Artifact{Info: fake{name: "a"}.info(), Name: name}); !errors.Is(err, ErrForeign) {
			t.Errorf("blue loads %s: %v, want ErrForeign", name, err)
		}
		if err := p.Unload(blue, name); !errors.Is(err, ErrForeign) {
			t.Errorf("blue unloads %s: %v, want ErrForeign", name, err)
		}
	}
	if g, err := p.Load(red, Artifact{Info: fake{name: "a"}.info(), Name: "r"}); err != nil || !g.Memory[0].Kept {
		t.Errorf("red loads r: %+v, %v", g, err)
	}
	if err := p.Unload(ctx, "o"); err != nil || len(p.Pending(ctx)) != 0 {
		t.Errorf("Unload = %v; pending %q", err, p.Pending(ctx))
	}
	if err := p.Unload(ctx, "o"); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("the second Unload = %v, want ErrNotLoaded", err)
	}
}

// A generation that replaced another one is saved as what it is, with what it inherited.
func TestSaveReplaced(t *testing.T) {
	var whole, parts bytes.Buffer
	p := New(Options{Records: export.NewJSON(&whole)})
	load(t, p, fake{name: "a"})
	p.Run(ctx, &frames{n: 900})

	p = New(Options{Records: export.NewJSON(&parts)})
	load(t, p, fake{name: "a"})
	p.Run(ctx, &frames{n: 300})
	info := fake{name: "a"}.info()
	info.Manifest.Version = "2"
	if _, err := p.Replace(ctx, Artifact{Info: info}); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, &frames{n: 600, i: 300})
	list := saved(t, p)
	if len(list) != 1 || list[0].Version != "2" {
		t.Fatalf("saved %+v", list)
	}
	p = New(Options{Records: export.NewJSON(&parts)})
	p.Restore(ctx, list)
	if g, err := p.Load(ctx, Artifact{Info: fake{name: "a"}.info()}); err != nil || !g.Memory[0].Kept || g.Number != 1 {
		t.Fatalf("Load = %+v, %v", g, err)
	}
	p.Run(ctx, &frames{n: 900, i: 600})
	version := regexp.MustCompile(`"version":"[^"]*"`)
	plain := func(b *bytes.Buffer) string { return version.ReplaceAllString(b.String(), "") }
	if plain(&parts) != plain(&whole) || whole.Len() == 0 {
		t.Errorf("in three parts:\n%s\nthe whole:\n%s", parts.String(), whole.String())
	}
}

// A program that was stopped is not saved, one that cannot be is told of, and the others are.
func TestSaveLeavesOut(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a", panicIn: "Process", panicAt: 50})
	load(t, p, fake{name: "b"})
	if _, err := p.Load(ctx, Artifact{Info: crowd{name: "c"}.info()}); err != nil {
		t.Fatal(err)
	}
	p.Run(ctx, &frames{n: 100})
	var s Saved
	err := p.Save(ctx, &s)
	if err == nil || !strings.Contains(err.Error(), `program "c": program: structure hosts cannot be saved`) {
		t.Errorf("Save = %v, want what is wrong with c", err)
	}
	if got := names(s.Programs()); !slices.Equal(got, []string{"b"}) {
		t.Errorf("saved %q, want b", got)
	}
}

// What cannot be loaded, although it is whole, is refused once; the program may then be
// loaded without.
func TestSavedDamaged(t *testing.T) {
	p := New(Options{})
	load(t, p, fake{name: "a"})
	p.Run(ctx, &frames{n: 100})
	list := saved(t, p)
	list[0].Shards[0][0].Data[0] ^= 0xff

	p = New(Options{})
	p.Restore(ctx, list)
	_, err := p.Load(ctx, Artifact{Info: fake{name: "a"}.info()})
	var wrong *SavedError
	if !errors.As(err, &wrong) || !errors.Is(err, image.ErrShort) && !errors.Is(err, image.ErrWrong) || !strings.Contains(err.Error(), "count") {
		t.Errorf("Load = %v, want a SavedError about count", err)
	}
	if s := summaryOf(t, p); len(s.Programs) != 0 {
		t.Errorf("it was loaded: %+v", s.Programs)
	}
	if g, err := p.Load(ctx, Artifact{Info: fake{name: "a"}.info()}); err != nil || g.Memory[0].Kept {
		t.Errorf("the second Load = %+v, %v", g, err)
	}
	if list[0].Shards[0][0].Form = "fake 2"; p.Unload(ctx, "a") != nil {
		t.Fatal("Unload")
	}
	p.Restore(ctx, list)
	if g, err := p.Load(ctx, Artifact{Info: fake{name: "a"}.info()}); err != nil || g.Memory[0].Why != "saved in another form: was fake 2, is fake 1" {
		t.Errorf("Load of another form = %+v, %v", g, err)
	}
}

// Programs in shards are saved shard by shard; in another number of shards they begin
// with empty memory, and say why.
func TestSaveShards(t *testing.T) {
	info := fake{name: "a"}.info()
	p := New(Options{})
	load(t, p, fake{name: "a"})
	p.Run(ctx, &frames{n: 100})
	list := saved(t, p)
	list[0].Shards = append(list[0].Shards, list[0].Shards[0])
	p = New(Options{})
	p.Restore(ctx, list)
	g, err := p.Load(ctx, Artifact{Info: info})
	if err != nil || g.Memory[0].Kept || g.Memory[0].Why != "spread otherwise: was in 2 shards, is in 1" {
		t.Errorf("Load = %+v, %v", g, err)
	}
}

// Save sees whole batches only, of one worker and of several, while packets flow.
func TestSaveBetweenBatches(t *testing.T) {
	for _, workers := range []int{1, 3} {
		p := New(Options{Workers: workers})
		for _, name := range []string{"a", "b", "c"} {
			load(t, p, fake{name: name, every: 1 << 40})
		}
		src := &frames{}
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx, src) })
		for range 20 {
			for seen := src.seen.Load(); src.seen.Load() < seen+1000; {
				runtime.Gosched()
			}
			list := saved(t, p)
			if names := names(list); len(names) != 3 {
				t.Fatalf("saved %q", names)
			}
			var sums [3]int64
			for i, c := range list {
				count := fakeCount{}
				if err := count.Load(image.NewReader(c.Shards[0][0].Data)); err != nil {
					t.Fatal(err)
				}
				for _, n := range count {
					sums[i] += n
				}
			}
			if sums[0] == 0 || sums[0] != sums[1] || sums[1] != sums[2] {
				t.Fatalf("%d workers: programs had seen %v packets", workers, sums)
			}
		}
		src.stop.Store(true)
		wg.Wait()
	}
}
