package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

// filed files a ticket whose text a sheet would like to make something else of.
func (d *demo) filed(ctx context.Context) error {
	const detail = "=1+1\n- 一行目\n┌─┐"
	d.tell("demo.file")
	out, err := d.run(ctx, d.home, "ticket", "create", "--summary", "demo", "--detail", detail, "--json")
	if err != nil {
		return err
	}
	var w control.Write
	if err := json.Unmarshal(out, &w); err != nil {
		return err
	}
	d.ticket = w.Ticket
	row, err := d.row(ctx)
	if err != nil {
		return err
	}
	d.prove("filed", w.Verdict == ledger.Verified && slices.Contains(row, detail), d.lang.Say("demo.file_proof", "ticket", w.Ticket, "row", w.Row))
	return nil
}

// edited has a person edit the ticket, and an agent that has not seen it write.
func (d *demo) edited(ctx context.Context) error {
	const theirs = "edited by a person"
	d.tell("demo.edit")
	if err := d.edit(ctx, "Tracker!B2", theirs); err != nil {
		return err
	}
	_, err := d.run(ctx, d.home, "ticket", "update", d.ticket, "--summary", "written by an agent", "--json")
	status := exitDone
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status = exit.ExitCode()
	} else if err != nil {
		return err
	}
	row, err := d.row(ctx)
	if err != nil {
		return err
	}
	d.prove("edited", status == exitConflict && slices.Contains(row, theirs), d.lang.Say("demo.edit_proof", "status", status))
	return nil
}

// row is the ticket's, as the embedded sheet itself gives it out.
func (d *demo) row(ctx context.Context) (found []string, err error) {
	c, err := control.Dial(ctx, config.Home(d.home), d.build)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	err = c.ExportSheet(ctx, "Tracker", func(row []string) error {
		if slices.Contains(row, d.ticket) {
			found = row
		}
		return nil
	})
	return found, err
}

// edit writes a cell as any program of a person's may.
func (d *demo) edit(ctx context.Context, cell, text string) error {
	c, err := control.Dial(ctx, config.Home(d.home), d.build)
	if err != nil {
		return err
	}
	defer c.Close()
	raw, err := json.Marshal(map[string]any{"values": [][]string{{text}}})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://sheet/v4/spreadsheets/local/values/"+cell+"?valueInputOption=RAW", strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.Sheet().RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only its status counts
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("edit %s: %s", cell, answer.Status)
	}
	return nil
}
