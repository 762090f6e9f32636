package main

import (
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/streamon/streamon/internal/capture"
	"github.com/streamon/streamon/runtime/packet"
)

// reporting is the program ddos, which here also tells every ten seconds how a server that it
// watches fares.
func reporting(t *testing.T) string {
	t.Helper()
	return edit(t, example(t, "ddos"),
		"event check: timeout for server", "event check: timeout for server\nevent report: timeout for server",
		"      start check after period\n    }\n  }\n}", "      start check after period\n      start report every 10s\n    }\n  }\n}",
		"state monitored level low {", "in monitored, rising, attack { on report { get syns[server], pace[server]  publish load {rate: rate, flow: flow} } }\n\nstate monitored level low {")
}

// syn is a SYN; addresses are below 10.0.
func syn(at time.Duration, from, to [2]byte, port uint16) capture.Frame {
	b := []byte{
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, from[0], from[1], 10, 0, to[0], to[1],
		0x9c, 0x40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0,
	}
	binary.BigEndian.PutUint16(b[36:], port)
	return capture.Frame{Time: packet.Time(1_780_000_000*time.Second + at), WireLen: uint32(len(b)), Link: packet.LinkEthernet, Data: b}
}

// morning is twenty minutes of a network: clients of three servers, of which one is flooded, and
// a host that tries the ports of another and the hosts of a network.
func morning() (frames []capture.Frame) {
	r := rand.New(rand.NewPCG(7, 7))
	at := func(from, to float64) time.Duration {
		return time.Duration((from + (to-from)*r.Float64()) * float64(time.Second))
	}
	for minute := range 20 {
		from := float64(60 * minute)
		for server, n := range []int{800, 1300, 900} {
			if server == 1 && minute > 2 {
				n = int(1300 * []float64{1.6, 2.6, 4.4, 6.5, 6}[min(minute-3, 4)])
			}
			for range n {
				frames = append(frames, syn(at(from, from+60), [2]byte{byte(1 + r.IntN(9)), byte(r.IntN(250))}, [2]byte{0, byte(80 + server)}, 443))
			}
		}
	}
	for i := range 90 {
		frames = append(frames, syn(at(200, 230), [2]byte{3, 17}, [2]byte{0, 81}, uint16(20+i)), syn(at(330, 390), [2]byte{4, 4}, [2]byte{9, byte(i)}, 445))
	}
	slices.SortFunc(frames, func(a, b capture.Frame) int { return int(a.Time - b.Time) })
	return frames
}

// TestDashboardPictures takes the pictures of the documentation, if it is asked to: make
// dashboard.
func TestDashboardPictures(t *testing.T) {
	if flag.Lookup("update").Value.String() != "true" {
		t.Skip("takes pictures with -update only")
	}
	args := []string{"--uploads", "--set", "ddos.threshold=1000", "-p", plugin(t, reporting(t))}
	for _, name := range []string{"portscan", "hostscan", "conficker", "heavy_hitters"} {
		args = append(args, "-p", plugin(t, example(t, name)))
	}
	d := openDashboardOf(t, 1280, 1000, args...)
	image := func(name string) {
		d.until("no message is shown", "!document.querySelector('.toast.shown')")
		d.run("settling", chromedp.Sleep(1500*time.Millisecond))
		d.shot(filepath.Join("..", "..", "doc", "img", "dashboard-"+name+".png"))
	}
	d.colours("light")
	d.enter()
	go func() { // so that there is a rate to see
		frames := morning()
		for part := range slices.Chunk(frames, len(frames)/200) {
			if d.probe.write(part...) != nil {
				return // the test is over
			}
			time.Sleep(250 * time.Millisecond)
		}
	}()
	d.until("all alerts are there", "document.querySelectorAll('.alerts .line').length >= 3")
	d.do("[...document.querySelectorAll('.alerts .line')].find((e) => e.innerText.includes('flood')).click()")
	d.until("the alert opened", "document.querySelector('.detail .path')")
	image("light")

	d.colours("dark")
	d.do("document.querySelector('.detail .button').click()")
	d.until("the machine and the curves are drawn", "document.querySelector('.machine svg') && document.querySelectorAll('.chart canvas').length === 2")
	d.do("document.activeElement.blur()")
	d.size(1280, 1160)
	image("dark")

	d.size(390, 844)
	d.colours("light")
	d.run("the programs", chromedp.Navigate(d.probe.origin+"/#/"))
	d.until("the programs are there", "document.querySelector('.programs tbody tr')")
	image("phone")
	d.check(d.probe.origin)
}
