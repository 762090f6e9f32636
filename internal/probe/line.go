package probe

import (
	"slices"

	"github.com/streamon/streamon/runtime/packet"
)

// choose is called when programs have come or gone. It makes the decoder decode what the
// present ones need, and no more. Without programs it decodes everything, for the summary.
func (p *Probe) choose() {
	p.endShadows(false, "the program was replaced or unloaded meanwhile, or went back to the version before")
	p.line = slices.Clone(p.programs)
	for _, s := range p.shadows {
		p.line = append(p.line, s.old, s.new)
	}
	line := p.line
	p.watched.Store(&line)
	var layers packet.Layers
	for _, in := range p.line {
		layers |= packet.Layers(in.info.Manifest.Layers)
	}
	if len(p.line) == 0 {
		layers = packet.AppLayers
	}
	p.dec.App = layers & packet.AppLayers
	p.want()
	if p.crew != nil {
		p.crew.changed = true
	}
}
