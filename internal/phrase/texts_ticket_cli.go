package phrase

var ticketCLITexts = map[string]text{}
