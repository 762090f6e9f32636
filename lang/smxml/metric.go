package smxml

import (
	"strconv"
	"time"

	"github.com/streamon/streamon/lang/ast"
	"github.com/streamon/streamon/lang/diag"
	"github.com/streamon/streamon/lang/source"
)

// The pair of Bloom filters of the prototype: how many new keys come before it
// swaps, and the rate of false positives just before.
const (
	detectorCapacity = 45_400
	detectorError    = 0.004
)

// metric is <metric>.
type metric struct {
	el    *element
	ident string

	isDetector, isMonitor bool
	reset                 *value // reset_after, or nil
	kind                  string // type of the monitor
	kindAt, windowAt      source.Span
	window                float64 // seconds
	amount                *value  // insert_value, or nil

	detector string // name of the metric that the detector is, if it stands alone
	dead     *key   // both are off: what vm_get names, the only thing it did
	read     bool
}

// kinds are the monitors of the prototype with their kind here.
var kinds = map[string]string{"tewma": "tewma", "tewma-fast": "tewma", "dleft": "dleft", "simple": "dleft"}

func (b *builder) metric(e *element) {
	n := b.need(e, "name")
	d, m := b.only(e, "variation_detector"), b.only(e, "variation_monitor")
	b.metricConfig(e)
	if n == nil {
		return
	}
	x := &metric{el: e}
	if d == nil {
		b.errorf(diag.MissingAttribute, e.tag, "<metric> needs a <variation_detector>").Hintf(`write <variation_detector status="off"/> if it has none`)
	} else {
		b.detector(x, d)
	}
	if m == nil {
		b.errorf(diag.MissingAttribute, e.tag, "<metric> needs a <variation_monitor>").Hintf(`write <variation_monitor status="off" type="dleft"/> if it has none`)
	} else {
		x.isMonitor = b.status(m)
		b.monitor(x, m)
	}
	x.ident = b.declared(n)
	declare(b, &b.metrics, n, "metric", x)
}

// metricConfig looks at the attributes that chose code of the prototype.
func (b *builder) metricConfig(e *element) {
	if v := e.text("config"); v != nil {
		switch v.text {
		case "multi-address", "multi-homing", "subnet":
			b.warnf(diag.DeadPart, v.whole(), "config %q does nothing, as in the prototype", v.text)
		default:
			b.errorf(diag.BadValue, v.whole(), "unknown config %q", v.text)
		}
	}
	if v := e.text("source"); v != nil {
		b.warnf(diag.DeadPart, v.whole(), "there are no hardware metrics")
	}
}

func (b *builder) detector(x *metric, d *element) {
	x.isDetector = b.status(d)
	if v := d.text("reset_after"); v != nil && b.seconds(v) > 0 {
		x.reset = v
	}
	if v := d.text("slave"); v != nil {
		b.warnf(diag.DeadPart, v.whole(), "slave does nothing: each pair of filters rotates by itself")
	}
}

func (b *builder) status(e *element) bool {
	v := b.need(e, "status")
	if v != nil && v.text != "on" && v.text != "off" {
		b.errorf(diag.BadValue, v.whole(), "status %q is neither on nor off", v.text)
	}
	return v != nil && v.text == "on"
}

func (b *builder) monitor(x *metric, m *element) {
	kind := b.need(m, "type")
	if kind != nil {
		x.kind, x.kindAt = kind.text, kind.whole()
		if kinds[kind.text] == "" {
			b.errorf(diag.BadValue, kind.whole(), "unknown kind of monitor %q", kind.text).
				Suggest(b.near(kind.text, []string{"dleft", "simple", "tewma", "tewma-fast"})).
				Note(source.Span{}, "kinds are tewma, tewma-fast, dleft and simple")
		}
	}
	x.window, x.windowAt = 60, m.tag
	if v := m.text("window"); v != nil {
		w, err := strconv.ParseFloat(v.text, 64)
		switch {
		case err != nil || !(w > 0 && w <= maxSeconds):
			b.errorf(diag.BadValue, v.whole(), "%q is no number of seconds", v.text)
			w = 60
		case kinds[x.kind] == "tewma" && x.isMonitor && w <= 6:
			b.errorf(diag.BadValue, v.whole(), "the window of a tewma has to be above 6 seconds, not %s", v.text).
				Hintf("the prototype ended on it; the value forgets within a twelfth of the window")
			w = 60
		}
		x.window, x.windowAt = w, v.whole()
	}
	if x.kind == "tewma-fast" && x.isMonitor {
		b.warnf(diag.OtherKind, x.kindAt, "tewma-fast is read as tewma").Hintf("its error is that of the sketch")
	}
	if v := m.text("insert_value"); v != nil && v.text != "1" {
		x.amount = v
		n, err := strconv.ParseInt(v.text, 10, 64)
		switch {
		case v.text == "ip_len", err == nil && n > 0:
		case err == nil:
			b.errorf(diag.BadValue, v.whole(), "insert_value has to be above 0")
		default:
			b.errorf(diag.BadValue, v.whole(), "insert_value can be a number or ip_len, not %q", v.text)
		}
	}
}

