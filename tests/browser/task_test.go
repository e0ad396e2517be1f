package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"uratori/monitor/gpu/gputest"
)

// taskPath is the path of a task's page.
func taskPath(id int64) string { return fmt.Sprintf("/task/%d", id) }

// script is a job out of a few lines of Python.
func (s *site) script(ticket, text string) int64 {
	s.t.Helper()
	name := filepath.Join(s.work, fmt.Sprintf("job-%d.py", time.Now().UnixNano()))
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.enqueue(ticket, "--name", "job", "--retries", "0", "--", python, "-B", name)
}

// shows waits for a text in the rows of a log that are in the page.
func (b *tab) shows(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("the row %q", text), fmt.Sprintf(`document.querySelector("#log-rows").textContent.includes(%q)`, text))
}

// mostRows is what a page keeps of a log, gaps included.
const mostRows = 2002

func (b *tab) rows() int { b.t.Helper(); return b.count("#log-rows > *") }

// keep takes a picture of the page for whoever wants to look at it.
func (b *tab) keep(name string) {
	dir := os.Getenv("URATORI_TEST_PICTURES")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Error(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
		b.t.Error(err)
	}
}

// The example extraction is watched from its first line to its last picture.
func TestTaskPage_FollowsARealJob_ItsLogItsPicturesAndWhatItUses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket := s.ticket("抽出の自動化", "全ページから人物を抽出する")
	id := s.extracts(ticket, 400*time.Millisecond)
	b := s.tab()
	b.visit(taskPath(id))
	b.lives()
	loads := value[float64](b, `performance.timeOrigin`)
	b.sees("#task-head", fmt.Sprintf("2 / %d", leaves))
	b.until("the stream that has the bar of tqdm", `document.querySelector("#log-stream").value === "stderr"`)
	b.until("a bar that overwrites itself", `[...document.querySelectorAll("#log-rows .row")].filter((e) => e.textContent.includes("%|")).length === 1`)
	b.until("two small pictures", `[...document.querySelectorAll("#task-outputs img")].filter((i) => i.complete && i.naturalWidth > 0).length >= 2`)
	b.keep("task-running")
	b.until("the end of the job", `document.querySelector("#task-head .chip.succeeded")`)
	b.shows(fmt.Sprintf("%d/%d", leaves, leaves))
	b.until("all pictures", fmt.Sprintf(`document.querySelectorAll("#task-outputs .thumb.valid").length === %d`, leaves))
	b.until("charts with something in them", `document.querySelectorAll("#charts canvas").length >= 2 && [...document.querySelectorAll("#charts canvas")].every((c) => { const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n > 500; })`)
	b.until("the charts in words", `/\d+ %/.test(document.querySelector("#task-usage table").textContent) && document.querySelector("#task-usage table").textContent.includes("MiB")`)
	if again := value[float64](b, `performance.timeOrigin`); again != loads {
		t.Error("the page was loaded again")
	}
	b.keep("task-ended")
	b.keepsNobodyOut("a task")
	b.dark(true)
	b.keepsNobodyOut("a task, dark")
	b.width(phone)
	b.fits("a task on a phone")
	b.keep("task-phone-dark")
	b.width(desk)
	b.keep("task-dark")
	b.dark(false)
	b.language("ja")
	b.visit(taskPath(id))
	b.sees("#log-state", "終了")
	b.until("charts", `document.querySelectorAll("#charts canvas").length >= 2`)
	b.keep("task-ja")
	b.width(phone)
	b.fits("a task in Japanese on a phone")
	b.width(desk)
	b.language("en")
	b.visit(taskPath(id))
	b.lives()

	b.click("#task-outputs .thumb a")
	b.until("the output beside its input", `document.querySelectorAll(".beside img").length === 2 && [...document.querySelectorAll(".beside img")].every((i) => i.complete && i.naturalWidth > 200)`)
	if same := value[bool](b, `(() => { const [a, b] = [...document.querySelectorAll(".beside figcaption")].map((e) => e.textContent.split(" ").pop()); return a === b; })()`); !same {
		t.Error("the input is not that of the output")
	}
	b.keep("output")
	b.keepsNobodyOut("an output")
	b.width(phone)
	b.fits("an output on a phone")
	b.keep("output-phone")
	b.width(desk)
	b.visit(page(ticket))
	b.until("pictures on the page of the ticket", `document.querySelectorAll("#ticket-tasks .thumb img").length > 3`)
	b.keep("ticket")
	b.keepsNobodyOut("a ticket with tasks")
	b.width(phone)
	b.fits("a ticket with tasks on a phone")
	b.width(desk)
	b.click(fmt.Sprintf(`#ticket-tasks a[href="/task/%d#task-log"]`, id))
	b.sees("#task-head h1", "extract")
}

