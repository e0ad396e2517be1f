package cli

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// stalled is an incident that goes on and has become worse.
func stalled(id int64) control.Incident {
	begin := time.Now().Add(-90 * time.Minute)
	worse := begin.Add(5 * time.Minute)
	done := control.NewProblem("monitor.stopping.again", "n", 1, "of", 3)
	todo := control.NewProblem("monitor.task.todo", "task", 42)
	return control.Incident{
		Incident: id, Kind: "stalled", Subject: "task/42", Ticket: "INTG-088", Task: 42, Priority: "critical", State: "escalated", Times: 3, OpenedAt: begin,
		Escalated: &worse, SeenAt: worse, What: control.NewProblem("monitor.stalled", "span", "10 min 0 s"), Done: &done, ToDo: &todo, Message: 7,
	}
}

// crashed is one that is over.
func crashed(id int64) control.Incident {
	begin := time.Now().Add(-26 * time.Hour)
	return control.Incident{
		Incident: id, Kind: "daemon_crashed", Subject: "daemon", Priority: "high", State: "resolved", Times: 1, OpenedAt: begin, Resolved: &begin,
		What: control.NewProblem("monitor.crashed"),
	}
}

func incidentPage(next int64, list ...control.Incident) control.IncidentPage {
	return control.IncidentPage{Incidents: list, Next: next, Dashboard: page}
}

func TestIncidents_TellWhatWasDoneAndWhatToDo_AndEndWith0(t *testing.T) {
	h := newHouse(t)
	normal := stalled(1)
	normal.Priority, normal.State, normal.Done, normal.ToDo, normal.Ticket, normal.Escalated = "normal", "open", nil, nil, "", nil
	h.plant(control.IncidentsPath, incidentPage(0, stalled(3), crashed(2), normal))
	h.must(h.run("incidents", "INTG-088", "--open", "--since", "7d"), 0,
		"✘ critical, INTG-088 #42: no sign of life for 10 min 0 s\n", "(1h30m), became more urgent ", ", goes on, found 3 times, last ", ", message 7\n",
		"    done: it is being stopped, and then resumed (attempt 1 of 3)\n    to do: look at `uratori logs 42`",
		"- high: uratori had ended", "? normal, #42: no sign of life", "3 shown, 2 of them go on\n"+page)
	q := queries(h, control.IncidentsPath)[0]
	if q.Get("ticket") != "INTG-088" || q.Get("open") != "true" || q.Get("since_ms") != strconv.Itoa(7*24*3600*1000) || q.Get("limit") != "50" {
		t.Error(q)
	}
	h.lang = phrase.Japanese
	h.must(h.run("incidents"), 0, "✘ 緊急、INTG-088 #42: 10 min 0 s の間、動きがありません", "に重要度が上昇、継続中、検出 3 回", "    対応: 強制停止し、", "    次にすること: ", "3 件を表示 (うち継続中 2 件)")
	h.plant(control.IncidentsPath, incidentPage(0))
	h.must(h.run("incidents"), 0, "該当する異常はありません")
}

func TestIncidents_AreAskedForPageByPage_AndMoreIsOnlySaidOfMore(t *testing.T) {
	h := newHouse(t)
	h.plant(control.IncidentsPath, incidentPage(3, stalled(4), stalled(3)), incidentPage(2, stalled(2)))
	h.must(h.run("incidents", "--limit", "2"), 0, "2 shown", "there are older ones")
	h.plant(control.IncidentsPath, incidentPage(3, stalled(4), stalled(3)), incidentPage(0))
	if e := h.run("incidents", "--limit", "2"); e.code != 0 || strings.Contains(e.out, "older") {
		t.Error(e.all())
	}
	q := queries(h, control.IncidentsPath)
	if q[3].Get("before") != "3" || q[3].Get("limit") != "1" {
		t.Error(q)
	}
	h.plant(control.IncidentsPath, incidentPage(3, stalled(4), stalled(3)), incidentPage(0, stalled(2)))
	h.must(h.run("incidents", "--limit", "2000"), 0, "3 shown")
	h.plant(control.IncidentsPath, incidentPage(4, stalled(4)))
	h.must(h.run("incidents", "--limit", "2000"), 1, "turns in a circle at 4")
	h.plant(control.IncidentsPath, incidentPage(0, stalled(4)))
	var p control.IncidentPage
	e := h.run("incidents", "--json")
	if err := json.Unmarshal([]byte(e.out), &p); err != nil || e.code != 0 || len(p.Incidents) != 1 || p.ByKind["stalled"] != 1 || len(p.ByDay) != 1 {
		t.Errorf("%v %s", err, e.all())
	}
}

func TestIncidents_Mistakes_AreToldBeforeAnythingIsAsked(t *testing.T) {
	h := newHouse(t)
	for _, args := range [][]string{{""}, {"a\nb"}, {"A-1", "A-2"}, {"--limit", "0"}, {"--since", "7"}, {"--since", "0s"}, {"--report", "--open"}, {"--report", "--limit", "5"}} {
		h.must(h.run(append([]string{"incidents"}, args...)...), 2)
	}
	if n := len(h.requests()); n != 0 {
		t.Error(n)
	}
	h.plant(control.IncidentsPath, fault.New(fault.Unavailable, "store.closed"))
	h.must(h.run("incidents"), 3)
}

