package notify

import (
	"context"
	"time"
)

// Channel is a way to people. Each has one delivery of a message at a time; one
// that is down does not hold up another.
type Channel interface {
	// Name tells channels apart, in the store and for people. It must stay the
	// same: deliveries belong to it.
	Name() string
	// Deliver makes one request and returns when the answer is known or ctx
	// ends. An error is a [Failure]; any other counts as [Unanswered].
	Deliver(ctx context.Context, p Parcel) (Accepted, error)
}

// Tracer is a channel on which people acknowledge.
type Tracer interface {
	// Trace asks what has become of a receipt. Errors are as of Deliver.
	Trace(ctx context.Context, receipt string) (Traced, error)
}

// Silencer is a channel that can make a message stop ringing.
type Silencer interface {
	// Silence has the message of a receipt ring no more. Errors are as of
	// Deliver.
	Silence(ctx context.Context, receipt string) error
}

// Parcel is a message on its way.
type Parcel struct {
	Message
	ID int64
	At time.Time // when it was posted
	// Repeat says that it may have been accepted before.
	Repeat bool
	// Foot is the last line of the text: the number, and what there is to say
	// about a repeat. A text that is too long is cut above it.
	Foot string
}

// Accepted is what a service said when it took a message.
type Accepted struct {
	Request string // the service's id of the request
	Receipt string // by which to ask whether somebody acknowledged; empty for none
	Quota   *Quota // nil where the service does not say
}

// Quota is how many more messages a service takes.
type Quota struct {
	Limit     int       `json:"limit"`
	Remaining int       `json:"remaining"`
	Reset     time.Time `json:"reset"`
}

// Traced is what has become of a message that somebody should acknowledge.
type Traced struct {
	Acknowledged time.Time // zero: not yet
	Device       string    // on which
	Expired      bool      // it does not ring any more
}

// Outcome is what is known of a message after a request that was not answered
// with acceptance.
type Outcome string

// The outcomes.
const (
	// Refused is for good: sending it again would not help.
	Refused Outcome = "refused"
	// Postponed was certainly not accepted; it may be another time.
	Postponed Outcome = "postponed"
	// Doubtful is an answer that says that the service is in trouble. A front
	// end may say so after the message was accepted behind it.
	Doubtful Outcome = "doubtful"
	// Unanswered was sent, and whether it was accepted nobody said.
	Unanswered Outcome = "unanswered"
)

// Failure is why a message was not accepted, as far as is known.
type Failure struct {
	Outcome Outcome
	After   time.Duration // the service wants to be left alone for this long; 0 where it does not say
	Reason  error         // a fault, without secrets
}

// Error is the reason.
func (f *Failure) Error() string { return f.Reason.Error() }

// Unwrap is the reason.
func (f *Failure) Unwrap() error { return f.Reason }
