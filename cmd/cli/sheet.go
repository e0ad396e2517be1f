package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets/front"
	"uratori/sheets/local"
	"uratori/sheets/tabfile"
)

func (a *app) sheetCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "sheet", Short: a.lang.Say("cli.sheet.short")})
	cmd.AddCommand(a.sheetServe(), a.sheetImport(), a.sheetExport())
	return cmd
}

func (a *app) sheetServe() *cobra.Command {
	var listen string
	var quota int
	cmd := &cobra.Command{
		Use: "serve", Short: a.lang.Say("cli.sheet.serve.short"), Long: a.lang.Say("cli.sheet.serve.long"), Example: a.lang.Say("cli.sheet.serve.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if quota < 0 {
				return fault.New(fault.Invalid, "cli.sheet.serve.bad_quota", "quota", quota)
			}
			return a.serveSheet(cmd.Context(), listen, quota)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8090", a.lang.Say("cli.sheet.serve.flag.listen"))
	cmd.Flags().IntVar(&quota, "quota", 0, a.lang.Say("cli.sheet.serve.flag.quota"))
	return cmd
}

// served is where the embedded sheet is found.
type served struct {
	URL         string `json:"url"`
	Spreadsheet string `json:"spreadsheet"`
	TokenFile   string `json:"token_file"`
}

// serveLimit is how long the requests in hand may take when the command ends.
const serveLimit = 5 * time.Second

func (a *app) serveSheet(ctx context.Context, listen string, quota int) error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	l, err := front.Listen(ctx, listen)
	if err != nil {
		return err
	}
	defer l.Close() //nolint:errcheck // the server closes it first
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	file := filepath.Join(string(home), "sheet.token")
	token, err := front.Token(file)
	if err != nil {
		return err
	}
	var way http.Handler = &httputil.ReverseProxy{
		Rewrite:      func(*httputil.ProxyRequest) {},
		Transport:    c.Sheet(),
		ErrorHandler: front.Unreachable,
	}
	if quota > 0 {
		way = local.Quota(way, quota, time.Now)
	}
	door := &front.Door{Next: way, Token: token, Peer: front.Peer, UID: os.Getuid()}
	server := &http.Server{
		Handler: door, ConnContext: door.ConnContext,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	s := served{URL: "http://" + l.Addr().String() + "/", Spreadsheet: local.Book, TokenFile: file}
	if a.json {
		a.print(s)
	} else {
		a.say("cli.sheet.serve.at", "url", s.URL, "spreadsheet", s.Spreadsheet, "file", file)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fault.New(fault.Failed, "cli.sheet.serve.ended").Wrap(err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), serveLimit)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = server.Close() // those that did not end in time
	}
	<-done
	return nil
}

// trackerTab is the tab that is meant when none is named.
func (a *app) trackerTab(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return "", err
	}
	c, err := config.Load(home, a.environ)
	if err != nil {
		return "", err
	}
	return c.Tracker.Sheet, nil
}

// moved is the answer of an import or export.
type moved struct {
	File     string         `json:"file"`
	Tab      string         `json:"tab"`
	Rows     int            `json:"rows"`
	Columns  int            `json:"columns"`
	Encoding string         `json:"encoding,omitempty"`
	Formulas int            `json:"formulas,omitzero"` // read as the values that they had
	Verdict  ledger.Verdict `json:"verdict"`
}

func (a *app) sheetImport() *cobra.Command {
	var tab, encoding, from string
	var replace bool
	cmd := &cobra.Command{
		Use: "import FILE", Short: a.lang.Say("cli.sheet.import.short"), Long: a.lang.Say("cli.sheet.import.long"), Example: a.lang.Say("cli.sheet.import.example"),
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			tab, err := a.trackerTab(tab)
			if err != nil {
				return err
			}
			r, err := tabfile.Open(args[0], tabfile.ReadOptions{Encoding: tabfile.Encoding(encoding), Sheet: from})
			if err != nil {
				return err
			}
			m, err := a.importSheet(cmd.Context(), r, tab, replace)
			if err := errors.Join(err, r.Close()); err != nil {
				return err
			}
			m.File = args[0]
			return a.tellImport(m)
		},
	}
	cmd.Flags().StringVar(&tab, "tab", "", a.lang.Say("cli.sheet.flag.tab"))
	cmd.Flags().StringVar(&encoding, "encoding", "", a.lang.Say("cli.sheet.import.flag.encoding"))
	cmd.Flags().StringVar(&from, "from", "", a.lang.Say("cli.sheet.import.flag.from"))
	cmd.Flags().BoolVar(&replace, "replace", false, a.lang.Say("cli.sheet.import.flag.replace"))
	return cmd
}

