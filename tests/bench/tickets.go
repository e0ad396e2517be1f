package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/sheets/local"
)

const manyTickets = 10_000

// ticketRow is row n of a table of tickets, the header for 0.
func ticketRow(n int) []string {
	if n == 0 {
		return []string{"ID", "概要", "詳細", "ステータス", "承認"}
	}
	id := ticketID(n)
	return []string{id, "抽出の概要 " + id, "詳細な説明\n- 一つ目\n- 二つ目 " + id, "起票", ""}
}

func ticketID(n int) string { return fmt.Sprintf("INTG-%06d", n) }

// rowsUpTo gives the header and n rows.
func rowsUpTo(n int) func() ([]string, error) {
	at := -1
	return func() ([]string, error) {
		if at++; at > n {
			return nil, io.EOF
		}
		return ticketRow(at), nil
	}
}

// tickets measures what one caller waits for on the socket, with the embedded
// sheet.
func (b *bench) tickets(ctx context.Context) (rows []row, err error) {
	dir, env := b.home("tickets")
	if _, err := b.call(ctx, env, "up", "--background"); err != nil {
		return nil, err
	}
	c, err := control.Dial(ctx, config.Home(dir), control.Build{Version: "bench"})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer func() {
		_, down := b.call(ctx, env, "down")
		err = errors.Join(err, down)
	}()
	if _, err := c.ImportSheet(ctx, "Tracker", true, rowsUpTo(manyTickets)); err != nil {
		return nil, err
	}
	if _, err := c.Sync(ctx); err != nil {
		return nil, err
	}
	const runs = 300
	floor, err := waited(runs, func(int) error { _, err := c.Status(ctx); return err })
	if err != nil {
		return nil, err
	}
	for _, m := range []struct {
		what  string
		limit time.Duration
		do    func(i int) error
	}{
		{"update of a ticket, verified", 5 * time.Millisecond, func(i int) error {
			return verified(c.UpdateTicket(ctx, control.UpdateTicket{
				Ticket: ticketID(i*31 + 1), Fields: map[string]string{"summary": "新しい概要 " + strconv.Itoa(i)},
			}))
		}},
		{"new ticket with its folder and two documents, verified", 5 * time.Millisecond, func(i int) error {
			return verified(c.CreateTicket(ctx, control.CreateTicket{
				Fields: map[string]string{"summary": "起票 " + strconv.Itoa(i), "detail": "詳細\n二行目"},
			}))
		}},
		{"one ticket read", time.Millisecond, func(i int) error { _, err := c.Ticket(ctx, ticketID(i*31+1), ""); return err }},
		{"list page of 50", 5 * time.Millisecond, func(int) error {
			_, err := c.Tickets(ctx, control.TicketQuery{Limit: 50})
			return err
		}},
		{"list page of 50 that hold a text", 5 * time.Millisecond, func(i int) error {
			_, err := c.Tickets(ctx, control.TicketQuery{Limit: 50, Text: "00" + strconv.Itoa(i%10)})
			return err
		}},
	} {
		took, err := waited(runs, m.do)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.what, err)
		}
		rows = append(rows, row{
			what: fmt.Sprintf("%s, %d tickets in the embedded sheet, through the socket, median of %d", m.what, manyTickets, runs),
			ours: ms(took), floor: "`status` through the socket " + ms(floor), ratio: fmt.Sprintf("%.1f ×", float64(took)/float64(floor)),
			wanted: "≤ " + ms(m.limit), met: took <= m.limit,
		})
	}
	return rows, nil
}

func waited(runs int, do func(i int) error) (time.Duration, error) {
	all := make([]time.Duration, runs)
	for i := range all {
		began := time.Now()
		if err := do(i); err != nil {
			return 0, err
		}
		all[i] = time.Since(began)
	}
	return median(all), nil
}

func verified(w control.Write, err error) error {
	if err == nil && w.Verdict != ledger.Verified {
		err = fmt.Errorf("%s: %s: %s", w.Ticket, w.Verdict, w.Reason)
	}
	return err
}

// quota counts the verified updates of a minute against a server that lets as
// many requests through as Google does.
func (b *bench) quota(ctx context.Context) (rows []row, err error) {
	const perMinute, callers, wanted = 60, 400, 3000
	d, err := openDesk(ctx, filepath.Join(b.dir, "quota.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if _, err := d.server.Import(ctx, "Tracker", true, rowsUpTo(callers)); err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var requests atomic.Int64
	limited := local.Quota(d.server, perMinute, time.Now)
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		limited.ServeHTTP(w, r)
	})}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) }) // ends with the Close below
	defer serving.Wait()
	defer server.Close() //nolint:errcheck // nobody is connected any more

	dir, env := b.home("quota")
	env = append(env, "URATORI_TRACKER_ENDPOINT=http://"+l.Addr().String()+"/")
	if _, err := b.call(ctx, env, "up", "--background"); err != nil {
		return nil, err
	}
	defer func() {
		_, down := b.call(ctx, env, "down")
		err = errors.Join(err, down)
	}()
	c, err := control.Dial(ctx, config.Home(dir), control.Build{Version: "bench"})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if _, err := c.Sync(ctx); err != nil {
		return nil, err
	}
	before := requests.Load()
	if err := verified(c.UpdateTicket(ctx, control.UpdateTicket{Ticket: ticketID(1), Fields: map[string]string{"summary": "ひとつ"}})); err != nil {
		return nil, err
	}
	lone := requests.Load() - before
	rows = append(rows, row{what: "requests of a lone verified update", ours: strconv.FormatInt(lone, 10), wanted: "≤ 3", met: lone <= 3})

	minute, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var done atomic.Int64
	var failed error
	var once sync.Once
	before = requests.Load()
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n := 0; minute.Err() == nil; n++ {
				w, err := c.UpdateTicket(minute, control.UpdateTicket{
					Ticket: ticketID(i + 1), Fields: map[string]string{"detail": fmt.Sprintf("更新 %d\n%d 回目", i, n)}, WaitMS: time.Minute.Milliseconds(),
				})
				if minute.Err() != nil {
					return
				}
				if err := verified(w, err); err != nil {
					once.Do(func() { failed = err })
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	if failed != nil {
		return nil, failed
	}
	share := float64(requests.Load()-before) / float64(max(done.Load(), 1))
	return append(rows, row{
		what:  fmt.Sprintf("verified updates in a minute, %d callers, a server with Google's quota of %d reads and %d writes a minute", callers, perMinute, perMinute),
		ours:  fmt.Sprintf("%d, %.3f requests each", done.Load(), share),
		floor: "one at a time, with three requests each: at most 30", ratio: fmt.Sprintf("%.0f ×", float64(done.Load())/30),
		wanted: fmt.Sprintf("≥ %d, ≤ 0.05 requests", wanted), met: done.Load() >= wanted && share <= 0.05,
	}), nil
}
