package process

import "time"

// Ending is what became of a tree that was to end.
type Ending struct {
	Ended     []Ended       `json:"ended"`     // in the order in which they were seen to be gone
	Survivors []Survivor    `json:"survivors"` // empty: a scan at the end found nobody
	Took      time.Duration `json:"took_ms,format:milli"`
}

// Ended is a process that is gone.
type Ended struct {
	ID
	Name   string `json:"name"`
	Signal string `json:"signal"` // the last one that it got from here, as "SIGTERM"; "" when it went by itself
}

// Survivor is a process that could not be ended.
type Survivor struct {
	Process
	Reason Reason `json:"reason"`
}

// Reason is why a process survived.
type Reason string

// The reasons.
const (
	// Uninterruptible is in the kernel, mostly in a driver (state D): it dies when that comes back, perhaps never.
	Uninterruptible Reason = "uninterruptible"
	// NotPermitted belongs to another user, as after sudo.
	NotPermitted Reason = "not_permitted"
	// StillThere got SIGKILL and has not gone within the time that was allowed.
	StillThere Reason = "still_there"
)
