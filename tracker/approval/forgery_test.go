package approval

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/store"
)

// somebody is who has a shell, this program's source and no passphrase.
func somebody() ed25519.PrivateKey {
	return weak.derive([]byte("not the passphrase"), []byte("salt of somebody"))
}

// decideBy writes an answer into the store as this package would, with
// another key, entry of the ledger included.
func (o *office) decideBy(private ed25519.PrivateKey, change func(*decisionEntry)) {
	o.t.Helper()
	err := o.db.Write(context.Background(), func(tx *store.Tx) error {
		asked, err := latest(tx, "INTG-088", "plan-approval")
		if err != nil {
			return err
		}
		d := decisionEntry{Approver: "kiri", Channel: Terminal, Verdict: approve, Key: 1}
		if change != nil {
			change(&d)
		}
		return o.decide(tx, asked, d, "", private)
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func TestStanding_AnswerThatNobodyGave_IsNone_AndPeopleAreTold(t *testing.T) {
	for name, forge := range map[string]func(*office){
		"state alone":     func(o *office) { o.forge(`UPDATE approval_requests SET state = 'approved'`) },
		"rejected to yes": func(o *office) { o.reject(); o.forge(`UPDATE approval_requests SET state = 'approved'`) },
		"open again":      func(o *office) { o.reject(); o.forge(`UPDATE approval_requests SET state = 'requested'`) },
		"words changed": func(o *office) {
			o.reject()
			o.forge(`UPDATE approval_requests SET state = 'approved', decision = replace(decision, 'reject', 'approve')`)
		},
		"no JSON":          func(o *office) { o.reject(); o.forge(`UPDATE approval_requests SET decision = 'yes'`) },
		"entry of another": func(o *office) { o.accepts(answer(1, right)); o.forge(`UPDATE approval_requests SET seq = 1`) },
		"longer life": func(o *office) {
			o.accepts(answer(1, right))
			o.forge(`UPDATE approval_requests SET expires = expires + 1`)
		},
		"another digest": func(o *office) {
			o.accepts(answer(1, right))
			o.forge(`UPDATE approval_requests SET digest = ?`, subject(2).Digest)
		},
		"another ticket": func(o *office) {
			o.accepts(answer(1, right))
			o.forge(`UPDATE approval_requests SET ticket = 'INTG-999'`)
		},
		"another key":    func(o *office) { o.decideBy(somebody(), nil) },
		"no key":         func(o *office) { o.decideBy(nil, nil) },
		"a key beyond":   func(o *office) { o.decideBy(somebody(), func(d *decisionEntry) { d.Key = 2 }) },
		"key of a sheet": func(o *office) { o.decideBy(somebody(), func(d *decisionEntry) { d.Key = -1 }) },
		"key exchanged":  func(o *office) { o.decideBy(somebody(), nil); o.exchange(somebody()) },
		"key added": func(o *office) {
			o.addKey(somebody(), nil)
			o.decideBy(somebody(), func(d *decisionEntry) { d.Key = 2 })
		},
		"key signed itself": func(o *office) {
			o.addKey(somebody(), somebody())
			o.decideBy(somebody(), func(d *decisionEntry) { d.Key = 2 })
		},
		"keys begun anew": func(o *office) {
			o.accepts(answer(1, right))
			o.forge(`DELETE FROM approval_keys`)
			o.set("not the passphrase")
		},
		"huge parameters": func(o *office) {
			o.accepts(answer(1, right))
			o.forge(`UPDATE approval_keys SET memory = 4294967295`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.set(right)
			o.ask(1)
			forge(o)
			asked := subject(1)
			switch name {
			case "another digest":
				asked = subject(2)
			case "another ticket":
				asked.Ticket = "INTG-999"
			}
			for range 2 {
				s, err := o.Standing(context.Background(), asked)
				if !errors.Is(err, errTampered) || s.State != None || s.Given() {
					t.Fatalf("%+v %v", s, err)
				}
			}
			if n := len(o.entries("approval.tampered")); n != 1 {
				t.Errorf("people were told %d times", n)
			}
		})
	}
}

func (o *office) reject() {
	o.t.Helper()
	d := answer(1, right)
	d.Reject, d.Reason = true, "no"
	o.accepts(d)
}

// exchange puts another public key in the place of the first.
func (o *office) exchange(private ed25519.PrivateKey) {
	o.t.Helper()
	o.forge(`UPDATE approval_keys SET public = ?, salt = ?`, []byte(private[32:]), []byte("salt of somebody"))
}

// addKey puts a second key behind the first, signed by whoever, and its entry
// into the ledger.
func (o *office) addKey(private, by ed25519.PrivateKey) {
	o.t.Helper()
	public := ed25519.PublicKey(private[32:])
	fresh := &storedKey{id: 1, public: public, salt: []byte("salt of somebody"), params: weak}
	if by != nil {
		fresh.endorsement = ed25519.Sign(by, endorsed(public))
	}
	if err := o.db.Write(context.Background(), func(tx *store.Tx) error { return o.store(tx, fresh, kindSet, false) }); err != nil {
		o.t.Fatal(err)
	}
}

// After a forgery the question can be asked again, and answered by whoever
// knows the passphrase.
func TestAsk_AfterAForgery_IsAnotherQuestion(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	o.decideBy(somebody(), nil)
	o.ask(1)
	o.wants(1, Requested)
	o.accepts(answer(1, right))
	o.wants(1, Approved)
}

// The first key that is exchanged together with all that was signed with it is
// found by its entry in the ledger.
func TestKeys_AreThoseOfTheLedger(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	o.exchange(somebody())
	for range 2 {
		if _, err := o.Decide(context.Background(), answer(1, "not the passphrase")); !errors.Is(err, errTampered) {
			t.Errorf("a passphrase that nobody has set is accepted: %v", err)
		}
		o.again() // the next daemon knows it from the ledger alone
	}
	var e keyEntry
	if err := json.Unmarshal(o.entries(kindSet)[0].Data, &e); err != nil || e.Public == hex.EncodeToString(somebody()[32:]) || !e.First || e.Again {
		t.Errorf("%+v %v", e, err)
	}
	o.forge(`DELETE FROM approval_keys`)
	o.set("not the passphrase")
	if err := json.Unmarshal(o.entries(kindSet)[1].Data, &e); err != nil || !e.First || !e.Again {
		t.Errorf("%+v %v", e, err)
	}
}

// Anybody can look at an export: the signature is of the entry without it.
func TestDecision_CanBeLookedAtWithoutThisProgram(t *testing.T) {
	o := newOffice(t)
	o.set(right)
	o.ask(1)
	o.accepts(answer(1, right))
	var set keyEntry
	if err := json.Unmarshal(o.entries(kindSet)[0].Data, &set); err != nil {
		t.Fatal(err)
	}
	data := string(o.entries("approval.decided")[0].Data)
	_, rest, ok := strings.Cut(data, `"signature":"`)
	if !ok {
		t.Fatal(data)
	}
	signature, _, _ := strings.Cut(rest, `"`)
	bare := strings.Replace(data, fmt.Sprintf(`"signature":"%s",`, signature), "", 1) // jq -cS 'del(.signature)'
	public, err := hex.DecodeString(set.Public)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hex.DecodeString(signature)
	if err != nil || !ed25519.Verify(public, []byte("uratori approval 1\n"+bare), sealed) {
		t.Errorf("%s: %v", bare, err)
	}
}

// A passphrase is looked at in the same way whether one is set or not. Times
// are compared with a wide margin, on parameters that take some.
func TestDecide_TakesAsLongWhetherAPassphraseIsSetOrNot(t *testing.T) {
	o := newOffice(t)
	o.params = Params{Passes: 2, Memory: 32 << 10, Threads: 1}
	o.again()
	o.ask(1)
	const looks = 5
	least := func(want error) time.Duration {
		best := time.Hour
		for range looks {
			began := time.Now()
			o.refuses(answer(1, "wrong passphrase"), want)
			best = min(best, time.Since(began))
			o.forge(`DELETE FROM approval_tries`)
		}
		return best
	}
	unset := least(ErrNoPassphrase)
	o.set(right)
	set := least(ErrWrong)
	if unset < set/3 || set < unset/3 {
		t.Errorf("unset %v, set %v", unset, set)
	}
}