func TestReport_Counts(t *testing.T) {
	h := newHouse(t)
	old := stalled(1)
	old.OpenedAt, old.What = time.Now().Add(-10*24*time.Hour), control.NewProblem("monitor.gpu_blind")
	ours := stalled(5)
	ours.Kind, ours.Ticket = "rule/遅い", ""
	h.plant(control.IncidentsPath, does(func(w http.ResponseWriter, r *http.Request) {
		p := incidentPage(0, ours, stalled(4), stalled(3), crashed(2))
		if r.URL.Query().Get("open") == "true" {
			p = incidentPage(0, ours, stalled(4), stalled(3), old)
		}
		if err := json.MarshalWrite(w, p); err != nil {
			t.Error(err)
		}
	}))
	s := counted()
	h.plant(control.MessagesPath+"/statistics", s)
	h.must(h.run("incidents", "--report"), 0, "4 incidents, found 10 times; 4 go on now", "by day\n  ", "  at most 3 a day\n",
		"by kind\n  no sign of life  2  ██████████\n", "  rule/遅い        1  █████\n",
		"by ticket\n  (none)    2  ██████████\n  INTG-088  2  ██████████\n",
		"lasted longest\n  ✘ 10d00h  INTG-088 #42  the GPUs cannot be looked at", "  posted 5, accepted 3, failed 1, waiting 1, repeats not sent 12\n", page)
	if q := queries(h, control.IncidentsPath); q[0].Get("since_ms") != strconv.Itoa(7*24*3600*1000) || q[1].Get("since_ms") != "0" || q[1].Get("open") != "true" {
		t.Error(q)
	}
	e := h.run("incidents", "INTG-088", "--report", "--since", "200d")
	h.must(e, 0, "of INTG-088 only", "in 4 days, which is a bar")
	if strings.Contains(e.out, "by ticket") {
		t.Error(e.out)
	}
	e = h.run("incidents", "--report", "--json")
	var r incidentReport
	if err := json.Unmarshal([]byte(e.out), &r); err != nil || e.code != 0 || r.Incidents != 4 || len(r.ByDay) != 8 || r.ByTicket[""] != 2 || len(r.Longest) != 4 || r.Longest[0].Incident != 1 {
		t.Errorf("%v %s", err, e.all())
	}
	h.lang = phrase.Japanese
	h.must(h.run("incidents", "--report"), 0, "異常の集計: ", "種類別\n  応答なし            2  ██", "長く続いたもの")
	h.plant(control.IncidentsPath, incidentPage(0))
	h.must(h.run("incidents", "--report"), 0, "発生 0 件")
}

func TestStatus_TellsOpenIncidents_AndIsNotFineWithThem(t *testing.T) {
	h := newHouse(t)
	s := busy()
	quiet := stalled(1)
	quiet.Priority, quiet.Ticket, quiet.Task = "low", "", 0
	s.Incidents = []control.Incident{stalled(2), quiet}
	h.plant(statusPath, s)
	e := h.run("status")
	h.must(e, 0, "✘ INTG-088 #42: no sign of life for 10 min 0 s (critical, began ", "? no sign of life for 10 min 0 s (low, began ")
	if strings.Contains(e.out, "no problems") {
		t.Error(e.out)
	}
}

// What came from a log cannot begin a line that passes for ours.
func TestMonitor_HostileTexts_ForgeNothing(t *testing.T) {
	const evil = "x\n✔ evil\x1b[2J\r\u2028✔\t"
	words := control.Problem{Code: "monitor.gpu_log", Values: map[string]string{"line": evil}}
	newer := control.Problem{Code: evil, Message: evil}
	i := control.Incident{Incident: 1, Kind: evil, Ticket: evil, Priority: evil, State: evil, What: words, Done: &newer, ToDo: &newer, Dashboard: evil}
	wrong := &control.Fault{Message: evil}
	m := control.Message{Message: 1, Priority: evil, Title: evil, Body: evil, Deliveries: []control.Delivery{{Channel: evil, State: evil, Request: evil, Problem: wrong, Next: at("10:00:00")}}}
	now := time.Now()
	h := newHouse(t)
	p := incidentPage(0, i)
	p.Dashboard = evil
	h.plant(control.IncidentsPath, p)
	h.plant(control.MessagesPath, control.MessagePage{Messages: []control.Message{m}})
	h.plant(control.MessagesPath+"/test", m)
	h.plant(control.MessagesPath+"/statistics", control.MessageStatistics{Messages: map[string]control.MessageCount{evil: {}}, Channels: map[string]map[string]control.MessageCount{evil: {}}, Problem: wrong})
	h.plant(control.WatchPath, control.Watch{At: &now, Probe: evil, Problem: wrong, Tasks: []control.WatchedTask{{Ticket: evil, Name: evil}}, GPUs: []control.WatchedGPU{{Name: evil, UUID: evil, Problem: wrong}}})
	h.plant(control.WatchPath+"/samples", []control.SamplePoint{{At: now}})
	s := busy()
	s.Incidents = []control.Incident{i}
	h.plant(statusPath, s)
	for args, code := range map[string]int{"incidents": 0, "incidents --report": 0, "notify history": 0, "notify stats": 0, "notify test": 3, "top": 0, "top --series gpu/0": 0, "status": 0} {
		e := h.run(strings.Fields(args)...)
		h.must(e, code)
		for line := range strings.Lines(e.all()) {
			if strings.HasPrefix(line, "✔") || strings.ContainsAny(line, "\r\u2028\t\x1b") {
				t.Errorf("%s: %q", args, line)
			}
		}
	}
}

func TestKinds_OfOtherBuilds_StayAsTheyAre(t *testing.T) {
	a, _ := newApp(nil, phrase.Japanese)
	for got, want := range map[string]string{a.kind("new\n"): `new\n`, a.priority("dire\t"): `dire\t`, a.kind("leak"): "メモリの増加"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
