package dashboard

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"uratori/internal/control"
)

func pictureOf(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	m.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// worked is a task of which there is something to see in every part.
func (h *house) worked() {
	h.full()
	at := h.clock.now()
	d := h.daemon
	d.runs[42] = []control.Attempt{{Attempt: 1, State: "running", StartedAt: at.Add(-time.Hour), GPUs: []string{"0"}, Total: 30}}
	d.print("stdout", hostile+"\n")
	d.outputs = []control.TaskOutput{
		{Item: 3, Input: "/in/" + hostile + ".png", Path: "/out/" + hostile + ".png", Size: 999, Modified: at, State: "valid", Format: "png", Width: 720, Height: 1024},
		{Item: 2, Input: "/in/p002.tif", Path: "/out/p002.txt", Size: 1, Modified: at, State: "wrong", Problem: &control.Fault{Message: hostile}},
		{Item: 1, Input: "/in/p001.png", Path: "/out/p001.png", Size: 1, Modified: at, State: hostile, Blank: true},
	}
	d.watch.GPUs[0].UUID = "GPU-1"
	d.points = map[string][]control.SamplePoint{}
	for i := range 600 {
		when := at.Add(time.Duration(i-600) * 5 * time.Second)
		d.points["task/42/1"] = append(d.points["task/42/1"], control.SamplePoint{At: when, CPU: float64(i % 100), Memory: uint64(i) << 20}) //nolint:gosec // a small number
		d.points["gpu/GPU-1"] = append(d.points["gpu/GPU-1"], control.SamplePoint{At: when, Utilisation: 93, Memory: 1 << 30, Total: 2 << 30, Temperature: 61})
	}
	over := at.Add(-time.Minute)
	d.status.Incidents = append(d.status.Incidents, control.Incident{
		Incident: 7, Task: 42, Kind: "gpu_heat", Priority: "high", OpenedAt: at.Add(-10 * time.Minute), Resolved: &over, What: control.NewProblem("problem.loop_failed", "loop", hostile, "error", hostile),
	})
}

func TestTaskPage_ShowsEverything_AndEscapesIt_InBothLanguages(t *testing.T) {
	h := build(t, nil)
	h.worked()
	for lang, words := range map[string][]string{"en": {"Log", "Outputs", "Highest", "17 / 30", "not valid"}, "ja": {"ログ", "出力ファイル", "最大", "17 / 30", "無効"}} {
		for _, target := range []string{"/task/42", "/task/42?attempt=1&stream=stderr&skip=1", "/task/42/output/3/0", "/task/42/output/2/0", "/task/43", "/tracker/INTG-088"} {
			w := h.ask(http.MethodGet, target, nil, "Accept-Language", lang)
			body := w.Body.String()
			if w.Code != http.StatusOK || strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") || strings.Contains(body, "style=") {
				t.Errorf("%s %s: %d\n%s", lang, target, w.Code, body)
			}
			if target == "/task/42" {
				for _, word := range append(words, "61 °C", "50 %", "599 MiB", "/task/42/thumb/3/0?v=", `href="/task/42/output/2/0"`) {
					if !strings.Contains(body, word) {
						t.Errorf("%s: no %s", lang, word)
					}
				}
			}
		}
	}
	if w := h.ask(http.MethodGet, "/task/999", nil); w.Code != http.StatusNotFound {
		t.Errorf("no such task: %d", w.Code)
	}
	if w := h.ask(http.MethodGet, "/task/42/output/9/0", nil); w.Code != http.StatusNotFound {
		t.Errorf("no such output: %d", w.Code)
	}
	h.daemon.failing = errors.New("planted")
	if w := h.ask(http.MethodGet, "/task/42", nil); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "planted") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Its feed sends what changes; the log and the charts are their scripts' own.
func TestTaskPage_ItsFeedLeavesTheLogAlone(t *testing.T) {
	h := build(t, nil)
	h.worked()
	s, ok := newTaskScreen(42, nil, door{}, h.clock.now).(*taskScreen)
	if !ok || strings.Join(s.pieces(), " ") != "task-head task-log task-outputs task-usage task-charts" {
		t.Fatalf("%v", s.pieces())
	}
	fed := s.live()
	fed.load(t.Context(), h.daemon, true)
	if list := strings.Join(fed.pieces(), " "); list != "task-head task-outputs task-usage" {
		t.Errorf("%v", list)
	}
	before := h.daemon.pieces
	fed.load(t.Context(), h.daemon, true)
	if h.daemon.pieces != before {
		t.Error("the log is read for a feed that does not send it")
	}
}

