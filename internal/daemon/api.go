package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

// routes are the requests that the daemon itself answers.
func (d *daemon) routes() []Route {
	return []Route{
		{Pattern: "GET " + control.HelloPath, Handle: func(*http.Request) (any, error) { return d.ID, nil }},
		{Pattern: "GET /v1/status", Handle: func(r *http.Request) (any, error) { return d.status(r.Context()) }},
		{Pattern: "GET /v1/doctor", Handle: func(r *http.Request) (any, error) { return d.checks(r.Context()), nil }},
		{Pattern: "POST " + control.StopPath, Handle: func(*http.Request) (any, error) { d.stop("asked"); return d.ID, nil }},
		{Pattern: "GET /v1/ledger/verify", Handle: d.verifyLedger},
		{Pattern: "POST /v1/backup", Handle: d.backup},
	}
}

func (d *daemon) status(ctx context.Context) (control.Status, error) {
	s := control.Status{
		Daemon: control.Daemon{
			ID: d.ID, Build: d.holder.Build, API: control.API, Home: string(d.Config.Home),
			StartedAt: d.StartedAt, Settings: d.Config.Fingerprint(), Loops: []control.Loop{},
		},
		Tasks:     []control.Task{},
		Incidents: []control.Incident{},
		Changes:   []control.Event{},
		Problems:  d.wrong(),
		Dashboard: d.pages.url(),
	}
	for _, tell := range d.tellers {
		tell(&s)
	}
	// After the others: what they tell has its entry.
	head, err := d.ledger.Head(ctx)
	if err != nil {
		return control.Status{}, err
	}
	s.Ledger = control.Ledger{Entries: head.Seq, Head: head.Hash}
	for _, g := range d.guards {
		loop := g.status()
		s.Daemon.Loops = append(s.Daemon.Loops, loop)
		if loop.State == control.LoopWaiting {
			s.Problems = append(s.Problems, control.NewProblem("problem.loop_failed", "loop", loop.Name, "error", loop.LastError))
		}
	}
	return s, nil
}

// wrong is what is wrong with the daemon itself.
func (d *daemon) wrong() []control.Problem {
	list := d.problems.list()
	if d.db.InPlace() != nil {
		list = append(list, control.NewProblem("store.replaced", "file", d.db.Path()))
	}
	return list
}

func (d *daemon) verifyLedger(r *http.Request) (any, error) {
	known := d.anchor.head.Hash
	if text := r.URL.Query().Get("known"); text != "" {
		if err := known.UnmarshalText([]byte(text)); err != nil {
			return nil, fault.New(fault.Invalid, "ledger.not_a_hash").Wrap(err)
		}
	}
	report, err := ledger.Verify(r.Context(), d.db.Reader().DB, known)
	return report, d.db.Explain(err)
}

// backup copies the store, reads the copy back, and only then says what it
// is worth.
func (d *daemon) backup(r *http.Request) (any, error) {
	var req control.BackupRequest
	if err := Decode(r, &req); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(req.File) {
		return nil, fault.New(fault.Invalid, "backup.not_absolute", "file", printable(req.File))
	}
	head, err := d.ledger.Head(r.Context())
	if err != nil {
		return nil, err
	}
	if err := d.db.Backup(r.Context(), req.File); err != nil {
		return nil, err
	}
	b, err := examineCopy(r.Context(), req.File, head.Hash)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "backup.not_read_back", "file", req.File).Wrap(err)
	}
	_, err = d.ledger.Record(r.Context(), "store.backed_up", "store", b)
	d.drop(r.Context())
	return b, err
}

// examineCopy looks at a backup as a stranger would. known is a head that it
// must contain.
func examineCopy(ctx context.Context, file string, known ledger.Hash) (b control.Backup, err error) {
	b = control.Backup{File: file, Wrong: []string{}}
	if b.SHA256, b.Bytes, err = digest(file); err != nil {
		return b, err
	}
	copied, err := store.OpenCopy(file)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	wrong, err := store.Check(ctx, copied)
	if err != nil {
		return b, err
	}
	report, err := ledger.Verify(ctx, copied, known)
	if err != nil {
		return b, err
	}
	b.Wrong = append(b.Wrong, wrong...)
	for _, br := range report.Breaks {
		b.Wrong = append(b.Wrong, fmt.Sprintf("ledger entry %d: %s: %s", br.Seq, br.What, br.Detail))
	}
	b.Ledger = control.Ledger{Entries: report.Entries, Head: report.Head.Hash}
	b.Verdict = ledger.Verified
	if len(b.Wrong) > 0 {
		b.Verdict = ledger.Refuted
	}
	return b, nil
}

