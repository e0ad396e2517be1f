package approval

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

const (
	saltSize = 16
	// longestPhrase is in bytes. A terminal takes a line of four thousand.
	longestPhrase = 1024
	// shortestPhrase is in characters. Whoever can read the store's file can
	// try some tens of them in a second on each processor, for as long as they
	// like.
	shortestPhrase = 10
	fewestDistinct = 5
)

// normal is a passphrase as it goes into the key: the same text typed on a
// machine that composes its accents and its kana, and on one that does not,
// is the same passphrase. The caller overwrites both.
func normal(raw []byte) ([]byte, error) {
	switch {
	case len(raw) == 0:
		return nil, fault.New(fault.Invalid, "approval.empty_passphrase")
	case len(raw) > longestPhrase:
		return nil, fault.New(fault.Invalid, "approval.long_passphrase", "most", longestPhrase)
	case !utf8.Valid(raw):
		return nil, fault.New(fault.Invalid, "approval.not_text")
	}
	for rest := raw; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if unicode.IsControl(r) {
			return nil, fault.New(fault.Invalid, "approval.not_text")
		}
		rest = rest[n:]
	}
	const growth = 3 // NFC makes no text longer than that
	return norm.NFC.Append(make([]byte, 0, growth*len(raw)+saltSize), raw...), nil
}

// Check refuses a passphrase that nobody can have, and, of a new one, one that
// is guessed too soon.
func Check(phrase []byte, fresh bool) error {
	text, err := normal(phrase)
	defer clear(text)
	if err == nil && fresh {
		err = strong(text)
	}
	return err
}

// strong refuses what is guessed too soon.
func strong(phrase []byte) error {
	distinct := map[rune]bool{}
	count := 0
	for rest := phrase; len(rest) > 0; count++ {
		r, n := utf8.DecodeRune(rest)
		distinct[r] = true
		rest = rest[n:]
	}
	if count < shortestPhrase || len(distinct) < fewestDistinct {
		return fault.New(fault.Invalid, "approval.weak_passphrase", "fewest", shortestPhrase, "distinct", fewestDistinct)
	}
	return nil
}

// sane tells parameters that end in a time that somebody would wait: those in
// the store may be anybody's.
func (p Params) sane() bool {
	const (
		mostPasses  = 64
		mostMemory  = 1 << 20 // a gigabyte
		mostThreads = 64
	)
	return p.Passes >= 1 && p.Passes <= mostPasses && p.Threads >= 1 && p.Threads <= mostThreads &&
		p.Memory >= 8*uint32(p.Threads) && p.Memory <= mostMemory
}

// derive makes the signing key of a passphrase. The caller overwrites it.
func (p Params) derive(phrase, salt []byte) ed25519.PrivateKey {
	seed := argon2.IDKey(phrase, salt, p.Passes, p.Memory, p.Threads, ed25519.SeedSize)
	defer clear(seed)
	return ed25519.NewKeyFromSeed(seed)
}

// storedKey is a passphrase as it is stored.
type storedKey struct {
	id          int64
	public      ed25519.PublicKey
	salt        []byte
	params      Params
	endorsement []byte // of the key before
	seq         int64
	hash        []byte
}

// fits tells whether a key made of a passphrase is this one, in a time that
// does not depend on how nearly it is.
func (k *storedKey) fits(private ed25519.PrivateKey) bool {
	public, ok := private.Public().(ed25519.PublicKey)
	return ok && subtle.ConstantTimeCompare(public, k.public) == 1
}

func (k *Keeper) newKey(phrase []byte) (*storedKey, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(k.o.Random, salt); err != nil {
		return nil, fmt.Errorf("make a salt: %w", err)
	}
	private := k.o.Params.derive(phrase, salt)
	defer clear(private)
	return &storedKey{public: append(ed25519.PublicKey{}, private[ed25519.SeedSize:]...), salt: salt, params: k.o.Params}, nil
}

// stronger is a key of the same passphrase with the parameters of today, nil
// where the one that is there is as strong.
func (k *Keeper) stronger(old *storedKey, phrase []byte) (*storedKey, error) {
	if old.params.Passes >= k.o.Params.Passes && old.params.Memory >= k.o.Params.Memory {
		return nil, nil
	}
	return k.newKey(phrase)
}

// keyEntry is what the ledger keeps of a key.
type keyEntry struct {
	Key         int64  `json:"key"`
	Public      string `json:"public"`
	Endorsement string `json:"endorsement,omitempty"` // of the key before: its owner has chosen this one
	Passes      uint32 `json:"argon2id_passes"`
	Memory      uint32 `json:"argon2id_memory_kib"`
	Threads     uint8  `json:"argon2id_threads"`
	First       bool   `json:"first,omitzero"`
	// Again is of a first key where there was one before: the keys were taken
	// out of the store by hand, and nobody was asked for the old passphrase.
	Again bool `json:"again,omitzero"`
}

// What the ledger calls the choice of a passphrase, and a new key of the same.
const (
	kindSet     = "approval.passphrase_set"
	kindRenewed = "approval.key_renewed"
)

// endorsed is what the signature of the key before is of.
func endorsed(public ed25519.PublicKey) []byte {
	return []byte("uratori approval key 1\n" + hex.EncodeToString(public))
}