// importSheet sends a table and reads it back: what was said to have arrived
// is compared with what is there.
func (a *app) importSheet(ctx context.Context, r *tabfile.Reader, tab string, replace bool) (m moved, err error) {
	c, err := a.connect(ctx)
	if err != nil {
		return m, err
	}
	defer c.Close()
	sent := newTableSum()
	size, err := c.ImportSheet(ctx, tab, replace, func() ([]string, error) {
		row, err := r.Next()
		if err == nil {
			err = sent.add(row)
		}
		return row, err
	})
	if err != nil {
		return m, err
	}
	there := newTableSum()
	if err := c.ExportSheet(ctx, tab, there.add); err != nil {
		return m, fault.New(fault.Unavailable, "cli.sheet.import.unread", "tab", tab).Wrap(err)
	}
	m = moved{Tab: tab, Rows: size.Rows, Columns: size.Columns, Encoding: string(r.Encoding()), Formulas: r.Formulas(), Verdict: ledger.Refuted}
	if bytes.Equal(sent.Sum(nil), there.Sum(nil)) && sent.rows == there.rows {
		m.Verdict = ledger.Verified
	}
	return m, nil
}

func (a *app) tellImport(m moved) error {
	if a.json {
		a.print(m)
		return judged(m.Verdict)
	}
	if m.Verdict == ledger.Verified {
		a.line("cli.sheet.import.good", a.mark(m.Verdict), "rows", m.Rows, "columns", m.Columns, "tab", m.Tab)
	} else {
		a.line("cli.sheet.import.bad", a.mark(m.Verdict), "tab", m.Tab)
	}
	if m.Formulas > 0 {
		a.say("cli.sheet.import.formulas", "count", m.Formulas)
	}
	return judged(m.Verdict)
}

// tableSum is a digest of rows without the blanks at their ends.
type tableSum struct {
	hash.Hash
	rows, blank int
}

func newTableSum() *tableSum { return &tableSum{Hash: sha256.New()} }

func (s *tableSum) add(row []string) error {
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	if len(row) == 0 {
		s.blank++ // counts when something follows
		return nil
	}
	for ; s.blank > 0; s.blank-- {
		s.rows++
		if _, err := io.WriteString(s, "[]\n"); err != nil {
			return err
		}
	}
	s.rows++
	line, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = s.Write(append(line, '\n'))
	return err
}

func (a *app) sheetExport() *cobra.Command {
	var tab, encoding string
	var overwrite, crlf bool
	cmd := &cobra.Command{
		Use: "export FILE", Short: a.lang.Say("cli.sheet.export.short"), Long: a.lang.Say("cli.sheet.export.long"), Example: a.lang.Say("cli.sheet.export.example"),
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			tab, err := a.trackerTab(tab)
			if err != nil {
				return err
			}
			format, err := tabfile.FormatOf(args[0])
			if err != nil {
				return err
			}
			o := tabfile.WriteOptions{Format: format, Encoding: tabfile.Encoding(encoding), CRLF: crlf, Overwrite: overwrite}
			if format == tabfile.XLSX {
				o.Sheet = tab
			}
			return a.exportSheet(cmd.Context(), tab, args[0], o)
		},
	}
	cmd.Flags().StringVar(&tab, "tab", "", a.lang.Say("cli.sheet.flag.tab"))
	cmd.Flags().StringVar(&encoding, "encoding", "", a.lang.Say("cli.sheet.export.flag.encoding"))
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, a.lang.Say("cli.sheet.export.flag.overwrite"))
	cmd.Flags().BoolVar(&crlf, "crlf", false, a.lang.Say("cli.sheet.export.flag.crlf"))
	return cmd
}

// exportSheet writes a table to a file and reads the file back.
func (a *app) exportSheet(ctx context.Context, tab, file string, o tabfile.WriteOptions) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	w, err := tabfile.Create(file, o)
	if err != nil {
		return err
	}
	defer w.Discard()
	sent, m := newTableSum(), moved{File: file, Tab: tab, Verdict: ledger.Refuted}
	err = c.ExportSheet(ctx, tab, func(row []string) error {
		m.Rows++
		m.Columns = max(m.Columns, len(row))
		return errors.Join(sent.add(row), w.Write(row))
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	there, err := sumOf(file, o)
	if err != nil {
		return fault.New(fault.Unavailable, "cli.sheet.export.unread", "file", file).Wrap(err)
	}
	if bytes.Equal(sent.Sum(nil), there.Sum(nil)) && sent.rows == there.rows {
		m.Verdict = ledger.Verified
	}
	switch {
	case a.json:
		a.print(m)
	case m.Verdict == ledger.Verified:
		a.line("cli.sheet.export.good", a.mark(m.Verdict), "rows", m.Rows, "columns", m.Columns, "file", file)
	default:
		a.line("cli.sheet.export.bad", a.mark(m.Verdict), "file", file)
	}
	return judged(m.Verdict)
}

func sumOf(file string, o tabfile.WriteOptions) (_ *tableSum, err error) {
	r, err := tabfile.Open(file, tabfile.ReadOptions{Encoding: o.Encoding, Sheet: o.Sheet})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum := newTableSum()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return sum, nil
		}
		if err == nil {
			err = sum.add(row)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s back: %w", file, err)
		}
	}
}
