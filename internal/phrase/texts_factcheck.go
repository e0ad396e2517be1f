package phrase

var factcheckTexts = map[string]text{}
