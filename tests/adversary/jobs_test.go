package adversary

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"uratori/tests/house"
)

// jobs are processes that are said to be gone, or to have done something.
func jobs() []move {
	return []move{
		{
			name: "a kill that is only claimed", does: "claims that a process which runs is gone, with and without its start time",
			ends: refused, by: "the process is looked at now", shows: []string{"refuted"}, from: "sow", play: func(p *play) {
				out, _ := p.shell("setsid sleep 600 >/dev/null 2>&1 & echo $!")
				pid, err := strconv.Atoi(strings.TrimSpace(out))
				if err != nil {
					p.t.Fatal(err)
				}
				defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }() // it is only a sleep
				stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
				if err != nil {
					p.t.Fatal(err)
				}
				ticks := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))[19]
				if v := p.claim(`{"process_gone":{"it":{"pid":` + strconv.Itoa(pid) + `,"start_ticks":` + ticks + `}}}`); v != "refuted" {
					p.t.Error(v)
				}
				if v := p.claim(`{"process_gone":{"it":{"pid":` + strconv.Itoa(pid) + `}}}`); v == "verified" {
					p.t.Error(v)
				}
			},
		},
		{
			name: "a process that looks gone", does: "the job leaves a child with another name, another session and no environment, and is killed",
			ends: refused, by: "`kill` ends everybody who came of the job, by descent, and looks that nobody is left", shows: []string{"verified"}, from: "sow", play: func(p *play) {
				queued, failed := p.tool("enqueue", map[string]any{
					"ticket": p.ticket, "cwd": p.root,
					"command": []string{"bash", "-c", `env -i setsid bash -c 'trap "" TERM; exec -a kworker/0:1 sleep 601' >/dev/null 2>&1 & echo $! > pid; echo ready; exec sleep 602`},
				})
				if failed != "" {
					p.t.Fatal(failed)
				}
				var pid int
				house.Until(p.t, "the child runs", func() bool {
					raw, err := os.ReadFile(p.path("pid"))
					pid, _ = strconv.Atoi(strings.TrimSpace(string(raw)))
					line, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
					return err == nil && pid > 0 && strings.HasPrefix(string(line), "kworker")
				})
				killed, failed := p.tool("kill", map[string]any{"task": queued["task"]})
				if failed != "" || killed["verdict"] != "verified" {
					p.t.Errorf("%v %s", killed, failed)
				}
				if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && !strings.Contains(string(stat), ") Z") {
					p.t.Errorf("verified, and %s lives", stat)
				}
			},
		},
		{
			name: "another ticket's task, killed", does: "asks to kill what is not there, and claims the kill",
			ends: refused, by: "there is no such task", from: "sow", play: func(p *play) {
				if killed, failed := p.tool("kill", map[string]any{"task": 999999}); failed == "" {
					p.t.Errorf("%v", killed)
				}
				if v := p.claim(`{"task":{"extract":{"id":999999}}}`); v == "verified" {
					p.t.Error(v)
				}
			},
		},
	}
}
