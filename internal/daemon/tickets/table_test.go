package tickets

import (
	"testing"

	"uratori/internal/config"
	"uratori/internal/daemon"
)

func TestLink_LeadsToTheRowAtGoogles_OnceTheTabIsKnown(t *testing.T) {
	id := "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg"
	for want, c := range map[string]config.Tracker{
		"https://docs.google.com/spreadsheets/d/" + id + "/edit": {Spreadsheet: "https://docs.google.com/spreadsheets/d/" + id + "/edit#gid=7"},
		"https://docs.google.com/spreadsheets/d/short/edit":      {Spreadsheet: "short"},
	} {
		if got := daemon.SpreadsheetURL(c); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, c := range []config.Tracker{{Spreadsheet: "local"}, {Spreadsheet: id, Endpoint: "http://127.0.0.1:9/"}, {Spreadsheet: "local", Endpoint: "http://127.0.0.1:9/"}} {
		if got := daemon.SpreadsheetURL(c); got != "" {
			t.Errorf("%+v: %s", c, got)
		}
	}
	unknown, number := &table{}, int64(42)
	known := &table{tab: &number}
	for got, want := range map[string]string{
		unknown.link("https://x/edit", 91): "", known.link("", 91): "", known.link("https://x/edit", 0): "",
		known.link("https://x/edit", 91): "https://x/edit#gid=42&range=91:91",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
