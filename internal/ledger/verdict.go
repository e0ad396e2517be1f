package ledger

// Verdict is the outcome of looking. There are three and no fourth: what could
// not be looked at is unverifiable, never guessed.
type Verdict string

// The verdicts. Only Verified opens a gate, lights a green badge or ends a
// command with status 0.
const (
	Verified     Verdict = "verified"
	Refuted      Verdict = "refuted"
	Unverifiable Verdict = "unverifiable"
)
