package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/streamon/streamon/internal/config"
	"github.com/streamon/streamon/internal/mitigate"
)

// BlockChoice says which blocks a request is about; the zero BlockChoice is all of who asks.
type BlockChoice struct {
	Program string // that this instance wants
	Address string // of what comes from or goes to this address
}

// Blocks is the answer to questions about blocks.
type Blocks struct {
	Mode   string           `json:"mode"`   // dry-run, nftables or inline
	Total  int              `json:"total"`  // how many there are
	Blocks []mitigate.Block `json:"blocks"` // those that end first before others
}

// Lifted is the answer to a lift.
type Lifted struct {
	Lifted int    `json:"lifted"` // blocks that have ended
	Hold   string `json:"hold"`   // for how long nothing of it is blocked again
}

// liftHold is how long what was lifted is not blocked again, unless the request says.
const liftHold = 10 * time.Minute

var (
	addressParam = parameter{"address", "string", "Blocks of what comes from or goes to this address only.", false}
	holdParam    = parameter{"hold", "string", "For how long nothing of it is blocked again, as 30s or 1h; without it 10m.", false}
)

func blockChoice(r *http.Request) BlockChoice {
	q := r.URL.Query()
	return BlockChoice{Program: q.Get("program"), Address: q.Get("address")}
}

func doBlocks(s *Server, r *http.Request) (any, error) {
	limit, err := number(r, "limit", config.ShowLimit, maxLimit)
	if err != nil {
		return nil, err
	}
	b, err := s.p.Blocks(r.Context(), blockChoice(r), int(limit))
	if b.Blocks == nil {
		b.Blocks = []mitigate.Block{}
	}
	return b, err
}

func doLift(s *Server, r *http.Request) (any, error) {
	hold := liftHold
	if text := r.URL.Query().Get("hold"); text != "" {
		var err error
		if hold, err = config.ParseDuration(text); err != nil || hold < 0 {
			return nil, statusf(http.StatusBadRequest, "hold %.80q: expected a time, as 30s or 1h", text)
		}
	}
	return s.p.Lift(r.Context(), blockChoice(r), hold)
}

func (q BlockChoice) values() url.Values {
	v := url.Values{}
	if q.Program != "" {
		v.Set("program", q.Program)
	}
	if q.Address != "" {
		v.Set("address", q.Address)
	}
	return v
}

// Blocks returns up to limit of the blocks in force.
func (c *Client) Blocks(ctx context.Context, q BlockChoice, limit int) (b Blocks, err error) {
	v := q.values()
	v.Set("limit", strconv.Itoa(limit))
	err = c.do(ctx, http.MethodGet, "/v1/blocks?"+v.Encode(), nil, &b)
	return b, err
}

// Lift asks the probe to end blocks.
func (c *Client) Lift(ctx context.Context, q BlockChoice, hold time.Duration) (l Lifted, err error) {
	v := q.values()
	v.Set("hold", hold.String())
	err = c.do(ctx, http.MethodPost, "/v1/lift?"+v.Encode(), nil, &l)
	return l, err
}
