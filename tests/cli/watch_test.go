package cli

import (
	"context"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"uratori/monitor/notify/notifytest"
)

// phone is the stand-in for Pushover that a script may use.
type phone struct{}

// pushover VAR lets messages go to the stand-in, whose address VAR will hold.
func pushover(ts *testscript.TestScript, _ bool, args []string) {
	url, stop, err := ts.Value(phone{}).(*notifytest.Server).Listen(context.Background())
	ts.Check(err)
	ts.Defer(func() { ts.Check(stop()) })
	ts.Setenv(args[0], url)
	ts.Setenv("PUSHOVER_TOKEN", notifytest.Token)
	ts.Setenv("PUSHOVER_USER", notifytest.User)
}

// arrived PATTERN… waits for exactly these messages, by their titles in order.
func arrived(ts *testscript.TestScript, _ bool, args []string) {
	const limit = 20 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	list, err := ts.Value(phone{}).(*notifytest.Server).Wait(ctx, len(args))
	ts.Check(err)
	for i, m := range list {
		if i >= len(args) || !regexp.MustCompile(args[i]).MatchString(m.Title) {
			ts.Fatalf("message %d is %q: %s", i+1, m.Title, m.Text)
		}
	}
}

// soon COMMAND… repeats a command until it ends with 0.
func soon(ts *testscript.TestScript, _ bool, args []string) {
	const limit, pace = 20 * time.Second, 100 * time.Millisecond
	var err error
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(pace) {
		if err = ts.Exec(args[0], args[1:]...); err == nil {
			return
		}
	}
	ts.Fatalf("%v never succeeded: %v", args, err)
}