// declMetric writes the declarations of a metric: one, two if the detector is
// used apart from the monitor, or none if both are off.
func (b *builder) declMetric(x *metric) (out []ast.Decl) {
	at := x.el.whole()
	decl := func(id string, parts ...*ast.MetricPart) {
		out = append(out, &ast.MetricDecl{Place: ast.At(at), Name: ident(id, x.el.tag), Parts: parts})
	}
	switch {
	case x.detector != "":
		decl(x.detector, x.detectorPart())
		decl(x.ident, x.monitorPart())
	case x.isDetector && x.isMonitor:
		decl(x.ident, x.detectorPart(), x.monitorPart())
	case x.isDetector:
		decl(x.ident, x.detectorPart())
	case x.isMonitor:
		decl(x.ident, x.monitorPart())
	case x.read:
		// Both off: its value was what stands in the field that vm_get names.
		var v ast.Expr = &ast.IntLit{Place: ast.At(at)}
		if x.dead != nil {
			v = name(x.dead.parts[0].canonical, x.dead.span)
		}
		out = append(out, &ast.FeatureDecl{Place: ast.At(at), Name: ident(x.ident, x.el.tag), Value: v})
	}
	return out
}

func (x *metric) detectorPart() *ast.MetricPart {
	at := x.el.tag
	window := &ast.DurationLit{Place: ast.At(at), Value: maxSeconds * time.Second}
	if x.reset != nil {
		n, _ := strconv.ParseInt(x.reset.text, 10, 64)
		at = x.reset.whole()
		window = duration(n, at)
	}
	return &ast.MetricPart{Place: ast.At(x.el.tag), Role: "distinct", Kind: ident("bloom", x.el.tag), Args: []*ast.Arg{
		arg("window", at, window),
		arg("capacity", at, &ast.IntLit{Place: ast.At(at), Text: "45_400", Value: detectorCapacity}),
		arg("error", at, &ast.FloatLit{Place: ast.At(at), Value: detectorError}),
	}}
}

func (x *metric) monitorPart() *ast.MetricPart {
	p := &ast.MetricPart{Place: ast.At(x.kindAt), Role: "count", Kind: ident(kinds[x.kind], x.kindAt)}
	if kinds[x.kind] == "tewma" {
		p.Args = []*ast.Arg{
			arg("window", x.windowAt, &ast.DurationLit{Place: ast.At(x.windowAt), Value: time.Duration(x.window * float64(time.Second))}),
			arg("tick", x.kindAt, &ast.DurationLit{Place: ast.At(x.kindAt), Text: "1s", Value: time.Second}),
		}
	}
	return p
}

func arg(n string, at source.Span, x ast.Expr) *ast.Arg {
	return &ast.Arg{Place: ast.At(at), Name: ident(n, at), Value: x}
}

func duration(seconds int64, at source.Span) *ast.DurationLit {
	return &ast.DurationLit{Place: ast.At(at), Value: time.Duration(seconds) * time.Second}
}

// use is one <use-metric>: what is done to a metric for one event and state.
type use struct {
	*metric
	at                                   source.Span
	vdGet, vdSet, vdUpdate, vmGet, vmSet *key
}

// use reads a <use-metric>; nil after an error.
func (b *builder) use(e *element) *use {
	id := b.need(e, "id")
	if id == nil {
		return nil
	}
	m := find(b, &b.metrics, id, diag.UnknownMetric, "metric")
	u := &use{metric: m, at: e.span}
	good := m != nil
	read := func(name string) *key {
		k, ok := b.key(e.text(name))
		good = good && ok
		return k
	}
	u.vdGet, u.vdSet, u.vdUpdate = read("vd_get"), read("vd_set"), read("vd_update")
	u.vmGet, u.vmSet = read("vm_get"), read("vm_set")
	if k := read("vm_update"); k != nil {
		u.vmGet, u.vmSet = k, k
	}
	if u.vdUpdate != nil {
		u.vdGet, u.vdSet = nil, nil
	}
	if !good {
		return nil
	}
	if !m.isDetector && !m.isMonitor {
		b.deadUse(u)
	}
	return u
}

