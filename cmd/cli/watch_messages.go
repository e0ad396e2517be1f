package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// How many messages are shown unless one says, and at most.
const (
	usualMessages = 20
	mostMessages  = 500 // the daemon gives no more at once
)

func (a *app) notifyHistory() *cobra.Command {
	limit := usualMessages
	cmd := &cobra.Command{
		Use: "history [TICKET]", Short: a.lang.Say("cli.notify.history.short"), Long: a.lang.Say("cli.notify.history.long"), Example: a.lang.Say("cli.notify.history.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ticket := ""
			if len(args) == 1 {
				if err := checkTicket(args[0]); err != nil {
					return err
				}
				ticket = args[0]
			}
			if limit < 1 || limit > mostMessages {
				return fault.New(fault.Invalid, "cli.notify.history.bad_limit", "limit", limit, "most", mostMessages)
			}
			var p control.MessagePage
			err := a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				p, err = c.Messages(ctx, ticket, 0, limit)
				return err
			})
			if err != nil {
				return err
			}
			a.tellMessages(p)
			return nil
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, a.lang.Say("cli.notify.history.flag.limit"))
	return cmd
}

func (a *app) tellMessages(p control.MessagePage) {
	if a.json {
		a.print(p)
		return
	}
	const indent = "    "
	for _, m := range p.Messages {
		fmt.Fprintln(a.out, a.headline(m))
		a.tellDeliveries(m, indent)
		if len(m.Deliveries) == 0 {
			fmt.Fprintln(a.out, indent+a.mark(ledger.Unverifiable)+" "+a.lang.Say("cli.notify.nobody"))
		}
		if m.Suppressed > 0 {
			fmt.Fprintln(a.out, indent+a.lang.Say("cli.notify.suppressed", "count", m.Suppressed))
		}
	}
	if len(p.Messages) == 0 {
		a.say("cli.notify.history.none")
	}
	if p.Next != 0 {
		a.say("cli.notify.history.more")
	}
}

// headline is which message it is. Its title names ticket and task.
func (a *app) headline(m control.Message) string {
	return a.lang.Say("cli.notify.message", "message", m.Message, "time", clock(m.At), "priority", a.priority(m.Priority), "title", inline(m.Title))
}

// tellDeliveries prints what became of a message on each channel.
func (a *app) tellDeliveries(m control.Message, indent string) {
	for _, d := range m.Deliveries {
		words := []string{a.delivery(d)}
		if d.Tries > 1 {
			words = append(words, a.lang.Say("cli.notify.tries", "count", d.Tries))
		}
		if d.Request != "" {
			words = append(words, a.lang.Say("cli.notify.request", "request", inline(d.Request)))
		}
		if d.Acknowledged != nil {
			words = append(words, a.lang.Say("cli.notify.acknowledged", "time", clock(*d.Acknowledged)))
		}
		v := arrived(d)
		if d.Doubts > 0 {
			words = append(words, a.lang.Say("cli.notify.doubts", "count", d.Doubts))
		}
		fmt.Fprintln(a.out, indent+a.mark(v)+" "+inline(d.Channel)+": "+a.joined(words...))
		if d.Problem != nil && v != ledger.Verified {
			fmt.Fprintln(a.out, indent+"    "+a.because(d.Problem, ""))
		}
	}
}

// delivery is how far a message has come on a channel; a state of a newer
// build stays as it is.
func (a *app) delivery(d control.Delivery) string {
	word := inline(d.State)
	if phrase.Known("cli.notify.state." + d.State) {
		word = a.lang.Say("cli.notify.state." + d.State)
	}
	switch {
	case d.Ended != nil:
		return word + " " + clock(*d.Ended)
	case d.Next != nil && d.State == "waiting":
		return a.joined(word, a.lang.Say("cli.notify.next", "time", clock(*d.Next)))
	}
	return word
}

