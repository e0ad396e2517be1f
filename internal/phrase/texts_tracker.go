package phrase

var trackerTexts = map[string]text{}
