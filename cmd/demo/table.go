package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// Table is what a showing has found.
type Table struct {
	Proofs []Proof `json:"proofs"`
}

// Proof is one claim and what a look of the demo's own made of it.
type Proof struct {
	Name     string         `json:"name"`
	Claim    string         `json:"claim"`
	Verdict  ledger.Verdict `json:"verdict"`
	Seen     string         `json:"seen"`
	Evidence []int64        `json:"evidence,omitempty"` // entries of the ledger
}

// Verdict is that of the whole showing: refuted when any claim was, verified
// only when every one was and there were some.
func (t Table) Verdict() ledger.Verdict {
	sum := ledger.Verified
	for _, p := range t.Proofs {
		switch p.Verdict {
		case ledger.Refuted:
			return ledger.Refuted
		case ledger.Verified:
		default:
			sum = ledger.Unverifiable
		}
	}
	if len(t.Proofs) == 0 {
		return ledger.Unverifiable
	}
	return sum
}

// held counts the claims that are verified.
func (t Table) held() (n int) {
	for _, p := range t.Proofs {
		if p.Verdict == ledger.Verified {
			n++
		}
	}
	return n
}

// print shows the table and, below it, what did not hold.
func (t Table) print(o Options, took time.Duration) {
	rows := [][]string{{"", o.Lang.Say("demo.column.claim"), o.Lang.Say("demo.column.verdict"), o.Lang.Say("demo.column.evidence")}}
	for _, p := range t.Proofs {
		rows = append(rows, []string{"", p.Claim, verdict(o.Lang, p.Verdict), evidence(o.Lang, p)})
	}
	widest := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widest[i] = max(widest[i], o.Width(cell))
		}
	}
	fmt.Fprintln(o.Out)
	for i, row := range rows {
		mark := " "
		if i > 0 {
			mark = o.sign(t.Proofs[i-1].Verdict)
		}
		line := ""
		for i, cell := range row[1:] {
			line += "  " + cell + strings.Repeat(" ", max(0, widest[i+1]-o.Width(cell)))
		}
		fmt.Fprintln(o.Out, mark+o.Visible(strings.TrimRight(line, " ")))
	}
	fmt.Fprintln(o.Out)
	for _, p := range t.Proofs {
		if p.Verdict != ledger.Verified {
			fmt.Fprintln(o.Out, o.Visible(p.Claim+": "+verdict(o.Lang, p.Verdict)+": "+p.Seen))
		}
	}
	fmt.Fprintln(o.Out, o.Lang.Say("demo.end", "held", t.held(), "all", len(t.Proofs), "seconds", strconv.FormatFloat(took.Seconds(), 'f', 1, 64)))
}

func verdict(lang phrase.Lang, v ledger.Verdict) string { return lang.Say("cli.verdict." + string(v)) }

func evidence(lang phrase.Lang, p Proof) string {
	if len(p.Evidence) == 0 {
		return lang.Say("demo.looked")
	}
	var all []string
	for _, seq := range p.Evidence {
		all = append(all, "#"+strconv.FormatInt(seq, 10))
	}
	return lang.Say("demo.entries", "entries", strings.Join(all, " "))
}

// sign is a verdict at a glance.
func (o Options) sign(v ledger.Verdict) string {
	sign, color := "?", "33"
	switch v {
	case ledger.Verified:
		sign, color = "✔", "32"
	case ledger.Refuted:
		sign, color = "✘", "31"
	}
	if !o.Color {
		return sign
	}
	return "\x1b[" + color + "m" + sign + "\x1b[0m"
}
