//go:build planted

package daemon

import "os"

// planted are faults that the scenarios must see told, chosen from outside.
var planted = struct{ panics bool }{
	panics: os.Getenv("URATORI_PLANT") == "every-loop-panics-once",
}
