package process

import "testing"

// One look at all processes of this machine, with a token that nobody has.
func BenchmarkMembers(b *testing.B) {
	all, err := All()
	if err != nil {
		b.Fatal(err)
	}
	t := Tree{Root: ID{PID: 1 << 30}, Token: "URATORI_TOKEN=nobody"}
	for b.Loop() {
		if _, err := t.Members(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(all)), "processes")
}

// The same for a job that is younger than all others, as most are: no
// environment is read.
func BenchmarkMembers_YoungJob(b *testing.B) {
	me, err := Self()
	if err != nil {
		b.Fatal(err)
	}
	t := Tree{Root: ID{PID: 1 << 30}, Main: ID{PID: 1 << 30, Start: me.Start + 1, Boot: me.Boot}, Token: "URATORI_TOKEN=nobody"}
	for b.Loop() {
		if _, err := t.Members(); err != nil {
			b.Fatal(err)
		}
	}
}
