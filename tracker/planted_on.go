//go:build planted

package tracker

import "os"

// planted are faults that the chaos test must catch, chosen from outside.
var planted = struct{ skipReadBack, matchByNumber, appendBlindly bool }{
	skipReadBack:  os.Getenv("URATORI_PLANT") == "skip-read-back",
	matchByNumber: os.Getenv("URATORI_PLANT") == "match-by-row-number",
	appendBlindly: os.Getenv("URATORI_PLANT") == "retry-append-blindly",
}
