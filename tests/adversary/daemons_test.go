package adversary

import (
	"net"
	"net/http"
	"os"
	"strings"

	"uratori/internal/control"
	"uratori/tests/house"
)

// daemons are what is done to the process that says what is true.
func daemons() []move {
	return []move{
		{
			name: "the daemon killed in a check", does: "`kill -9` of the daemon while it looks, again and again, so that a step may pass half looked at",
			ends: refused, by: "a step passes in one transaction, after the look", shows: []string{"local.exit_status"}, from: "test", alone: true, play: func(p *play) {
				p.write("src/extract.sh", "echo x >> began; sleep 0.3; echo wrong\n")
				for range 3 {
					_ = os.Remove(p.path("began")) // it may not be there
					cmd := p.Command("--json", "workflow", p.ticket, "check")
					cmd.Dir = p.root
					if err := cmd.Start(); err != nil {
						p.t.Fatal(err)
					}
					house.Until(p.t, "the tests run", func() bool { _, err := os.Stat(p.path("began")); return err == nil })
					p.Kill(p.Status())
					if err := cmd.Wait(); err == nil {
						p.t.Error("a check that nobody finished has ended well")
					}
				}
				p.check(1)
				if r := p.Verify(); r.Verdict != "verified" {
					p.t.Errorf("%+v", r)
				}
			},
		},
		{
			name: "a socket of its own", does: "stops the daemon and listens in its place, with an answer that all has passed",
			ends: open, by: "whoever asks there is told so; the daemon, once it is back, knows nothing of it", shows: []string{"local.has_text"}, from: "sow", alone: true, play: func(p *play) {
				p.stop()
				l, err := (&net.ListenConfig{}).Listen(p.t.Context(), "unix", p.Home.Socket())
				if err != nil {
					p.t.Fatal(err)
				}
				fake := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // it lasts for a moment
					w.Header().Set("Content-Type", "application/json")
					if r.URL.Path == control.HelloPath {
						_, _ = w.Write([]byte(`{"pid":1,"start_ticks":1,"boot_id":"x"}`))
						return
					}
					_, _ = w.Write([]byte(`{"ticket":"` + p.ticket + `","verdict":"verified","steps":[],"current":0,"next":"","dashboard":""}`))
				})}
				served := make(chan error, 1)
				go func() { served <- fake.Serve(l) }()
				p.ends(0, "workflow", p.ticket, "check") // the agent's word, to whoever asks there
				if err := fake.Close(); err != nil {
					p.t.Error(err)
				}
				<-served
				p.check(1)
				if strings.Contains(p.ledger(p.ticket), `"step":"sow","verdict":"verified"`) {
					p.t.Error("the ledger has it")
				}
			},
		},
		{
			name: "another daemon beside it", does: "starts a second daemon on the same home, or an older one, with other settings",
			ends: refused, by: "a home has one daemon, which holds its lock", shows: []string{"daemon.running"}, from: "sow", alone: true, play: func(p *play) {
				p.shell("URATORI_APPROVAL_SHEET=true timeout 10 uratori --json up")
				p.check(1)
			},
		},
	}
}