func TestPictures_AreSentAsWhatTheyAre_AndNothingElseIs(t *testing.T) {
	h := build(t, nil)
	h.worked()
	whole := pictureOf(t, 640, 480)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 900, 900)), nil); err != nil {
		t.Fatal(err)
	}
	file := func(item, output int, raw []byte) {
		h.daemon.files[control.OutputFile{Task: 42, Item: item, Output: output}] = raw
	}
	h.daemon.files = map[control.OutputFile][]byte{}
	file(1, 0, whole)
	file(1, -1, photo.Bytes())
	file(2, 0, []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`))
	file(3, 0, []byte("<!doctype html><script>alert(1)</script>"))
	file(4, 0, whole[:100])
	file(5, 0, nil)
	file(6, 0, append(append([]byte{}, whole[:16]...), append([]byte{0, 1, 0, 0, 0, 1, 0, 0}, whole[24:]...)...)) // 65536 × 65536
	large := append(bytes.Clone(whole), make([]byte, 3<<20)...)
	file(7, 0, large)
	for target, want := range map[string]struct {
		code int
		kind string
	}{
		"/task/42/file/1/0": {200, "image/png"}, "/task/42/file/1/input": {200, "image/jpeg"}, "/task/42/thumb/1/0": {200, "image/jpeg"}, "/task/42/thumb/1/input": {200, "image/jpeg"},
		"/task/42/file/7/0": {200, "image/png"}, "/task/42/file/2/0": {415, ""}, "/task/42/file/3/0": {415, ""}, "/task/42/file/5/0": {415, ""}, "/task/42/file/6/0": {415, ""},
		"/task/42/thumb/2/0": {415, ""}, "/task/42/thumb/3/0": {415, ""}, "/task/42/thumb/4/0": {415, ""}, "/task/42/thumb/5/0": {415, ""}, "/task/42/thumb/6/0": {415, ""},
		"/task/42/file/8/0": {404, ""}, "/task/42/thumb/8/0": {404, ""}, "/task/42/file/1/1": {404, ""},
	} {
		w := h.ask(http.MethodGet, target, nil)
		kind := w.Header().Get("Content-Type")
		if w.Code != want.code || want.code == 200 && kind != want.kind || want.code != 200 && !strings.HasPrefix(kind, "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %s", target, w.Code, kind)
		}
		if strings.Contains(w.Body.String(), "alert(1)") {
			t.Errorf("%s sends what a stranger wrote", target)
		}
	}
	if w := h.ask(http.MethodGet, "/task/42/file/7/0", nil); !bytes.Equal(w.Body.Bytes(), large) {
		t.Errorf("%d bytes of %d", w.Body.Len(), len(large))
	}
}

func TestThumb_IsMadeOnce_AndAskedForAgainByItsTag(t *testing.T) {
	h := build(t, nil)
	h.worked()
	h.daemon.files = map[control.OutputFile][]byte{{Task: 42, Item: 1}: pictureOf(t, 2000, 1000)}
	w := h.ask(http.MethodGet, "/task/42/thumb/1/0", nil)
	c, err := jpeg.DecodeConfig(w.Body)
	tag := w.Header().Get("ETag")
	if err != nil || c.Width != thumbSide || c.Height != thumbSide/2 || tag == "" {
		t.Fatalf("%+v %v %q", c, err, tag)
	}
	opened := h.daemon.opened
	h.ask(http.MethodGet, "/task/42/thumb/1/0", nil)
	if h.daemon.opened != opened+1 { // to see that it is still the same
		t.Errorf("it was read %d times", h.daemon.opened-opened)
	}
	if w = h.ask(http.MethodGet, "/task/42/thumb/1/0", nil, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%d", w.Code)
	}
	h.daemon.files[control.OutputFile{Task: 42, Item: 1}] = pictureOf(t, 300, 400)
	if w = h.ask(http.MethodGet, "/task/42/thumb/1/0", nil, "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("another picture: %d", w.Code)
	}
}

func TestSamples_AreWhatWasSeen_ThinnedWithoutLosingAPeak(t *testing.T) {
	h := build(t, nil)
	h.worked()
	d := h.daemon
	begin := h.clock.now().Add(-20 * time.Hour)
	d.runs[42][0].StartedAt = begin
	d.points["task/42/1"] = nil
	for i := range 14_000 {
		p := control.SamplePoint{At: begin.Add(time.Duration(i) * 5 * time.Second), CPU: 50, Memory: 1 << 30}
		if i == 7777 {
			p.CPU, p.Memory = 399, 9<<30
		}
		d.points["task/42/1"] = append(d.points["task/42/1"], p)
	}
	var u usage
	w := h.ask(http.MethodGet, "/task/42/samples", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &u); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	if len(u.Groups) != 3 || len(u.Groups[2].Lines) != 3 || !u.Active || u.Attempt != 1 {
		t.Fatalf("%d groups, %+v", len(u.Groups), u.Incidents)
	}
	if len(u.Incidents) == 0 || u.Incidents[0].Priority != "high" || u.Incidents[0].Until <= u.Incidents[0].At {
		t.Errorf("%+v", u.Incidents)
	}
	cpu := u.Groups[0]
	if n := len(cpu.At); n > mostPoints || n < 500 || n != len(cpu.Lines[0].Values) || *extreme(cpu.Lines[0].Values, func(a, b float64) bool { return a > b }) != 399 {
		t.Errorf("%d points", n)
	}
	if w = h.ask(http.MethodGet, "/task/999/samples", nil); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

func TestThin_BreaksALineWhereNobodyLooked(t *testing.T) {
	one := 1.0
	g := group{Lines: []line{{}}}
	for i := range 40 {
		at := int64(i * 5)
		if i >= 20 {
			at += 3600
		}
		g.At = append(g.At, at)
		g.Lines[0].Values = append(g.Lines[0].Values, &one)
	}
	out := thin(g)
	holes := 0
	for _, v := range out.Lines[0].Values {
		if v == nil {
			holes++
		}
	}
	if holes != 1 || len(out.At) != 41 {
		t.Errorf("%d holes in %d points", holes, len(out.At))
	}
}

func TestThin_OfManyPoints_BreaksThemWhereNobodyLooked(t *testing.T) {
	one := 1.0
	g := group{Lines: []line{{}}}
	for i := range 12_345 {
		g.At = append(g.At, int64(i*5+i/1000*7200))
		g.Lines[0].Values = append(g.Lines[0].Values, &one)
	}
	holes := 0
	for _, v := range thin(g).Lines[0].Values {
		if v == nil {
			holes++
		}
	}
	if holes != 12 {
		t.Errorf("%d holes", holes)
	}
}

func TestThin_AnySeries_IsShortRisingAndKeepsItsExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 9000).Draw(t, "n")
		seed := rapid.Int64Range(1, 1<<40).Draw(t, "seed")
		g := group{Lines: []line{{}, {}}}
		at := int64(0)
		for range n {
			seed = (seed*6364136223846793005 + 1442695040888963407) & math.MaxInt64
			at += 1 + seed>>20%7*(seed>>30%50/49*100+1)
			g.At = append(g.At, at)
			for k := range g.Lines {
				var v *float64
				if f := float64(seed >> (7 * k) % 1000); seed>>40%5 != 0 {
					v = &f
				}
				g.Lines[k].Values = append(g.Lines[k].Values, v)
			}
		}
		out := thin(g)
		if len(out.At) > mostPoints {
			t.Fatalf("%d points of %d", len(out.At), n)
		}
		for i := 1; i < len(out.At); i++ {
			if out.At[i] <= out.At[i-1] {
				t.Fatalf("%d after %d", out.At[i], out.At[i-1])
			}
		}
		for k := range g.Lines {
			if len(out.Lines[k].Values) != len(out.At) {
				t.Fatalf("%d values at %d times", len(out.Lines[k].Values), len(out.At))
			}
			for _, better := range []func(a, b float64) bool{func(a, b float64) bool { return a < b }, func(a, b float64) bool { return a > b }} {
				was, is := extreme(g.Lines[k].Values, better), extreme(out.Lines[k].Values, better)
				if (was == nil) != (is == nil) || was != nil && *was != *is {
					t.Fatalf("an extreme is lost: %v, %v", figure(was), figure(is))
				}
			}
		}
	})
}

func figure(v *float64) string {
	if v == nil {
		return "none"
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

func TestTaskView_OfATicket_ShowsAGlimpseOfWhatRuns_AndLooksAtTheRestOnce(t *testing.T) {
	h := build(t, nil)
	h.worked()
	body := h.ask(http.MethodGet, "/tracker/INTG-088", nil).Body.String()
	if !strings.Contains(body, `class="glimpse"`) || !strings.Contains(body, "/task/42/thumb/3/0") || !strings.Contains(body, `href="/task/42#task-log"`) {
		t.Error(body)
	}
	d := h.daemon
	for i := range d.tasks {
		d.tasks[i].State, d.tasks[i].Attempt = "succeeded", 1
	}
	views := viewTasks(t.Context(), d, d.tasks, nil, door{})
	before := d.pieces
	if viewTasks(t.Context(), d, d.tasks, views, door{}); d.pieces != before {
		t.Errorf("logs of tasks that have ended are read again: %d", d.pieces-before)
	}
}