// first makes and stores the first key of all.
func (k *Keeper) first(ctx context.Context, phrase []byte) error {
	give, err := k.await(ctx)
	if err != nil {
		return err
	}
	defer give()
	var again bool
	for e, err := range k.o.Ledger.Entries(ctx, 0, "approval") {
		if err != nil {
			return err
		}
		again = again || e.Kind == kindSet
	}
	fresh, err := k.newKey(phrase)
	if err != nil {
		return err
	}
	var refused error
	err = k.o.DB.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		var count int
		if err := tx.Get(`SELECT count(*) FROM approval_keys`, nil, &count); err != nil {
			return err
		}
		if count > 0 {
			refused = fault.New(fault.Conflict, "approval.old_wanted")
			return nil
		}
		return k.store(tx, fresh, kindSet, again)
	})
	if err != nil {
		return k.o.DB.Explain(err)
	}
	if refused == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		clear(k.publics) // of keys that were taken out by hand
	}
	return refused
}

// replace stores a key that the one before it endorses.
func (k *Keeper) replace(tx *store.Tx, old, fresh *storedKey, private ed25519.PrivateKey, kind string) error {
	var last int64
	if err := tx.Get(`SELECT coalesce(max(id), 0) FROM approval_keys`, nil, &last); err != nil {
		return err
	}
	if last != old.id {
		return fault.New(fault.Conflict, "approval.old_wanted")
	}
	fresh.id, fresh.endorsement = last, ed25519.Sign(private, endorsed(fresh.public))
	return k.store(tx, fresh, kind, false)
}

// store keeps a key under the next number.
func (k *Keeper) store(tx *store.Tx, fresh *storedKey, kind string, again bool) error {
	fresh.id++
	e, err := k.o.Ledger.Append(tx, kind, "approval", keyEntry{
		fresh.id, hex.EncodeToString(fresh.public), hex.EncodeToString(fresh.endorsement), fresh.params.Passes, fresh.params.Memory, fresh.params.Threads, fresh.id == 1, again,
	})
	if err != nil {
		return err
	}
	if fresh.endorsement == nil {
		fresh.endorsement = []byte{}
	}
	_, err = tx.Exec(`INSERT INTO approval_keys (id, public, salt, passes, memory, threads, endorsement, seq, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		fresh.id, []byte(fresh.public), fresh.salt, fresh.params.Passes, fresh.params.Memory, fresh.params.Threads, fresh.endorsement, e.Seq, e.Hash[:])
	return err
}

// keys are all keys, the first one first, each looked at: it has its entry in
// the ledger, and the one before it has endorsed it.
func (k *Keeper) keys(ctx context.Context) ([]*storedKey, error) {
	rows, err := k.o.DB.Reader().QueryContext(ctx, `SELECT id, public, salt, passes, memory, threads, endorsement, seq, hash FROM approval_keys ORDER BY id`)
	if err != nil {
		return nil, k.o.DB.Explain(err)
	}
	keys, err := scanKeys(rows)
	if err != nil {
		return nil, k.o.DB.Explain(err)
	}
	for i, one := range keys {
		if err := one.check(int64(i + 1)); err != nil {
			return nil, k.tampered(ctx, "key", "approval", err)
		}
		if i > 0 && !ed25519.Verify(keys[i-1].public, endorsed(one.public), one.endorsement) {
			return nil, k.tampered(ctx, "key", "approval", fmt.Errorf("key %d was not chosen by the owner of the one before it", one.id))
		}
		known, err := k.knows(ctx, one)
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, k.tampered(ctx, "key", "approval", fmt.Errorf("the ledger knows nothing of key %d", one.id))
		}
	}
	return keys, nil
}

// knows tells whether a key is the one of its entry in the ledger. What was
// read there once is not read again, nor believed to be something else.
func (k *Keeper) knows(ctx context.Context, one *storedKey) (bool, error) {
	public := hex.EncodeToString(one.public)
	k.mu.Lock()
	known := k.publics[one.id]
	k.mu.Unlock()
	if known != "" {
		return known == public, nil
	}
	there, err := k.inLedger(ctx, one.seq, one.hash)
	if err != nil || !there {
		return false, err
	}
	e, err := k.entry(ctx, one.seq, "approval")
	if err != nil || e == nil {
		return false, err
	}
	var set keyEntry
	if e.Kind != kindSet && e.Kind != kindRenewed || json.Unmarshal(e.Data, &set) != nil || set.Key != one.id || set.Public != public {
		return false, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.publics[one.id] = public
	return true, nil
}

func (k *storedKey) check(number int64) error {
	if k.id != number || len(k.public) != ed25519.PublicKeySize || len(k.salt) != saltSize || !k.params.sane() {
		return fmt.Errorf("key %d is none that was made here", k.id)
	}
	return nil
}

func scanKeys(rows *sql.Rows) (keys []*storedKey, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one storedKey
		var public []byte
		if err := rows.Scan(&one.id, &public, &one.salt, &one.params.Passes, &one.params.Memory, &one.params.Threads, &one.endorsement, &one.seq, &one.hash); err != nil {
			return nil, err
		}
		one.public = public
		keys = append(keys, &one)
	}
	return keys, rows.Err()
}

// inLedger tells whether the ledger has an entry with that hash at that place.
func (k *Keeper) inLedger(ctx context.Context, seq int64, hash []byte) (bool, error) {
	h := ledger.Head{Seq: seq}
	if len(hash) != len(h.Hash) {
		return false, nil
	}
	copy(h.Hash[:], hash)
	return k.o.Ledger.Has(ctx, h)
}
