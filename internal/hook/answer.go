package hook

import (
	"io"

	"github.com/go-json-experiment/json"
)

// answer is what Claude Code is told. The zero answer says nothing.
type answer struct {
	System   string    `json:"systemMessage,omitempty"` // to the person
	Decision string    `json:"decision,omitempty"`      // block, of Stop and SubagentStop
	Reason   string    `json:"reason,omitempty"`
	Specific *specific `json:"hookSpecificOutput,omitempty"`
}

// specific is what only some events have.
type specific struct {
	Event            string `json:"hookEventName"`
	Context          string `json:"additionalContext,omitempty"` // to the agent
	Permission       string `json:"permissionDecision,omitempty"`
	PermissionReason string `json:"permissionDecisionReason,omitempty"`
}

// write writes the answer, and nothing for one that says nothing.
func (a answer) write(to io.Writer) error {
	if a == (answer{}) {
		return nil
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = to.Write(append(raw, '\n'))
	return err
}

// tell gives the agent something to know.
func (a answer) tell(event, text string) answer {
	a.Specific = &specific{Event: events()[event], Context: text}
	return a
}

// deny keeps a tool from being used.
func deny(reason string) answer {
	return answer{Specific: &specific{Event: events()[PreToolUse], Permission: "deny", PermissionReason: reason}}
}

// block keeps the agent from stopping.
func block(reason string) answer { return answer{Decision: "block", Reason: reason} }
