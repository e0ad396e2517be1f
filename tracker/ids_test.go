package tracker

import (
	"context"
	"strings"
	"testing"
	"time"

	"uratori/internal/ledger"
)

func TestNewIDs_AreNumbersThatPeopleCanRead_WhateverWasTyped(t *testing.T) {
	for name, id := range map[string]string{
		"zeros": "INTG-" + strings.Repeat("0", 300) + "7", "largest": "INTG-9223372036854775807",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				for range 2 {
					ctx, cancel := h.limit()
					r, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "s"}})
					cancel()
					if digits, ok := strings.CutPrefix(r.Ticket, "INTG-"); err != nil || r.Verdict != ledger.Verified || !ok || len(digits) > 20 || strings.Trim(digits, "0123456789") != "" {
						t.Errorf("%.60s, %d characters, %s %v", r.Ticket, len(r.Ticket), r.Verdict, err)
					}
				}
			}, []string{"INTG-001", "一"}, []string{id, "二"})
		})
	}
}

func TestIDsThatWereUsedOnce_AreNotGivenAgain(t *testing.T) {
	t.Run("ours", func(t *testing.T) {
		bubble(t, func(h *house) {
			h.look()
			h.file(Draft{ID: "INTG-003", Fields: map[string]string{"summary": "s"}})
			h.deleteRow(3)
			h.look()
			for range 2 {
				if r := h.file(Draft{Fields: map[string]string{"summary": "s"}}); r.Ticket == "INTG-003" {
					t.Errorf("%+v", r)
				}
			}
		}, []string{"INTG-001", "一"})
	})
	t.Run("a person's", func(t *testing.T) {
		bubble(t, func(h *house) {
			h.look()
			h.put("A3", []string{"INTG-002", "二"})
			h.look()
			h.deleteRow(3)
			h.look()
			h.kill()
			h.start()
			h.look()
			if r := h.file(Draft{Fields: map[string]string{"summary": "s"}}); r.Ticket == "INTG-002" {
				t.Errorf("%+v", r)
			}
		}, []string{"INTG-001", "一"})
	})
}

// Google makes dates of ids like 11-21.
func TestTicketWhoseIDIsADate_DoesNotStopTheOthers(t *testing.T) {
	bubble(t, func(h *house) {
		h.rest("PUT", "/values/A3?valueInputOption=USER_ENTERED", map[string]any{"values": [][]string{{"2026/11/21"}}}, nil)
		h.look()
		begun := h.way.Count()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		r, err := h.Update(ctx, Change{Ticket: "2026/11/21", Fields: map[string]string{"summary": "新しい二"}})
		if err == nil && r.Verdict != ledger.Verified && !r.Queued {
			t.Errorf("%+v %v", r, err)
		}
		if r.Queued {
			t.Errorf("has no verdict: %v", r.Reason)
		}
		if n := h.way.Count() - begun; n > 30 {
			t.Errorf("%d requests", n)
		}
		if r := h.change("INTG-001", "summary", "新しい一"); r.Verdict != ledger.Verified {
			t.Errorf("another ticket: %+v", r)
		}
	}, []string{"INTG-001", "一"}, []string{"x", "二"})
}
