package smprobe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/streamon/streamon/internal/web"
)

// What the probe is at.
const (
	phaseStarting int32 = iota
	phaseRunning
	phaseStopping
)

// Healthy implements web.Health: packets are being worked on, or waited for.
func (h *host) Healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beatLimit)
	defer cancel()
	if h.Probe.Live(ctx) != nil {
		return fmt.Errorf("packets are held up for more than %s", beatLimit)
	}
	return nil
}

// Ready implements web.Health: the programs are loaded and the probe reads packets.
func (h *host) Ready(ctx context.Context) error {
	switch h.phase.Load() {
	case phaseStarting:
		return errors.New("the probe is starting")
	case phaseStopping:
		return errors.New("the probe is stopping")
	}
	return h.Healthy(ctx)
}

// serveHealth answers on a TCP address until the function it returns is called.
func serveHealth(ctx context.Context, address string, h *host) (done func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--health: %w", err)
	}
	return background(ctx, func(ctx context.Context) {
		if err := web.ServeHealth(ctx, l, h); err != nil {
			h.std.errorf("health: %v", err)
		}
	}), nil
}

// background runs functions, each in a goroutine, until the one that it returns is called.
// That ends their context and waits for them.
func background(ctx context.Context, list ...func(context.Context)) (done func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, f := range list {
		running.Go(func() { f(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// notify tells systemd what the probe is at (sd_notify(3)), if that started it.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer c.Close()
	c.Write([]byte(state))
}

// watchdog returns how often systemd wants to hear of the probe; 0 = never.
func watchdog() time.Duration {
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if pid := os.Getenv("WATCHDOG_PID"); err != nil || us <= 0 || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}
