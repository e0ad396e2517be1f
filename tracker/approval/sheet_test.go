package approval

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"uratori/internal/ledger"
)

const google = "|1AbC|Tracker"

func newSheetOffice(t *testing.T) *office {
	o := newOffice(t)
	o.sheet = &SheetChannel{Book: google, Column: func(header string) bool { return header == "承認" }}
	o.again()
	o.read()
	return o
}

// read is what Follow does until nothing is left.
func (o *office) read() {
	o.t.Helper()
	seq, err := o.beginReading(context.Background())
	if err == nil {
		_, _, err = o.catchUp(context.Background(), seq, seq)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) edits(ticket, column, book, text string) ledger.Entry {
	o.t.Helper()
	e, err := o.ledger.Record(context.Background(), "tracker.edited", ticket, map[string]any{
		"book": book, "ticket": ticket, "column": column, "row": 3, "old": "", "new": text, "looked": "2026-07-01T09:00:00.000000000Z",
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return e
}

func TestSheet_APlainYesOrNo_AnswersTheQuestionThatWaits(t *testing.T) {
	for text, want := range map[string]State{
		"承認": Approved, " 承認。\n": Approved, "承認済み": Approved, "Approved": Approved, "ＯＫ": Approved, "ok": Approved, "承認します": Approved,
		"却下": Rejected, "却下：章立てが足りない": Rejected, "rejected: no tests": Rejected, "差し戻し 図を追加": Rejected,
		"": Requested, "OK?": Requested, "OK, but": Requested, "承認ではない": Requested, "未承認": Requested, "承認 条件付き": Requested, "approved by nobody": Requested,
		"承認 abc": Requested, "承認 000000": Requested, "done": Requested, "承認\x00": Requested,
	} {
		t.Run(text, func(t *testing.T) {
			o := newSheetOffice(t)
			o.ask(1)
			o.edits("INTG-088", "承認", google, text)
			o.read()
			s := o.wants(1, want)
			if want != Requested && (s.Channel != Sheet || s.Approver == "" || s.Entry == 0) {
				t.Errorf("%+v", s)
			}
			o.again()
			o.read()
			o.wants(1, want)
		})
	}
}

func TestSheet_ReasonIsThePersonsOwnWords(t *testing.T) {
	for text, want := range map[string]string{
		"却下：図３が\n古い": "図３が\n古い", "rejected:  no tests ": "no tests", "却下": "", "却下: a\x1b[2Jb": "a[2Jb", "Rejected. " + strings.Repeat("長", 5000): strings.Repeat("長", 4000),
	} {
		o := newSheetOffice(t)
		o.ask(1)
		o.edits("INTG-088", "承認", google, text)
		o.read()
		if s := o.wants(1, Rejected); s.Reason != want {
			t.Errorf("%.30q: %.60q", text, s.Reason)
		}
	}
}

func TestSheet_WhatIsNoAnswer(t *testing.T) {
	for name, edit := range map[string]func(*office){
		"another column": func(o *office) { o.edits("INTG-088", "詳細", google, "承認") },
		"another table":  func(o *office) { o.edits("INTG-088", "承認", "|local|Tracker", "承認") },
		"another ticket": func(o *office) { o.edits("INTG-089", "承認", google, "承認") },
		"a write of ours": func(o *office) {
			_, err := o.ledger.Record(context.Background(), "tracker.judged", "INTG-088", map[string]any{"book": google, "ticket": "INTG-088", "column": "承認", "new": "承認"})
			if err != nil {
				o.t.Fatal(err)
			}
		},
		"no entry of ours": func(o *office) {
			_, err := o.ledger.Record(context.Background(), "tracker.edited", "INTG-088", map[string]any{"new": 7, "column": []int{1}})
			if err != nil {
				o.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newSheetOffice(t)
			o.ask(1)
			edit(o)
			o.read()
			o.wants(1, Requested)
		})
	}
	t.Run("before it was asked", func(t *testing.T) {
		o := newSheetOffice(t)
		o.edits("INTG-088", "承認", google, "承認")
		o.ask(1)
		o.read()
		o.wants(1, Requested)
	})
	t.Run("too late", func(t *testing.T) {
		o := newSheetOffice(t)
		o.ask(1)
		o.edits("INTG-088", "承認", google, "承認")
		o.pass(72 * time.Hour)
		o.read()
		o.wants(1, Expired)
	})
	t.Run("while the sheet was no channel", func(t *testing.T) {
		o := newSheetOffice(t)
		o.ask(1)
		channel := o.sheet
		o.sheet = nil
		o.again()
		o.read()
		o.edits("INTG-088", "承認", google, "承認")
		o.sheet = channel
		o.again()
		o.read()
		o.wants(1, Requested)
	})
}

func TestSheet_WhatChangedSinceItWasAsked_WantsTheCode(t *testing.T) {
	o := newSheetOffice(t)
	o.ask(1)
	o.ask(2) // a person may still see the first
	o.edits("INTG-088", "承認", google, "承認")
	o.read()
	o.wants(2, Requested)
	o.edits("INTG-088", "承認", google, "承認 "+subject(1).Digest[:6])
	o.read()
	o.wants(2, Requested)
	if n := len(o.entries("approval.unclear")); n != 2 {
		t.Errorf("%d unclear", n)
	}
	o.edits("INTG-088", "承認", google, "承認 "+strings.ToUpper(subject(2).Digest[:8]))
	o.read()
	o.wants(2, Approved)
	// From then on there was an answer, and a plain word will do.
	o.ask(3)
	o.edits("INTG-088", "承認", google, "ok")
	o.read()
	o.wants(3, Approved)
}

func TestSheet_TwoQuestionsOfATicket_WantTheCode(t *testing.T) {
	o := newSheetOffice(t)
	o.ask(1)
	r := request(2)
	r.Step = "completion-approval"
	if _, err := o.Ask(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	o.edits("INTG-088", "承認", google, "承認")
	o.read()
	o.wants(1, Requested)
	// An edit that was none then is none when it is read once more.
	o.set(right)
	d := answer(2, right)
	d.Step = r.Step
	o.accepts(d)
	o.again()
	o.read()
	o.wants(1, Requested)
	o.edits("INTG-088", "承認", google, "承認 "+subject(1).Digest[:6])
	o.read()
	o.wants(1, Approved)
}

func TestSheet_AnswersCountWhileTheSheetIsAChannel(t *testing.T) {
	o := newSheetOffice(t)
	o.ask(1)
	o.edits("INTG-088", "承認", google, "承認")
	o.read()
	o.wants(1, Approved)
	o.sheet = nil
	o.again()
	o.wants(1, Void)
	o.set(right)
	o.ask(1)
	o.accepts(answer(1, right))
	o.wants(1, Approved)
	if n := len(o.entries("approval.tampered")); n != 0 {
		t.Error("a change of the settings is taken for a forgery")
	}
}

func TestSheet_ForgedAnswers_AreFound(t *testing.T) {
	for name, forge := range map[string]func(*office){
		"no edit":        func(o *office) { o.decideBy(nil, func(d *decisionEntry) { d.Channel, d.Key, d.Edit = Sheet, 0, 1 }) },
		"another edit":   func(o *office) { e := o.edits("INTG-088", "詳細", google, "承認"); o.decideBySheet(e.Seq) },
		"a no":           func(o *office) { e := o.edits("INTG-088", "承認", google, "却下"); o.decideBySheet(e.Seq) },
		"another ticket": func(o *office) { e := o.edits("INTG-089", "承認", google, "承認"); o.decideBySheet(e.Seq) },
		"another table": func(o *office) {
			e := o.edits("INTG-088", "承認", "|local|Tracker", "承認")
			o.decideBySheet(e.Seq)
		},
		"another code": func(o *office) { e := o.edits("INTG-088", "承認", google, "承認 000000"); o.decideBySheet(e.Seq) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newSheetOffice(t)
			o.ask(1)
			forge(o)
			if s, err := o.Standing(context.Background(), subject(1)); !errors.Is(err, errTampered) || s.State != None {
				t.Errorf("%+v %v", s, err)
			}
		})
	}
}

func (o *office) decideBySheet(edit int64) {
	o.t.Helper()
	o.decideBy(nil, func(d *decisionEntry) { d.Channel, d.Key, d.Edit = Sheet, 0, edit })
}

func TestFollow_TakesEditsAsTheyCome_AndEndsWhenAsked(t *testing.T) {
	for _, channel := range []bool{true, false} {
		o := newSheetOffice(t)
		if !channel {
			o.sheet = nil
			o.again()
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- o.Follow(ctx) }()
		o.ask(1)
		o.edits("INTG-088", "承認", google, "承認")
		for deadline := time.Now().Add(10 * time.Second); channel; {
			if s, err := o.Standing(context.Background(), subject(1)); err != nil || time.Now().After(deadline) {
				t.Fatal(s, err)
			} else if s.State == Approved {
				break
			}
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if !channel {
			o.wants(1, Requested)
		}
	}
}

func FuzzAnswerOf(f *testing.F) {
	for _, s := range []string{"承認", "却下: x", "ok 0a1b2c", "", "\xff", "承認\u3099", "ＯＫ：ab"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, ok := answerOf(text)
		if again, same := answerOf(text); again != w || same != ok {
			t.Fatal("it depends on something else")
		}
		if !isText(w.reason, mostText) || w.code != "" && (w.reject || len(w.code) < 6) && ok {
			t.Fatalf("%+v", w)
		}
	})
}
