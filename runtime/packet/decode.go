package packet

// Decoder reads frames. It holds no state but its configuration: one Decoder
// may be used by many goroutines, each with packets of its own.
type Decoder struct {
	// App selects the application layers to decode (bits of AppLayers); zero
	// means none. What a layer costs is paid only when its bits are wanted.
	App Layers
}

// Decode resets p and reads one frame of the given link type: data are the
// captured bytes, wireLen the length the frame had on the wire, ts its time. It
// never allocates, never panics and never fails: what could not be read is
// absent from p.Has, and p.Problem says why. p aliases data until the next
// Decode into p. p.Iface is left alone.
func (d *Decoder) Decode(p *Packet, link LinkType, data []byte, wireLen uint32, ts Time) {
	p.Time = ts
	p.Data = data
	p.Has = 0
	p.Seen = 0
	p.Len = wireLen
	p.CapLen = uint32(len(data))
	p.Link = link
	p.Problem = None
}