// deadUse looks at the use of a metric that has both parts switched off.
func (b *builder) deadUse(u *use) {
	m := u.metric
	if u.vmGet == nil {
		return
	}
	if len(u.vmGet.parts) != 1 || u.vmGet.parts[0].name != "ip_len" {
		b.errorf(diag.BadValue, u.vmGet.span, "a metric that is off reads ip_len or nothing")
		return
	}
	m.dead = u.vmGet
}

// together reports whether the detector and the monitor are used as one: the
// monitor counts what the detector has not seen, or is only read.
func (u *use) together() bool {
	switch {
	case u.vdUpdate != nil:
		return u.vmSet != nil && (u.vmGet == nil || u.vmGet == u.vmSet)
	case u.vdGet == nil && u.vdSet == nil:
		return true
	}
	return false
}

// operations is what a use does: before the conditions, and after them.
type operations struct {
	before, after []*ast.OpAction
	value         ast.Expr // what the metric reads, if it is not what the operations yield
}

func (b *builder) operations(u *use, s *scope) (o operations) {
	m := u.metric
	op := func(verb, id string, flow, distinct *key, by ast.Expr) *ast.OpAction {
		x := &ast.MetricOp{Place: ast.At(u.at), Metric: ident(id, u.at), By: by}
		if flow != nil && m.kind != "simple" {
			x.Keys = b.keyExprs(flow, s)
		}
		if distinct != nil {
			x.New = &ast.Key{Place: ast.At(distinct.span), Parts: b.keyExprs(distinct, s)}
		}
		return &ast.OpAction{Place: ast.At(u.at), Verb: verb, Ops: []*ast.MetricOp{x}}
	}
	add := func(a *ast.OpAction) { o.before = append(o.before, a) }
	zero := func() { o.value = &ast.IntLit{Place: ast.At(u.at)} }
	amount := b.amount(m, s)
	counted := u.vmSet != nil
	if m.isDetector && (!m.isMonitor || m.detector != "") {
		id := m.ident
		if m.detector != "" {
			id = m.detector
		}
		switch {
		case u.vdUpdate != nil:
			add(op("set", id, nil, u.vdUpdate, nil))
		case u.vdGet != nil:
			add(op("get", id, nil, u.vdGet, nil))
		default:
			zero() // nothing is new to a detector that is not asked
			counted = false
		}
		if u.vdSet != nil {
			o.after = append(o.after, op("set", id, nil, u.vdSet, nil))
		}
		if !m.isMonitor {
			return o
		}
		o.value = nil
		if counted {
			amount = unseen(name(m.detector, u.at), amount)
		}
	}
	if m.isDetector && m.detector == "" {
		counted = counted && u.vdUpdate != nil
	}
	switch {
	case !m.isMonitor:
		return o
	case counted && m.detector == "":
		add(op("set", m.ident, u.vmSet, u.vdUpdate, amount))
	case counted:
		add(op("set", m.ident, u.vmSet, nil, amount))
	}
	switch {
	case u.vmGet != nil && (!counted || u.vmGet != u.vmSet):
		add(op("get", m.ident, u.vmGet, nil, nil))
	case !counted:
		zero()
	}
	return o
}

// unseen is the amount that counts only what a detector has not seen.
func unseen(seen *ast.Name, amount ast.Expr) ast.Expr {
	at := seen.Span()
	fresh := binary(ast.Sub, at, &ast.IntLit{Place: ast.At(at), Value: 1}, seen)
	if amount == nil {
		return fresh
	}
	return binary(ast.Mul, at, amount, fresh)
}

// amount is what is added; nil for one.
func (b *builder) amount(m *metric, s *scope) ast.Expr {
	switch {
	case m.amount == nil:
		return nil
	case m.amount.text == "ip_len":
		return name("frame.len", m.amount.whole())
	}
	n, _ := strconv.ParseInt(m.amount.text, 10, 64)
	return &ast.IntLit{Place: ast.At(m.amount.whole()), Value: n}
}
