package notify

import "time"

const (
	// patience is the shortest time after a failure in which a service is asked
	// again: "no more often than every 5 seconds" (pushover.net/api, and good
	// manners with any other).
	patience = 5 * time.Second
	// longestPostponed is the longest pause of a message that certainly was not
	// accepted, when nobody asked for a longer one.
	longestPostponed = 5 * time.Minute
	longestDoubtful  = 10 * time.Minute
	// firstUnanswered and longestUnanswered are for a message that may be on the
	// phone already: each further try may be a further message there.
	firstUnanswered   = 15 * time.Second
	longestUnanswered = time.Hour
	// longestRefused bounds the pause of a channel after refusals in a row:
	// Pushover shuts out who repeats what is wrong.
	longestRefused = 5 * time.Minute
	// longestHold is the longest time that a service can ask for; Pushover's
	// quota begins anew each month.
	longestHold = 32 * 24 * time.Hour
	// watch is the longest sleep while something waits. Timers stand still while
	// the machine sleeps and know nothing of a clock that was put right.
	watch = 5 * time.Minute
	// requestLimit bounds a request; pictureLimit one with a picture, which may
	// have to go up a slow line.
	requestLimit = 20 * time.Second
	pictureLimit = 90 * time.Second
	// parting is how long a request in hand may still take when the outbox is to
	// stop: what is cut off would be sent again.
	parting = 4 * time.Second
	// receiptPause is how often an open receipt is asked for; Pushover allows
	// every 5 seconds.
	receiptPause = 15 * time.Second
	// receiptLife is how long Pushover keeps a receipt.
	receiptLife = 7 * 24 * time.Hour
)

// pause is how long a message rests after n tries in a row, the last of which
// had this outcome. Up to half as much is added at random.
func (f *Failure) pause(n int, jitter func(time.Duration) time.Duration) time.Duration {
	first, times, longest := patience, 2, longestPostponed
	switch f.Outcome {
	case Doubtful:
		longest = longestDoubtful
	case Unanswered:
		first, times, longest = firstUnanswered, 4, longestUnanswered
	}
	span := grow(first, times, longest, n)
	span += jitter(span / 2)
	return max(span, min(f.After, longestHold))
}

// grow is first for n = 1, and times as much for each further one.
func grow(first time.Duration, times int, longest time.Duration, n int) time.Duration {
	span := first
	for range n - 1 {
		if span *= time.Duration(times); span >= longest {
			return longest
		}
	}
	return span
}
