package watch

import (
	"os"

	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/monitor"
	"uratori/monitor/notify"
)

// troubles is what other parts of the daemon have to complain of, but for what
// people are told of in another way: loops that fail and a store that is found
// damaged have entries in the ledger, and who cannot be reached cannot be told.
func (t *Tower) troubles(sheet Sheet) []monitor.Trouble {
	var list []monitor.Trouble
	todo := monitor.Say("monitor.trouble.todo")
	if err := sheet.Trouble(); err != nil {
		words := monitor.Words{Key: "problem.tracker", Values: map[string]string{"error": fault.Explain(err, phrase.FromEnv(os.Getenv))}}
		list = append(list, monitor.Trouble{Subject: "tracker", Level: notify.Normal, Words: words, ToDo: todo})
	}
	for _, p := range t.house.Problems() {
		one := monitor.Trouble{Subject: "daemon/" + p.Code, Level: notify.Normal, Words: monitor.Words{Key: p.Code, Values: p.Values}, ToDo: todo}
		switch p.Code {
		case "problem.store_damaged", "problem.ledger_broken":
			continue
		case "problem.ledger_lost", "store.replaced":
			one.Level = notify.Critical
		}
		list = append(list, one)
	}
	return list
}
