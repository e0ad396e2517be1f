package approval

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"golang.org/x/text/unicode/norm"

	"uratori/internal/ledger"
	"uratori/internal/store"
)

// SheetChannel lets people answer by an edit of the column of approvals. It is
// worth as much as the right to edit the sheet is: nobody types a passphrase,
// and the sheet does not tell who has edited it. So it is for sheets that the
// user of this machine has no credentials for but those of uratori, which never
// writes that column.
type SheetChannel struct {
	Book   string                   // the table, as the tracker's entries name it
	Column func(header string) bool // tells the column of approvals
}

// editEntry is what the tracker writes of a person's edit.
type editEntry struct {
	Book   string  `json:"book"`
	Ticket string  `json:"ticket"`
	Column string  `json:"column"`
	New    *string `json:"new"`
}

// edit reads an entry that tells of an edit of the column of approvals.
func (k *Keeper) edit(e ledger.Entry) (editEntry, bool) {
	var x editEntry
	if k.o.Sheet == nil || e.Kind != "tracker.edited" || json.Unmarshal(e.Data, &x) != nil || x.New == nil {
		return x, false
	}
	return x, x.Ticket == e.Subject && x.Book == k.o.Sheet.Book && k.o.Sheet.Column(x.Column)
}

// word is an answer in a cell.
type word struct {
	reject bool
	reason string
	code   string // of the digest, its first digits; empty where none was given
}

// answerOf reads a cell. What is neither a plain yes nor a no is no answer: "OK,
// but" is not OK.
func answerOf(text string) (word, bool) {
	apart := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(":：、。,，.．", r) }
	text = strings.TrimFunc(text, apart)
	plain := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(text)), apart)
	if len(plain) == 0 {
		return word{}, false
	}
	switch plain[0] {
	case "承認", "承認済", "承認済み", "承認します", "承認しました", "approve", "approved", "ok", "okay":
		if len(plain) == 1 {
			return word{}, true
		}
		return word{code: plain[1]}, len(plain) == 2 && isCode(plain[1])
	case "却下", "却下します", "差し戻し", "差戻し", "差戻", "reject", "rejected":
		w := word{reject: true}
		if at := strings.IndexFunc(text, apart); at >= 0 {
			w.reason = reasonOf(strings.TrimLeftFunc(text[at:], apart))
		}
		return w, true
	}
	return word{}, false
}

// isCode tells the first digits of a digest, enough of them.
func isCode(s string) bool {
	const fewest = 6
	return len(s) >= fewest && strings.Trim(s, "0123456789abcdef") == ""
}

// reasonOf is a text of a cell as far as an answer keeps it.
func reasonOf(text string) string {
	kept := strings.Map(func(r rune) rune {
		if isText(string(r), 1) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, "\uFFFD"))
	runes := []rune(kept)
	return string(runes[:min(len(runes), mostText)])
}

// Follow takes people's edits of the column of approvals as answers, from where
// they were read up to, until ctx ends. Where the sheet is no channel, it lets
// go of them. Run one at a time.
func (k *Keeper) Follow(ctx context.Context) error {
	seq, err := k.beginReading(ctx)
	if err != nil {
		return err
	}
	if k.o.Sheet == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	stored := seq
	for {
		news := k.o.Ledger.News()
		if seq, stored, err = k.catchUp(ctx, seq, stored); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-news:
		}
	}
}