func TestLog_OfAHundredThousandLines_IsReadFromAnywhere_InAPageOfBoundedSize(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.script(s.ticket("長いログ", "x"), `
for i in range(100000):
    print(f"line {i:06d} " + "x" * (i % 60) + (" NEEDLE in the \x1b[31mhay\x1b[0mstack" if i % 33333 == 5 else ""))
`)
	s.untilState(id, "succeeded")
	b := s.tab()
	b.visit(taskPath(id))
	b.shows("line 099999")
	b.sees("#log-state", "ended")
	bounded := func(when string) {
		t.Helper()
		if n := b.rows(); n > mostRows || n < 10 {
			t.Errorf("%s: %d rows in the page", when, n)
		}
		if ms := value[float64](b, `new Promise((done) => { const t = performance.now(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - t))); })`); ms > 1000 {
			t.Errorf("%s: the page took %.0f ms to answer", when, ms)
		}
	}
	bounded("at the end")
	// Up, further than a page holds.
	b.until("lines far above", `(() => { const v = document.querySelector("#log-view"); v.scrollTop = 0; return document.querySelector("#log-rows").textContent.includes("line 096000"); })()`)
	bounded("far above")
	b.click("#log-start")
	b.shows("line 000000")
	bounded("at the start")
	b.until("lines below", `(() => { const v = document.querySelector("#log-view"); v.scrollTop = v.scrollHeight; return document.querySelector("#log-rows").textContent.includes("line 003500"); })()`)
	bounded("below")
	order := value[bool](b, `(() => { const l = [...document.querySelectorAll("#log-rows [data-at]")]; return l.every((e, i) => !i || Number(e.dataset.at) > Number(l[i - 1].dataset.at)) && l.every((e, i) => !i || Number(e.textContent.slice(5, 11)) === Number(l[i - 1].textContent.slice(5, 11)) + 1); })()`)
	if !order {
		t.Error("lines are missing, twice or out of order")
	}
	// The whole log is searched, colours or not.
	b.types("#log-find", "needle in the haystack")
	b.press("\r")
	b.sees("#log-found", "3")
	b.click("#log-hits li:nth-child(3) button")
	b.shows("line 066671")
	if here := b.text("#log-rows .here"); !strings.Contains(here, "line 066671") {
		t.Errorf("%q", here)
	}
	seen := value[bool](b, `(() => { const v = document.querySelector("#log-view").getBoundingClientRect(), e = document.querySelector("#log-rows .here").getBoundingClientRect(); return e.top >= v.top && e.bottom <= v.bottom; })()`)
	marked := value[int](b, `CSS.highlights.get("log-find")?.size ?? 0`)
	if !seen || marked != 0 { // colours cut what was found in two
		t.Errorf("seen: %v, marked: %d", seen, marked)
	}
	b.types("#log-find", "line 06667")
	if n := value[int](b, `CSS.highlights.get("log-find").size`); n != 10 {
		t.Errorf("%d are marked of what is shown", n)
	}
	b.keep("log-search")
	b.types("#log-find", "nowhere to be found")
	b.press("\r")
	b.sees("#log-found", "not found")
	b.click("#log-end")
	b.shows("line 099999")
	bounded("at the end again")

	var head struct {
		Kind, Name, Sniff string
		Lines             int
	}
	got := value[map[string]any](b, `fetch(document.querySelector("#log-download").href).then(async (r) => ({ kind: r.headers.get("content-type"), name: r.headers.get("content-disposition"), sniff: r.headers.get("x-content-type-options"), lines: (await r.text()).split("\n").length - 1 }))`)
	head.Kind, head.Name, head.Sniff = fmt.Sprint(got["kind"]), fmt.Sprint(got["name"]), fmt.Sprint(got["sniff"])
	if head.Kind != "text/plain; charset=utf-8" || !strings.HasPrefix(head.Name, "attachment; ") || head.Sniff != "nosniff" || fmt.Sprint(got["lines"]) != "100000" {
		t.Errorf("%v", got)
	}
}

