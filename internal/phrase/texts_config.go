package phrase

var configTexts = map[string]text{}