func digest(file string) (sum string, size uint64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), uint64(max(n, 0)), err //nolint:gosec // a length is never negative
}

// streamLedger answers with a line of JSON for each entry. After it has begun
// an error is a last line {"error": …}.
func (d *daemon) streamLedger(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	subject := query.Get("subject")
	last, err := strconv.Atoi(query.Get("last"))
	if query.Get("last") == "" {
		last, err = 0, nil
	}
	follow := query.Get("follow") == "true"
	if err != nil || last < 0 {
		writeFault(w, fault.New(fault.Invalid, "ledger.not_a_count", "value", printable(query.Get("last"))))
		return
	}
	w.Header().Set("Content-Type", "application/jsonl") // until a fault says another
	out := jsontext.NewEncoder(w)
	begun := false
	flush := func() error {
		begun = true
		return http.NewResponseController(w).Flush()
	}
	for e, err := range d.entries(r.Context(), control.Slice{Subject: subject, Last: last, Follow: follow}, flush) {
		if err != nil && !begun {
			writeFault(w, err)
			return
		}
		if err != nil {
			_ = json.MarshalEncode(out, control.ErrorBody{Error: control.Encode(err)})
			return
		}
		begun = true
		if json.MarshalEncode(out, e) != nil {
			return // the client has gone
		}
	}
}

// entries yields a part of the ledger and, where they are wanted, the entries
// that come, until the daemon leaves. rest is called before each wait for them,
// and ends it by an error.
func (d *daemon) entries(ctx context.Context, s control.Slice, rest func() error) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		// Taken before the first read: an entry between the two is not missed.
		news := d.ledger.News()
		entries, after, err := d.slice(ctx, s.Subject, s.Last)
		if err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		for {
			for e, err := range entries {
				if !yield(e, err) || err != nil {
					return
				}
				after = e.Seq
			}
			if !s.Follow || rest() != nil {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-d.leaving:
				return
			case <-news:
			}
			news = d.ledger.News()
			entries = d.ledger.Entries(ctx, after, s.Subject)
		}
	}
}

// slice is the first part of a stream, and the entry after which to go on.
func (d *daemon) slice(ctx context.Context, subject string, last int) (iter.Seq2[ledger.Entry, error], int64, error) {
	if last == 0 {
		return d.ledger.Entries(ctx, 0, subject), 0, nil
	}
	head, err := d.ledger.Head(ctx)
	if err != nil {
		return nil, 0, err
	}
	newest, err := d.ledger.Last(ctx, last, subject)
	if err != nil {
		return nil, 0, err
	}
	after := head.Seq
	if len(newest) > 0 {
		after = max(after, newest[len(newest)-1].Seq)
	}
	return func(yield func(ledger.Entry, error) bool) {
		for _, e := range newest {
			if !yield(e, nil) {
				return
			}
		}
	}, after, nil
}

// examination is what is recorded after a crash.
type examination struct {
	Wrong   []string       `json:"wrong"`
	Verdict ledger.Verdict `json:"verdict"`
	Ledger  control.Ledger `json:"ledger"`
	TookMS  int64          `json:"took_ms"`
}

// examine reads the whole store once, because the daemon before this one did
// not end by itself, and says what it found. It runs beside the work: what is
// in the store is durable, and only damage of the disk could have changed it.
func (d *daemon) examine(ctx context.Context) error {
	began := time.Now()
	wrong, err := store.Check(ctx, d.db.Reader().DB)
	if err != nil {
		return d.db.Explain(err)
	}
	report, err := ledger.Verify(ctx, d.db.Reader().DB, d.anchor.head.Hash)
	if err != nil {
		return d.db.Explain(err)
	}
	e := examination{
		Wrong: wrong, Verdict: report.Verdict, TookMS: time.Since(began).Milliseconds(),
		Ledger: control.Ledger{Entries: report.Entries, Head: report.Head.Hash},
	}
	if len(wrong) > 0 {
		e.Verdict = ledger.Refuted
		d.problems.set("store", control.NewProblem("problem.store_damaged", "file", d.db.Path()))
	}
	if len(report.Breaks) > 0 && !d.anchor.lost {
		d.problems.set("ledger", control.NewProblem("problem.ledger_broken", "seq", report.Breaks[0].Seq))
	}
	d.Log.Info("store examined after a crash", "verdict", string(e.Verdict), "wrong", len(wrong), "breaks", len(report.Breaks), "took_ms", e.TookMS)
	if _, err := d.ledger.Record(ctx, "store.examined", "store", e); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}