func TestLog_AThousandLinesASecond_AreFollowedWithoutFreezing_UntilTheReaderScrolls(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.script(s.ticket("速いログ", "x"), `
import time, os
i = 0
while not os.path.exists("stop"):
    for _ in range(50):
        print(f"line {i} \x1b[3{i % 8}mcolour\x1b[0m " + "y" * 80)
        i += 1
    time.sleep(0.05)
`)
	b := s.tab()
	b.visit(taskPath(id))
	b.until("line 2000 and those after it", `/line [2-9]\d\d\d/.test(document.querySelector("#log-rows").textContent)`)
	worst := value[float64](b, `new Promise((done) => { let last = performance.now(), worst = 0, n = 0; const step = (now) => { worst = Math.max(worst, now - last); last = now; if (++n < 40) requestAnimationFrame(step); else done(worst); }; requestAnimationFrame(step); })`)
	t.Logf("the longest of 40 frames took %.0f ms", worst)
	if worst > 5000 { // on a machine that does much else; alone it is far less
		t.Errorf("a frame took %.0f ms", worst)
	}
	b.until("line 5000 and those after it", `/line [5-9]\d\d\d/.test(document.querySelector("#log-rows").textContent)`)
	if n := b.rows(); n > mostRows {
		t.Errorf("%d rows in the page", n)
	}
	atEnd := `(() => { const v = document.querySelector("#log-view"); return v.scrollHeight - v.scrollTop - v.clientHeight < 60; })()`
	b.until("the end is followed", atEnd)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#log-view").scrollTop -= 2000`))
	b.sees("#log-state", "paused")
	first := value[string](b, `document.querySelector("#log-rows").lastElementChild.textContent`)
	b.until("half a second", fmt.Sprintf(`performance.now() > %f`, value[float64](b, `performance.now()`)+500))
	if last := value[string](b, `document.querySelector("#log-rows").lastElementChild.textContent`); first != last || value[bool](b, atEnd) {
		t.Error("it goes on although the reader has scrolled up")
	}
	b.keep("log-paused")
	b.click("#log-follow")
	b.sees("#log-state", "following")
	b.until("the end is followed again", atEnd)
	s.write("stop", "")
	s.untilState(id, "succeeded")
	b.sees("#log-state", "ended")
}

func TestLog_HostileLines_StayText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.script(s.ticket("敵対的なログ", "x"), `
import sys
w = sys.stdout.buffer.write
w(b"<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\n")
w(b"\x1b]8;;javascript:document.title='owned'\x1b\\click me\x1b]8;;\x1b\\\n")
w("right \u202eto left\u202c and \u200bhidden\n".encode())
w(b"bad \xff\xfe\xc3( bytes \x00\x07\x08 and \x9b31m\n")
w(b"\x1b[31;41mred on red\x1b[0m \x1b[8mconcealed\x1b[0m \x1b[38;2;250;250;250mwhite\x1b[0m\n")
w(b"\x1b[2J\x1b[Hcleared\n\x1b[1000A\x1b[1000Boverwriting\n")
w(b"data: x\n\nevent: reload\ndata: \n\n")
w(b"__proto__ constructor ${7*7} {{7*7}}\n")
w(b"last\x1b]0;never ends")
`)
	s.untilState(id, "succeeded")
	b := s.tab()
	b.visit(taskPath(id))
	b.shows("last")
	b.sees("#log-state", "ended")
	for _, text := range []string{
		"<script>document.title='owned'</script>", "click me", "right ⟦U+202E⟧to left⟦U+202C⟧ and ⟦U+200B⟧hidden", "bad \uFFFD\uFFFD\uFFFD( bytes", "red on red concealed white", "event: reload", "${7*7} {{7*7}}",
	} {
		b.shows(text)
	}
	if n := b.count("#log-rows script, #log-rows img, #log-rows a, #log-rows [style], #log-rows [onerror]"); n != 0 {
		t.Errorf("%d elements out of a log", n)
	}
	if title := value[string](b, `document.title`); strings.Contains(title, "owned") {
		t.Error(title)
	}
	unreadable := value[int](b, `[...document.querySelectorAll("#log-rows span")].filter((e) => { const s = getComputedStyle(e); return s.color === s.backgroundColor || s.visibility !== "visible" || s.opacity < 0.5; }).length`)
	if unreadable != 0 {
		t.Errorf("%d pieces cannot be read", unreadable)
	}
	b.keep("log-hostile")
	b.keepsNobodyOut("a hostile log")
	b.dark(true)
	b.keepsNobodyOut("a hostile log, dark")
	b.keep("log-hostile-dark")
}

