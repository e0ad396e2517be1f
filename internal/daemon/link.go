package daemon

import "net/url"

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
