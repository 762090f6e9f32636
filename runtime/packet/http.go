package packet

import "bytes"

// http reads the first line of an HTTP/1 message (RFC 9112 §2.1) and, of a
// request, the Host field. A segment that begins otherwise is left alone. A URI
// that the segment or the capture cuts off is given as far as it goes.
func (p *Packet) http(b []byte) {
	line, rest, whole := cutLine(b)
	if len(line) >= 12 && string(line[:7]) == "HTTP/1." {
		p.httpResponse(line)
		return
	}
	n := bytes.IndexByte(clip(line, 18), ' ')
	if n <= 0 || !isMethod(line[:n]) {
		return
	}
	uri := line[n+1:]
	if whole {
		i := bytes.LastIndexByte(uri, ' ')
		if i <= 0 || !bytes.HasPrefix(uri[i+1:], []byte("HTTP/1.")) {
			return
		}
		uri = uri[:i]
	} else if i := bytes.IndexByte(uri, ' '); i >= 0 {
		uri = uri[:i]
	}
	if len(uri) == 0 {
		return
	}
	p.HTTP.Method = line[:n]
	p.HTTP.URI = uri
	p.Has |= HTTPRequest
	p.httpHost(rest)
}

// httpResponse reads a status line.
func (p *Packet) httpResponse(line []byte) {
	if line[8] != ' ' {
		return
	}
	status := 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return
		}
		status = status*10 + int(c-'0')
	}
	p.HTTP.Status = uint16(status)
	p.Has |= HTTPResponse
}

// httpHost looks for the Host field among the complete lines of a header.
func (p *Packet) httpHost(b []byte) {
	for {
		line, rest, whole := cutLine(b)
		if !whole || len(line) == 0 {
			return
		}
		b = rest
		if len(line) < 5 || line[4] != ':' || !bytes.EqualFold(line[:4], []byte("host")) {
			continue
		}
		if host := bytes.Trim(line[5:], " \t"); len(host) > 0 {
			p.HTTP.Host = host
			p.Has |= HTTPHost
		}
		return
	}
}

// cutLine splits b behind its first line; whole is false if the line does not
// end in b.
func cutLine(b []byte) (line, rest []byte, whole bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil, false
	}
	line = b[:i]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, b[i+1:], true
}

// isMethod reports whether m is a method of the IANA registry, WebDAV's
// included, or one of those of UPnP.
func isMethod(m []byte) bool {
	switch string(m) {
	case "GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
		"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH",
		"REPORT", "CHECKOUT", "CHECKIN", "UNCHECKOUT", "MKACTIVITY", "MKCALENDAR", "MERGE",
		"VERSION-CONTROL", "BASELINE-CONTROL", "UPDATE", "LABEL", "ACL", "BIND", "UNBIND",
		"REBIND", "LINK", "UNLINK", "ORDERPATCH", "QUERY",
		"SUBSCRIBE", "UNSUBSCRIBE", "NOTIFY", "M-SEARCH":
		return true
	}
	return false
}
