package scenarios

import (
	"os"
	"path/filepath"

	"uratori/internal/control"
)

func greedy() []scenario {
	const room = "a job takes too much"
	return []scenario{
		{
			room: room, name: "its memory grows and grows (limit of 8 MiB)", then: "nothing; it goes on",
			env: []string{"URATORI_MONITOR_INTERVAL=50ms", "URATORI_MONITOR_MEMORY_GROWTH=8MiB"}, told: []string{"normal memory grows steadily"},
			play: func(s *stage) {
				id := s.run(`exec python3 -u -c '
import os, time
kept = []
while not os.path.exists("go"):
    kept.append(bytearray(os.urandom(1 << 18)))
    print(len(kept))
    time.sleep(0.1)'`)
				s.pid(id, 1)
				s.wrong()
				s.told(1)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "its memory goes up and down", then: "nothing, succeeded",
			env: []string{"URATORI_MONITOR_INTERVAL=20ms", "URATORI_MONITOR_MEMORY_GROWTH=8MiB"},
			play: func(s *stage) {
				s.becomes(s.run(`exec python3 -u -c '
import os, time
for n in range(150):
    kept = b"x" * ((1 + n % 8) << 21)
    print(n)
    time.sleep(0.04)
    kept = None
    time.sleep(0.03)'`), "succeeded")
			},
		},
		{
			room: room, name: "it keeps the processors busy (limit of 1 %)", then: "nothing; it goes on",
			env: []string{"URATORI_MONITOR_CPU_PERCENT=1", "URATORI_MONITOR_INTERVAL=200ms"}, told: []string{"low busy"},
			play: func(s *stage) {
				id := s.run("for i in 1 2 3 4; do (while ! [ -e go ]; do :; done) & done; while ! [ -e go ]; do echo on; sleep 0.1; done; wait")
				s.pid(id, 1)
				s.wrong()
				s.told(1)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "its children become zombies", then: "nothing; it goes on", told: []string{"low zombie"},
			play: func(s *stage) {
				id := s.run(`exec python3 -u -c '
import os, time
if os.fork() == 0: os._exit(0)
while not os.path.exists("go"):
    print("on")
    time.sleep(0.1)'`)
				s.pid(id, 1)
				s.wrong()
				s.told(1)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "a rule of the user's own holds", then: "nothing; it goes on", told: []string{"low your rule"},
			play: func(s *stage) {
				if err := os.MkdirAll(string(s.Home), 0o700); err != nil {
					s.t.Fatal(err)
				}
				rules := "[[rule]]\nname = \"two at once\"\nwhen = \"processes >= 2\"\nfor = \"500ms\"\npriority = \"low\"\n"
				if err := os.WriteFile(filepath.Join(string(s.Home), "rules.toml"), []byte(rules), 0o600); err != nil {
					s.t.Fatal(err)
				}
				id := s.run("while ! [ -e go ]; do echo on; sleep 0.2; done")
				s.pid(id, 1)
				s.wrong()
				s.told(1)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "a task that is wrong is asked for three times", then: "not queued", told: []string{"normal not queued"},
			play: func(s *stage) {
				for range 3 {
					s.refused(control.Enqueue{Name: "wrong", Command: []string{"true"}, Cwd: "/no/such/folder"})
				}
				s.notSent("normal", 2)
			},
		},
	}
}
