// Package embedded brings the embedded sheet into the daemon: its spreadsheet,
// the Sheets interface on the socket, people's edits, and moving tables in and
// out.
package embedded

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/sheets/local"
)

// Sheet is the embedded sheet of one daemon. Its server is there once the part
// is open.
type Sheet struct {
	server *local.Server
	way    *local.Transport
}

// Part is the embedded sheet as a part of the daemon.
func (s *Sheet) Part() daemon.Part {
	return daemon.Part{Schema: local.Schema(), Open: s.open}
}

// Transport is the way to the server within this process. Parts that open
// after this one may use it.
func (s *Sheet) Transport() *local.Transport { return s.way }

// Changes counts the changes of the sheet; see [local.Server.Changes].
func (s *Sheet) Changes() int64 { return s.server.Changes() }

func (s *Sheet) open(ctx context.Context, h daemon.House) (daemon.Tenant, error) {
	server, err := local.New(ctx, h.DB, local.Options{
		NewID: rand.Text, Year: func() int { return h.Now().Year() },
		Fault: func(err error) { h.Log.Error("the embedded sheet could not answer", "error", err) },
	})
	if err != nil {
		return daemon.Tenant{}, err
	}
	s.server, s.way = server, local.NewTransport(server)
	if err := server.Ensure(ctx, "uratori", h.Config.Tracker.Sheet, header(h.Config.Tracker.Columns)); err != nil {
		return daemon.Tenant{}, err
	}
	d := &desk{house: h, sheet: s, epoch: rand.Text()}
	return daemon.Tenant{Routes: []daemon.Route{
		{Pattern: "GET " + control.SheetPath, Handle: d.page},
		{Pattern: "POST " + control.SheetEditPath, Handle: d.edit},
		{Pattern: "/v4/", Serve: server},
		{Pattern: "POST " + control.SheetImportPath, Handle: func(r *http.Request) (any, error) { return importTab(server, r) }},
		{Pattern: "GET " + control.SheetExportPath, Stream: func(r *http.Request, yield func(any) error) error {
			return server.Export(r.Context(), r.URL.Query().Get("tab"), func(row []string) error { return yield(row) })
		}},
	}}, nil
}

func header(c config.Columns) []string {
	return []string{c.ID, c.Summary, c.Detail, c.Status, c.Approval}
}

// importTab reads the rows as lines of JSON. The last line must say that it is
// the last: a sender that died half way leaves nothing behind.
func importTab(server *local.Server, r *http.Request) (any, error) {
	replace, err := strconv.ParseBool(r.URL.Query().Get("replace"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
	}
	lines := jsontext.NewDecoder(bufio.NewReaderSize(r.Body, 64<<10))
	return server.Import(r.Context(), r.URL.Query().Get("tab"), replace, func() ([]string, error) {
		var line control.SheetRow
		switch err := json.UnmarshalDecode(lines, &line, json.RejectUnknownMembers(true)); {
		case errors.Is(err, io.EOF):
			return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(io.ErrUnexpectedEOF)
		case err != nil:
			return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
		case line.End:
			return nil, io.EOF
		}
		return line.Row, nil
	})
}
