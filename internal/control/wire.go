// Package control is the protocol of the daemon's socket: the types that
// cross it, and the client that commands, the MCP server and the hooks share.
//
// It is HTTP with JSON over a unix socket that only its owner can open. A
// failure crosses it as the fault it was, so that a command tells it in the
// reader's language. Client and daemon may come from different builds; each
// names its API number, and a difference is an error that says what to do.
package control

import (
	"maps"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/process"
)

// API is the number of the protocol. It rises when an old client would
// misread a new daemon, or the other way round.
const API = 1

// The headers by which a client says what it is.
const (
	APIHeader     = "Uratori-Api"
	VersionHeader = "Uratori-Version"
)

// These two work between builds of different API numbers: one tells that
// somebody is there, the other makes room for another build.
const (
	HelloPath = "/v1/hello"
	StopPath  = "/v1/stop"
)

// Build says which build of uratori something is.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // empty when it was not built from a checkout
}

// Status is the answer of `uratori status`.
type Status struct {
	Daemon    Daemon     `json:"daemon"`
	Ledger    Ledger     `json:"ledger"`
	Tasks     []Task     `json:"tasks"` // that run, that wait, and that ended last
	Queue     Queue      `json:"queue"`
	Incidents []Incident `json:"incidents"` // that are open
	Tracker   Tracker    `json:"tracker"`
	Changes   []Event    `json:"changes"` // what people did to the sheet lately, newest last
	Problems  []Problem  `json:"problems"`
	Dashboard string     `json:"dashboard"` // empty while no page is served; a problem says why
}

// Daemon is the running daemon.
type Daemon struct {
	process.ID
	Build
	API       int       `json:"api"`
	Home      string    `json:"home"`
	StartedAt time.Time `json:"started_at"`
	Settings  string    `json:"settings"` // fingerprint of the settings it runs with
	Loops     []Loop    `json:"loops"`
}

// Loop is one of the daemon's loops, each under a guard.
type Loop struct {
	Name      string     `json:"name"`
	State     LoopState  `json:"state"`
	Restarts  int        `json:"restarts"`
	LastError string     `json:"last_error,omitempty"`
	FailedAt  *time.Time `json:"failed_at,omitempty"`
}

// LoopState is what a guarded loop is doing.
type LoopState string

// The states of a loop.
const (
	LoopRunning LoopState = "running"
	LoopWaiting LoopState = "waiting" // it failed and will be started again
	LoopStopped LoopState = "stopped"
)

// Ledger is where the evidence ends.
type Ledger struct {
	Entries int64       `json:"entries"`
	Head    ledger.Hash `json:"head"`
}

// Problem is something that people should know about and mend.
type Problem struct {
	Code    string            `json:"code"`
	Values  map[string]string `json:"values,omitempty"`
	Message string            `json:"message"`         // English
	Cause   *Fault            `json:"cause,omitempty"` // what {error} stands for
}

// NewProblem makes a problem with the sentence of key; pairs as in
// [phrase.Lang.Say]. An error that stands for {error} crosses the socket as the
// fault it is, so that all of the problem is told in one language.
func NewProblem(key string, pairs ...any) Problem {
	values := phrase.Pairs(pairs...)
	p := Problem{Code: key, Values: values, Message: phrase.English.Render(key, values)}
	for i := 0; i+1 < len(pairs); i += 2 {
		if err, ok := pairs[i+1].(error); ok && pairs[i] == "error" {
			p.Cause = Encode(err)
		}
	}
	return p
}

// Say tells the problem to a person.
func (p Problem) Say(lang phrase.Lang) string {
	values := p.Values
	if p.Cause != nil {
		values = maps.Clone(values)
		values["error"] = fault.Explain(p.Cause.Decode(), lang)
	}
	return lang.Render(p.Code, values)
}

// Check is one thing that doctor looked at.
type Check struct {
	Name    string         `json:"name"`
	Verdict ledger.Verdict `json:"verdict"`
	Unused  bool           `json:"unused,omitempty"` // nothing is wrong, and nothing of it is set up
	Problem                // what was found; for a bad verdict, also how to mend it
}

// Backup is the outcome of a backup that was read back.
type Backup struct {
	File    string         `json:"file"`
	Bytes   uint64         `json:"bytes"`
	SHA256  string         `json:"sha256"`
	Ledger  Ledger         `json:"ledger"` // of the copy
	Verdict ledger.Verdict `json:"verdict"`
	Wrong   []string       `json:"wrong"` // what is wrong with the copy
}

// Fault is a fault on the wire.
type Fault = fault.Wire

// ErrorBody is what every failing request answers with.
type ErrorBody struct {
	Error *Fault `json:"error"`
}

// Encode makes err ready for the wire; nil stays nil.
func Encode(err error) *Fault { return fault.Encode(err) }
