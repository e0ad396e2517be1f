package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/phrase"
	"uratori/monitor/notify/notifytest"
)

// phone is where messages arrive: Pushover's own service, when the user has
// keys for it, and else a server on this machine that speaks its interface.
type phone struct {
	server  *notifytest.Server // nil: the real one
	stop    func() error
	environ []string // with which a daemon finds it
}

// received is a message that has arrived.
type received struct {
	at          time.Time
	title, text string
	priority    int
}

func newPhone(ctx context.Context, o Options) (*phone, error) {
	if token, user, endpoint := keys(o.Environ); token != "" && user != "" {
		return &phone{stop: func() error { return nil }, environ: []string{
			"PUSHOVER_TOKEN=" + token, "PUSHOVER_USER=" + user, "URATORI_NOTIFY_PUSHOVER_ENDPOINT=" + endpoint,
		}}, nil
	}
	p := &phone{server: notifytest.New(o.Now)}
	base, stop, err := p.server.Listen(ctx)
	if err != nil {
		return nil, err
	}
	p.stop = stop
	p.environ = []string{"PUSHOVER_TOKEN=" + notifytest.Token, "PUSHOVER_USER=" + notifytest.User, "URATORI_NOTIFY_PUSHOVER_ENDPOINT=" + base}
	return p, nil
}

// keys are those of the user's own settings. Settings that cannot be read have
// none; what is wrong with them is not the demo's to tell.
func keys(environ []string) (token, user, endpoint string) {
	getenv := func(name string) string {
		for _, v := range slices.Backward(environ) {
			if len(v) > len(name) && v[:len(name)+1] == name+"=" {
				return v[len(name)+1:]
			}
		}
		return ""
	}
	home, err := config.FindHome(getenv)
	if err != nil {
		return "", "", ""
	}
	c, err := config.Load(home, environ)
	if err != nil {
		return "", "", ""
	}
	return c.Notify.Pushover.Token.Reveal(), c.Notify.Pushover.User.Reveal(), c.Notify.Pushover.Endpoint
}

func (p *phone) about(lang phrase.Lang) string {
	if p.server == nil {
		return lang.Say("demo.phone.real")
	}
	return lang.Say("demo.phone.stand_in")
}

// messages are those about a task of the ticket that have arrived, oldest
// first. The stand-in tells what it has received, without the daemon. What the
// real service has answered nobody but the daemon knows.
func (d *demo) messages(ctx context.Context, name string) (list []received, err error) {
	about := ticketID + " " + name + ":"
	if d.phone.server != nil {
		for _, m := range d.phone.server.Messages() {
			if strings.HasPrefix(m.Title, about) {
				list = append(list, received{m.At, m.Title, m.Text, m.Priority})
			}
		}
		return list, nil
	}
	err = d.ask(ctx, func(ctx context.Context, c *control.Client) error {
		page, err := c.Messages(ctx, ticketID, 0, 100)
		for _, m := range slices.Backward(page.Messages) {
			if strings.HasPrefix(m.Title, about) {
				list = append(list, accepted(m)...)
			}
		}
		return err
	})
	return list, err
}

// accepted is a message that Pushover has confirmed with a request id.
func accepted(m control.Message) (list []received) {
	for _, v := range m.Deliveries {
		if v.Channel == "pushover" && v.State == "accepted" && v.Request != "" && v.Ended != nil {
			priority := map[string]int{"low": -1, "normal": 0, "high": 1, "critical": 1}[m.Priority]
			list = append(list, received{*v.Ended, m.Title, m.Body, priority})
		}
	}
	return list
}
