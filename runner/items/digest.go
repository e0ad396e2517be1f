package items

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"uratori/internal/fault"
)

// Digest is a file's content in short.
type Digest struct {
	SHA256 string `json:"sha256"` // hex
	Size   int64  `json:"size"`   // bytes
}

// DigestOf reads the whole of a regular file. One that is changed meanwhile
// has no digest. Errors are faults, or that of ctx.
func DigestOf(ctx context.Context, path string) (Digest, error) {
	f, err := openRegular(path)
	if err != nil {
		return Digest{}, fault.New(fault.Unavailable, "items.unreadable", "path", shown(path)).Wrap(err)
	}
	defer f.Close() //nolint:errcheck // only read
	before, err := statOpen(f)
	if err != nil {
		return Digest{}, fault.New(fault.Unavailable, "items.unreadable", "path", shown(path)).Wrap(err)
	}
	h := sha256.New()
	n, err := io.Copy(h, newCancellable(ctx, f, before.size))
	if cause := context.Cause(ctx); cause != nil {
		return Digest{}, cause
	}
	if err != nil {
		return Digest{}, fault.New(fault.Unavailable, "items.unreadable", "path", shown(path)).Wrap(reasonOf(err))
	}
	after, err := statFile(path)
	if err != nil || after != before || n != before.size {
		return Digest{}, fault.New(fault.Unavailable, "items.wrong.changing", "path", shown(path)).Wrap(fmt.Errorf("%d bytes read", n))
	}
	return Digest{SHA256: hex.EncodeToString(h.Sum(nil)), Size: n}, nil
}
