// Command scribe is the daemon with one part more, which writes a row and its
// ledger entry in one transaction on request. The crash tests kill it.
package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	home, err := config.FindHome(os.Getenv)
	if err != nil {
		return err
	}
	c, err := config.Load(home, os.Environ())
	if err != nil {
		return err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return daemon.Run(ctx, daemon.Options{
		Config: c, Build: control.Build{Version: "scribe"}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Ready: func() {},
		Parts: []daemon.Part{{Schema: store.Schema{Name: "scribe", FS: dir}, Open: openScribe}},
	})
}

type line struct {
	Writer string `json:"writer"`
	N      int    `json:"n"`
}

func openScribe(_ context.Context, h daemon.House) (daemon.Tenant, error) {
	write := func(r *http.Request) (any, error) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil {
			return nil, err
		}
		l := line{Writer: r.URL.Query().Get("writer"), N: n}
		var e ledger.Entry
		err = h.DB.Write(r.Context(), func(tx *store.Tx) error {
			if e, err = h.Ledger.Append(tx, "scribe.wrote", l.Writer, l); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO scribe (seq, writer, n) VALUES (?, ?, ?)`, e.Seq, l.Writer, l.N)
			return err
		})
		return e, err
	}
	return daemon.Tenant{Routes: []daemon.Route{{Pattern: "POST /v1/scribe", Handle: write}}}, nil
}
