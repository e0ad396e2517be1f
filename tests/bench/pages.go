package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/chromedp"

	"uratori/internal/config"
	"uratori/internal/control"
)

const (
	pageEntries = 10_000 // of the ledger, nearly all of them of one ticket
	pageClients = 200
)

// stand is a daemon with a ticket that much has happened to.
type stand struct {
	*bench
	env    []string
	c      *control.Client
	base   string
	pid    int
	ticket string
	n      int // updates so far
}

// pages measures the pages of a ticket that nearly all of a ledger is about.
func (b *bench) pages(ctx context.Context) (rows []row, err error) {
	dir, env := b.home("pages")
	if _, err := b.call(ctx, env, "up", "--background"); err != nil {
		return nil, err
	}
	s := &stand{bench: b, env: env}
	defer func() {
		_, down := b.call(ctx, env, "down")
		err = errors.Join(err, down)
	}()
	if s.c, err = control.Dial(ctx, config.Home(dir), control.Build{Version: "bench"}); err != nil {
		return nil, err
	}
	defer s.c.Close()
	filed, err := s.c.CreateTicket(ctx, control.CreateTicket{Fields: map[string]string{"summary": "抽出の自動化", "detail": strings.Repeat("詳細な説明の一行\n", 40)}})
	if err := verified(filed, err); err != nil {
		return nil, err
	}
	s.ticket = filed.Ticket
	for {
		status, err := s.c.Status(ctx)
		if err != nil {
			return nil, err
		}
		if s.base, s.pid = status.Dashboard, status.Daemon.PID; status.Ledger.Entries >= pageEntries {
			break
		}
		for range 500 {
			if err := s.update(ctx); err != nil {
				return nil, err
			}
		}
	}
	for _, measure := range []func(context.Context) ([]row, error){s.firstPaint, s.pixel, s.crowd} {
		some, err := measure(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// update is something that happens to the ticket.
func (s *stand) update(ctx context.Context) error {
	s.n++
	return verified(s.c.UpdateTicket(ctx, control.UpdateTicket{Ticket: s.ticket, Fields: map[string]string{"summary": s.summary()}}))
}

func (s *stand) summary() string { return "抽出の自動化 " + strconv.Itoa(s.n) }

func (s *stand) page() string { return "/tracker/" + url.PathEscape(s.ticket) }

// firstPaint is how long the page of the ticket takes on the server, and how
// large it is on its way.
func (s *stand) firstPaint(ctx context.Context) ([]row, error) {
	const runs, timeLimit, sizeLimit = 30, 200 * time.Millisecond, 150_000
	var size int64
	took, err := waited(runs, func(int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+s.page(), nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close() //nolint:errcheck // only read from
		counted := &counter{r: res.Body}
		unpacked, err := gzip.NewReader(counted)
		if err != nil {
			return err
		}
		html, err := io.ReadAll(unpacked)
		if err == nil && (res.StatusCode != http.StatusOK || !strings.Contains(string(html), s.summary())) {
			err = fmt.Errorf("%s: %s", s.page(), res.Status)
		}
		size = counted.n
		return err
	})
	if err != nil {
		return nil, err
	}
	check, err := waited(5, func(int) error { _, err := s.c.Glance(ctx, s.ticket); return err })
	if err != nil {
		return nil, err
	}
	return []row{
		{
			fmt.Sprintf("page of a ticket that most of %d entries are about, whole, median of %d", pageEntries, runs), ms(took),
			"its fact check, which no page waits for, " + ms(check), "", "≤ " + ms(timeLimit), took <= timeLimit,
		},
		{"the same page on its way", fmt.Sprintf("%.1f kB", float64(size)/1000), "", "", "≤ 150 kB", size <= sizeLimit},
	}, nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// pixel is how long it takes from the moment at which a write is asked for until
// Chromium has painted the text on the page that is open.
func (s *stand) pixel(ctx context.Context) ([]row, error) {
	const chromium, runs, limit = "/usr/bin/chromium", 20, 500 * time.Millisecond
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(s.dir, "profile")))
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	defer stop()
	tab, end := chromedp.NewContext(allocator)
	defer end()
	if err := chromedp.Do(tab, chromedp.Navigate(s.base+s.page())); err != nil {
		return nil, err
	}
	if _, err := chromedp.Run(tab, chromedp.Poll[bool](`document.querySelector("#live.on") !== null`)); err != nil {
		return nil, err
	}
	script := `window.seen = {};
		const note = () => { const text = document.querySelector("h1").innerText; if (!(text in seen)) { seen[text] = 0; requestAnimationFrame(() => setTimeout(() => { seen[text] = performance.timeOrigin + performance.now(); })); } };
		new MutationObserver(note).observe(document.getElementById("ticket-head"), {subtree: true, childList: true, characterData: true});`
	if err := chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		return nil, err
	}
	var all []time.Duration
	for range runs {
		at := time.Now()
		if err := s.update(ctx); err != nil {
			return nil, err
		}
		painted, err := chromedp.Run(tab, chromedp.Poll[float64](fmt.Sprintf(`Object.entries(seen).find(([text, at]) => at && text.endsWith(%q))?.[1]`, s.summary())))
		if err != nil {
			return nil, err
		}
		all = append(all, time.UnixMicro(int64(painted*1000)).Sub(at))
		time.Sleep(time.Second) // one thing a second
	}
	worst := all[0]
	for _, one := range all {
		worst = max(worst, one)
	}
	return []row{{
		fmt.Sprintf("a write is asked for → verified, and painted by Chromium on that page, median of %d", runs), ms(median(all)),
		"worst " + ms(worst), "", "≤ " + ms(limit), median(all) <= limit,
	}}, nil
}

// crowd is what many open pages cost while one thing a second happens.
func (s *stand) crowd(ctx context.Context) ([]row, error) {
	const window, most = 15 * time.Second, 10.0
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var got atomic.Int64
	var open sync.WaitGroup
	defer open.Wait()
	defer cancel()
	for range pageClients {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/events?"+url.Values{"page": {s.page()}}.Encode(), nil)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		if res.StatusCode != http.StatusOK {
			_ = res.Body.Close()
			return nil, fmt.Errorf("a feed: %s", res.Status)
		}
		open.Go(func() {
			defer res.Body.Close() //nolint:errcheck // only read from
			lines := bufio.NewScanner(res.Body)
			lines.Buffer(nil, 1<<20)
			for lines.Scan() {
				if strings.HasPrefix(lines.Text(), "data: ") {
					got.Add(1)
				}
			}
		})
		time.Sleep(20 * time.Millisecond) // as many a second as one address may
	}
	quiet, err := s.cost(ctx, window, 0)
	if err != nil {
		return nil, err
	}
	before := got.Load()
	busy, err := s.cost(ctx, window, time.Second)
	if err != nil {
		return nil, err
	}
	if each := float64(got.Load()-before) / pageClients / window.Seconds(); each < 0.9 {
		return nil, fmt.Errorf("each page was sent %.1f pieces a second", each)
	}
	return []row{{
		fmt.Sprintf("%d open pages of that ticket, to which something happens each second: processor time of the daemon", pageClients), fmt.Sprintf("%.1f %% of a core", busy),
		fmt.Sprintf("while nothing happens %.1f %%", quiet), "", "< 10 %", busy < most,
	}}, nil
}

// cost is the share of one core that the daemon takes while something happens
// at an interval, 0 for nothing.
func (s *stand) cost(ctx context.Context, window, every time.Duration) (float64, error) {
	before, err := processorTime(s.pid)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for time.Since(began) < window {
		if every == 0 {
			time.Sleep(window)
			break
		}
		next := time.Now().Add(every)
		if err := s.update(ctx); err != nil {
			return 0, err
		}
		time.Sleep(time.Until(next))
	}
	after, err := processorTime(s.pid)
	return 100 * (after - before).Seconds() / time.Since(began).Seconds(), err
}

// processorTime is what a process has used so far.
func processorTime(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 everywhere that Go runs on
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	user, err := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, errors.Join(err, err2)
}
