package cli

import (
	"context"
	"time"

	"github.com/goccy/go-yaml"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// judge has claims judged that somebody reports of a ticket.
func (a *app) judge(ctx context.Context, ticket string, claims []string) error {
	ask := control.CheckClaims{Ticket: ticket, By: "uratori factcheck"}
	for _, text := range claims {
		var claim map[string]any
		if err := yaml.Unmarshal([]byte(text), &claim); err != nil || len(claim) == 0 {
			return fault.New(fault.Invalid, "cli.factcheck.bad_claim", "claim", inline(short(text)), "example", `{"out/*.png": {min: 30}}`)
		}
		ask.Claims = append(ask.Claims, claim)
	}
	var err error
	if ask.Root, err = a.standing(); err != nil {
		return err
	}
	r, err := a.judgement(ctx, ask)
	if err != nil {
		return a.unchecked(err)
	}
	a.tellFacts(r)
	return judged(verdictOf(r))
}

// judgeLongest is how long claims may be judged, commands among them: a little
// longer than the daemon looks.
const judgeLongest = 16 * time.Minute

func (a *app) judgement(ctx context.Context, ask control.CheckClaims) (control.FactReport, error) {
	c, err := a.connect(ctx)
	if err != nil {
		return control.FactReport{}, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, judgeLongest)
	defer cancel()
	return c.CheckClaims(ctx, ask)
}
