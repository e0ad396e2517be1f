package dashboard

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

const (
	// longestForm is far more than a passphrase and a reason.
	longestForm = 64 << 10
	// actLimit is how long an action may take: a kill waits for the job's grace,
	// which the settings bound, and for the kernel.
	actLimit = 11 * time.Minute
)

// form reads the fields of a POST. A passphrase must not stand in an address,
// where logs and histories keep it, so the query is not read.
func form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return fault.New(fault.Invalid, "page.bad_form")
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "page.bad_form")
	}
	return nil
}

// allowed lets somebody act who is signed in or gives the passphrase, which
// signs them in.
func (d *Dashboard) allowed(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	if d.sessions.has(r) {
		return nil
	}
	passphrase := r.PostForm.Get("passphrase")
	if d.o.Login == nil || passphrase == "" {
		return fault.New(fault.Invalid, "page.sign_in")
	}
	if err := d.o.Login(ctx, passphrase); err != nil {
		return err
	}
	d.sessions.begin(w, r)
	return nil
}

// act runs an action with a connection to the daemon. The action goes on when
// the browser has gone: what was wished is wished.
func (d *Dashboard) act(w http.ResponseWriter, r *http.Request, do func(context.Context, Daemon) (notice, error)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actLimit)
	defer cancel()
	n, err := func() (notice, error) {
		if err := form(w, r); err != nil {
			return notice{}, err
		}
		conn, err := d.o.Connect(ctx)
		if err != nil {
			return notice{}, err
		}
		defer conn.Close()
		return do(ctx, conn)
	}()
	if err != nil {
		d.fail(w, r, err)
		return
	}
	n.Back = back(r)
	d.tell(w, r, http.StatusOK, n)
}

// decide takes a person's answer to a question. The passphrase goes with it
// whoever is signed in: the answer is signed with it.
func (d *Dashboard) decide(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	d.act(w, r, func(ctx context.Context, conn Daemon) (notice, error) {
		verdict := r.PostForm.Get("verdict")
		if verdict != "approve" && verdict != "reject" {
			return notice{}, fault.New(fault.Invalid, "page.bad_form")
		}
		standing, err := conn.Decide(ctx, control.Decide{
			Ticket: r.PathValue("ticket"), Step: r.PostForm.Get("step"), Digest: r.PostForm.Get("digest"),
			Passphrase: r.PostForm.Get("passphrase"), Approver: strings.TrimSpace(r.PostForm.Get("approver")), Channel: "web",
			Reject: verdict == "reject", Reason: r.PostForm.Get("reason"), Token: rand.Text(),
		})
		if err != nil {
			return notice{}, err
		}
		d.sessions.begin(w, r)
		n := notice{Title: f.name("standing", standing.State), Lines: []string{
			f.say("page.decided", "ticket", r.PathValue("ticket"), "step", r.PostForm.Get("step"), "approver", standing.Approver, "entry", standing.Evidence),
		}}
		if standing.Reason != "" {
			n.Lines = append(n.Lines, standing.Reason)
		}
		return n, nil
	})
}

func taskOf(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("task"), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "page.bad_form")
	}
	return n, nil
}

// actOn is act on the task of the address, for somebody who may.
func (d *Dashboard) actOn(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, conn Daemon, task int64) (notice, error)) {
	d.act(w, r, func(ctx context.Context, conn Daemon) (notice, error) {
		task, err := taskOf(r)
		if err == nil {
			err = d.allowed(ctx, w, r)
		}
		if err != nil {
			return notice{}, err
		}
		return do(ctx, conn, task)
	})
}

// kill ends a task, and tells what the look for survivors found.
func (d *Dashboard) kill(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	d.actOn(w, r, func(ctx context.Context, conn Daemon, task int64) (notice, error) {
		k, err := conn.Kill(ctx, control.Kill{Task: task, By: reader})
		if err != nil {
			return notice{}, err
		}
		return f.killed(k), nil
	})
}

// killed says what a kill has come to. That nothing is left is said only where a
// look has found nothing.
func (f *face) killed(k control.Killed) notice {
	n := notice{Title: f.say("page.kill.title", "mark", mark(k.Verdict), "task", k.Task), Bad: k.Verdict != ledger.Verified}
	switch k.Verdict {
	case ledger.Verified:
		n.Lines = append(n.Lines, f.say("page.kill.verified", "state", f.name("state", k.State), "ms", k.TookMS))
	case ledger.Refuted:
		n.Lines = append(n.Lines, f.say("page.kill.refuted", "count", len(k.Survivors), "pids", pids(k.Survivors)))
	case ledger.Unverifiable:
		n.Lines = append(n.Lines, f.say("page.kill.unverifiable"))
	}
	for _, p := range k.Ended {
		if p.Signal == "" {
			n.Lines = append(n.Lines, f.say("page.kill.gone", "pid", p.PID, "name", p.Name))
			continue
		}
		n.Lines = append(n.Lines, f.say("page.kill.ended", "pid", p.PID, "name", p.Name, "signal", p.Signal))
	}
	if k.GPUFreed != nil {
		key := "page.kill.gpu_held"
		if *k.GPUFreed {
			key = "page.kill.gpu_free"
		}
		n.Lines = append(n.Lines, f.say(key))
	}
	if k.Problem != nil {
		n.Lines = append(n.Lines, f.fault(k.Problem))
	}
	return n
}

func pids(list []int) string {
	texts := make([]string, len(list))
	for i, pid := range list {
		texts[i] = strconv.Itoa(pid)
	}
	return strings.Join(texts, ", ")
}

// retry queues a task once more.
func (d *Dashboard) retry(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	d.actOn(w, r, func(ctx context.Context, conn Daemon, task int64) (notice, error) {
		e, err := conn.Retry(ctx, control.Retry{Task: task, FromStart: r.PostForm.Get("from_start") == "yes"})
		if err != nil {
			return notice{}, err
		}
		return notice{Title: f.say("page.retry.title", "task", e.Task), Lines: []string{f.say("page.retry.text", "state", f.name("state", e.State), "position", e.Position)}}, nil
	})
}

func (d *Dashboard) loginPage(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	html, err := f.draw("login", door{d.sessions.has(r), true})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.write(w, r, http.StatusOK, frame{Title: f.say("page.login"), Pieces: []piece{{"login", html}}})
}

// login opens a session.
func (d *Dashboard) login(w http.ResponseWriter, r *http.Request) {
	err := form(w, r)
	if err == nil {
		err = d.o.Login(r.Context(), r.PostForm.Get("passphrase"))
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.sessions.begin(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (d *Dashboard) logout(w http.ResponseWriter, r *http.Request) {
	d.sessions.end(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