// beginReading finds the place to read on from. Who has not read before begins
// at the end: an edit of a time in which the sheet was no channel is no answer.
func (k *Keeper) beginReading(ctx context.Context) (seq int64, err error) {
	if err := k.o.DB.Reader().QueryRowContext(ctx, `SELECT seq FROM approval_cursor`).Scan(&seq); err != nil {
		return 0, k.o.DB.Explain(err)
	}
	from := seq
	if k.o.Sheet == nil {
		seq = -1
	} else if seq < 0 {
		head, err := k.o.Ledger.Head(ctx)
		if err != nil {
			return 0, err
		}
		seq = head.Seq
	}
	if seq == from {
		return seq, nil
	}
	return seq, k.o.DB.Explain(k.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE approval_cursor SET seq = ?`, seq)
		return err
	}))
}

// lazily is how many entries that mean nothing here may be read without noting
// so: each note costs a write.
const lazily = 200

func (k *Keeper) catchUp(ctx context.Context, seq, stored int64) (int64, int64, error) {
	for e, err := range k.o.Ledger.Entries(ctx, seq, "") {
		if err != nil {
			return seq, stored, err
		}
		if x, ok := k.edit(e); ok {
			if err := k.takeEdit(ctx, e, *x.New); err != nil {
				return seq, stored, err
			}
			stored = e.Seq
		}
		seq = e.Seq
	}
	if seq < stored+lazily {
		return seq, stored, nil
	}
	err := k.o.DB.Write(ctx, func(tx *store.Tx) error { return readUpTo(tx, seq) })
	return seq, seq, k.o.DB.Explain(err)
}

func readUpTo(tx *store.Tx, seq int64) error {
	_, err := tx.Exec(`UPDATE approval_cursor SET seq = max(seq, ?)`, seq)
	return err
}

// unclearEntry is what the ledger keeps of an answer that could not be taken.
type unclearEntry struct {
	Edit int64  `json:"edit"`
	Why  string `json:"why"`
}

// takeEdit takes an edit as the answer to the one question of its ticket that
// had been asked before it. The place in the ledger moves with it, so that an
// edit that was none then is none for ever.
func (k *Keeper) takeEdit(ctx context.Context, e ledger.Entry, text string) error {
	return k.o.DB.Explain(k.o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := readUpTo(tx, e.Seq); err != nil {
			return err
		}
		given, ok := answerOf(text)
		if !ok {
			return nil
		}
		asked, why, err := k.askedBefore(tx, e, given)
		if err != nil {
			return err
		}
		if why != "" {
			_, err := k.o.Ledger.Append(tx, "approval.unclear", e.Subject, unclearEntry{e.Seq, why})
			return err
		}
		if asked == nil {
			return nil
		}
		d := decisionEntry{Verdict: approve, Approver: unknownPerson, Channel: Sheet, Reason: given.reason, Edit: e.Seq}
		if given.reject {
			d.Verdict = reject
		}
		return k.decide(tx, asked, d, "", nil)
	}))
}

// unknownPerson is whoever edited a sheet.
const unknownPerson = "?"

// askedBefore is the question that an edit answers, nil for none; why says what
// kept one from being answered.
func (k *Keeper) askedBefore(tx *store.Tx, e ledger.Entry, given word) (asked *row, why string, err error) {
	rows, err := tx.Query(selectRows+` WHERE state = 'requested' AND ticket = ? AND entry < ? AND expires > ?`, e.Subject, e.Seq, k.o.Now().UnixMilli())
	waiting, err := every(rows, err)
	if err != nil {
		return nil, "", err
	}
	if given.code != "" {
		waiting = slices.DeleteFunc(waiting, func(r *row) bool { return !strings.HasPrefix(r.digest, given.code) })
		if len(waiting) == 0 {
			return nil, "no question that waits has this code", nil
		}
	}
	switch {
	case len(waiting) == 0:
		return nil, "", nil
	case len(waiting) > 1:
		return nil, "more than one question waits; the code of one is wanted", nil
	}
	asked = waiting[0]
	if given.code != "" || given.reject {
		return asked, "", nil
	}
	// A person who has seen what was asked for first must not be taken to
	// approve what was asked for instead.
	var instead int
	err = tx.Get(`SELECT count(*) FROM approval_requests r WHERE ticket = ? AND step = ? AND state = 'void' AND decision = '' AND NOT EXISTS (
			SELECT 1 FROM approval_requests a WHERE a.ticket = r.ticket AND a.step = r.step AND a.id > r.id AND a.decision != '')`,
		[]any{asked.ticket, asked.step}, &instead)
	if err == nil && instead > 0 {
		why = "what is asked for has changed since it was first asked; the code is wanted"
	}
	return asked, why, err
}
