// Package items turns globs into the inputs of a task, and says which of them
// have been worked off.
//
// An item is one input file and what is to be made of it. Which items a task
// has is fixed when it is queued: [Expand] finds them, [NewPlan] gives each
// its outputs and refuses what could not work. From then on only the disk is
// asked. What is kept elsewhere, by this package or by the job, never makes
// an output count:
//
//   - An output counts when a look of now has shown it to be whole: a picture
//     was decoded to its last pixel, any other file has something in it. How
//     far the look went is part of the answer ([Output]).
//   - An output that is older than its input, or that is still being written,
//     does not count.
//   - What could not be judged, such as a compression that no decoder here
//     knows, is neither: it is told as [Wrong] with a reason that says so.
//
// A path is a line of a file, a word of a command and a JSON string, so it is
// UTF-8 without control characters; others are refused when a task is queued.
package items

// Item is one input and what is to be made of it.
type Item struct {
	Index   int      `json:"index"`             // from 1, in the order of the plan
	Path    string   `json:"path"`              // absolute and clean
	Outputs []string `json:"outputs,omitempty"` // absolute and clean; all are needed
}

// Most is the largest number of items that a task can have.
const Most = 1_000_000