// A GPU that grows hot under a job is drawn, and what was told of it is marked.
func TestTaskPage_AHotGPU_IsDrawnWithItsIncident(t *testing.T) {
	t.Parallel()
	cards := gputest.New(t)
	cards.Set("0.temperature", 60)
	cards.Set("0.processes", "")
	cards.Set("0.ecc", 0)
	s := newSite(t, "URATORI_MONITOR_NVML="+cards.Library)
	id := s.enqueue(s.ticket("GPU", "x"), "--name", "train", "--gpu", "1", "--", "/bin/sh", "-c", "while [ ! -e go ]; do sleep 0.1; done")
	s.untilState(id, "running")
	b := s.tab()
	b.visit(taskPath(id))
	b.lives()
	b.sees("#task-usage", "60 °C")
	cards.Set("0.temperature", 84)
	b.sees("#task-usage", "84 °C")
	b.sees("#task-usage .marked", "80 °C")
	b.until("the chart of a GPU", `[...document.querySelectorAll("#charts figcaption")].some((e) => e.textContent.startsWith("GPU 0"))`)
	cards.Set("0.temperature", 61)
	b.until("the end of the incident", `document.querySelectorAll("#task-usage .marked time").length === 2`)
	b.until("its mark in each chart", `(() => { const probe = document.createElement("i"); document.body.append(probe); probe.style.color = "var(--bad)"; const want = getComputedStyle(probe).color.match(/\d+/g).map(Number); probe.remove();
		return [...document.querySelectorAll("#charts canvas")].length === 3 && [...document.querySelectorAll("#charts canvas")].every((c) => { const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255 && Math.abs(d[i] - want[0]) + Math.abs(d[i + 1] - want[1]) + Math.abs(d[i + 2] - want[2]) < 12) return true; return false; }); })()`)
	b.keep("task-gpu")
	b.keepsNobodyOut("a task with a GPU")
	b.width(phone)
	b.fits("a task with a GPU on a phone")
	b.keep("task-gpu-phone")
	s.write("go", "")
	s.untilState(id, "succeeded")
}

// All that a log can be in: each is to be read, light and dark.
func TestLog_EveryColour_CanBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.script(s.ticket("色", "x"), `
for back in [None, *range(8)]:
    print(" ".join(f"\x1b[{kind}{fore}{f';4{back}' if back is not None else ''}mab{fore}\x1b[0m" for kind in ("3", "9", "2;3", "7;3") for fore in range(8)))
`)
	s.untilState(id, "succeeded")
	b := s.tab()
	b.visit(taskPath(id))
	b.sees("#log-state", "ended")
	for _, dark := range []bool{false, true} {
		b.dark(dark)
		b.keepsNobodyOut(fmt.Sprintf("colours, dark: %v", dark))
		b.keep(fmt.Sprintf("log-colours-%v", dark))
	}
}

// Whoever has the page open sees a task begin, fail, and try again.
func TestLog_OfATaskThatWaits_BeginsWithIt_AndGoesOnWithTheNextAttempt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket := s.ticket("再試行", "x")
	s.write("job.py", `
import os, sys, time
print("attempt", os.environ["URATORI_ATTEMPT"], "speaks", flush=True)
while not os.path.exists("go" + os.environ["URATORI_ATTEMPT"]):
    time.sleep(0.02)
sys.exit(1 if os.environ["URATORI_ATTEMPT"] == "1" else 0)
`)
	id := s.enqueue(ticket, "--name", "again", "--retries", "1", "--hold", "--", python, "-B", "job.py")
	b := s.tab()
	b.visit(taskPath(id))
	b.lives()
	b.sees("#log-state", "following")
	s.json(&map[string]any{}, "resume", fmt.Sprint(id))
	b.shows("attempt 1 speaks")
	s.write("go1", "")
	b.shows("attempt 2 speaks")
	b.until("both attempts to choose from", `[...document.querySelector("#log-attempt").options].map((o) => o.value).join() === "0,1,2"`)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const e = document.querySelector("#log-attempt"); e.value = "1"; e.dispatchEvent(new Event("change")); })()`))
	b.shows("attempt 1 speaks")
	if strings.Contains(b.text("#log-rows"), "attempt 2") {
		t.Error("the log of another attempt is shown")
	}
	s.write("go2", "")
	s.untilState(id, "succeeded")
}