func (a *app) notifyStats() *cobra.Command {
	since := span{Duration: 30 * day}
	cmd := &cobra.Command{
		Use: "stats", Short: a.lang.Say("cli.notify.stats.short"), Long: a.lang.Say("cli.notify.stats.long"), Example: a.lang.Say("cli.notify.stats.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s control.MessageStatistics
			err := a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				s, err = c.MessageStatistics(ctx, since.Duration)
				return err
			})
			if err != nil {
				return err
			}
			a.tellMessageStatistics(s)
			return nil
		},
	}
	cmd.Flags().Var(&since, "since", a.lang.Say("cli.notify.stats.flag.since"))
	return cmd
}

func (a *app) tellMessageStatistics(s control.MessageStatistics) {
	if a.json {
		a.print(s)
		return
	}
	a.say("cli.notify.stats.head", "time", clock(s.Since))
	rows := [][]string{{
		"", a.lang.Say("cli.notify.count.posted"), a.lang.Say("cli.notify.count.sent"), a.lang.Say("cli.notify.count.failed"),
		a.lang.Say("cli.notify.count.waiting"), a.lang.Say("cli.notify.count.suppressed"), a.lang.Say("cli.notify.count.repeated"),
		a.lang.Say("cli.notify.count.acknowledged"),
	}}
	row := func(name string, c control.MessageCount, suppressed bool) {
		cells := []string{name}
		for _, n := range []int{c.Posted, c.Sent, c.Failed, c.Waiting, c.Suppressed, c.Repeated, c.Acknowledged} {
			cells = append(cells, strconv.Itoa(n))
		}
		if !suppressed {
			cells[5] = "" // repeats never come to a channel
		}
		rows = append(rows, cells)
	}
	var all control.MessageCount
	names := priorities()
	for _, name := range slices.Sorted(maps.Keys(s.Messages)) {
		if !slices.Contains(names, name) { // of a newer build
			names = append(names, name)
		}
	}
	for _, name := range names {
		row(a.priority(name), s.Messages[name], true)
		all = plus(all, s.Messages[name])
	}
	row(a.lang.Say("cli.notify.count.all"), all, true)
	for _, channel := range slices.Sorted(maps.Keys(s.Channels)) {
		var sum control.MessageCount
		for _, c := range s.Channels[channel] {
			sum = plus(sum, c)
		}
		row(inline(channel), sum, false)
	}
	a.tellRows(rows)
	a.tellUnset(s)
}

// tellUnset tells what is wrong with the settings of messages, and that nobody
// is told of anything.
func (a *app) tellUnset(s control.MessageStatistics) {
	switch {
	case s.Problem != nil:
		a.line("cli.notify.unset", a.mark(ledger.Refuted), "reason", a.because(s.Problem, ""))
	case len(s.Channels) == 0:
		a.line("cli.notify.unset", a.mark(ledger.Unverifiable), "reason", a.lang.Say("doctor.messages_none"))
	}
}

// messageCounts are the counts that there are, in words.
func (a *app) messageCounts(c control.MessageCount) string {
	words := []string{}
	add := func(name string, n int, always bool) {
		if n > 0 || always {
			words = append(words, name+" "+strconv.Itoa(n))
		}
	}
	add(a.lang.Say("cli.notify.count.posted"), c.Posted, true)
	add(a.lang.Say("cli.notify.count.sent"), c.Sent, true)
	add(a.lang.Say("cli.notify.count.failed"), c.Failed, true)
	add(a.lang.Say("cli.notify.count.waiting"), c.Waiting, false)
	add(a.lang.Say("cli.notify.count.suppressed"), c.Suppressed, true)
	add(a.lang.Say("cli.notify.count.repeated"), c.Repeated, false)
	add(a.lang.Say("cli.notify.count.acknowledged"), c.Acknowledged, false)
	return a.joined(words...)
}

func plus(x, y control.MessageCount) control.MessageCount {
	return control.MessageCount{
		Posted: x.Posted + y.Posted, Sent: x.Sent + y.Sent, Failed: x.Failed + y.Failed, Waiting: x.Waiting + y.Waiting,
		Suppressed: x.Suppressed + y.Suppressed, Repeated: x.Repeated + y.Repeated, Acknowledged: x.Acknowledged + y.Acknowledged,
	}
}
