package cli

import (
	"strings"
	"testing"
)

// A daemon that `factcheck` has started runs that program for parts of its
// work: they are parts of uratori all the same.
func TestWords_AProgramOfAnotherName_IsItsCommand_ButForPeopleAlone(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"/usr/bin/factcheck INTG-088":                "factcheck INTG-088",
		"/usr/bin/factcheck":                         "factcheck",
		"/usr/bin/factcheck --json INTG-088":         "factcheck --json INTG-088",
		"uratori up --ready-fd 3":                    "up --ready-fd 3",
		"/usr/bin/factcheck gpu-probe --library lib": "gpu-probe --library lib",
		"/usr/bin/factcheck each /home/tasks/1/1":    "each /home/tasks/1/1",
		"/usr/bin/factcheck shim --home /home":       "shim --home /home",
	} {
		if got := strings.Join(words("factcheck", strings.Fields(line)), " "); got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}
