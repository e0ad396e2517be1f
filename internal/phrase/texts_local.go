package phrase

var localTexts = map[string]text{
	"factcheck.asked_nothing": {
		"nothing was claimed of {ticket}, so there is nothing to verify",
		"{ticket} について確認する内容がないため、何も確認していません",
	},
}
