package daemon

import (
	"net/url"

	"uratori/internal/config"
)

// Link is where people see a ticket, or all of them when it is empty; empty
// while no page is served.
func Link(dashboard, ticket string) string {
	if dashboard == "" {
		return ""
	}
	link := dashboard + "/tracker"
	if ticket != "" {
		link += "/" + url.PathEscape(ticket)
	}
	return link
}

// SpreadsheetURL is where people see the spreadsheet of the settings at Google's;
// empty where the table is not there.
func SpreadsheetURL(t config.Tracker) string {
	if t.Local() || t.Endpoint != "" {
		return ""
	}
	return "https://docs.google.com/spreadsheets/d/" + url.PathEscape(t.SpreadsheetID()) + "/edit"
}
