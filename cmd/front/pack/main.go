// Command pack makes of the large program what the small one has in it: the
// program, packed, its digest and its size.
//
//	go run ./cmd/front/pack [-fast] PROGRAM FOLDER
//
// The same program gives the same bytes.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/klauspost/compress/zstd"
)

func main() {
	fast := flag.Bool("fast", false, "pack it quickly instead of well")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: pack [-fast] PROGRAM FOLDER")
		os.Exit(2)
	}
	if err := pack(flag.Arg(0), flag.Arg(1), *fast); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(program, folder string, fast bool) error {
	raw, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	level := zstd.SpeedBestCompression
	if fast {
		level = zstd.SpeedFastest
	}
	// One after another: how many processors there are must not show.
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	for name, content := range map[string][]byte{
		"whole.zst":    packed.Bytes(),
		"whole.sha256": []byte(hex.EncodeToString(sum[:]) + "\n"),
		"whole.size":   []byte(strconv.Itoa(len(raw)) + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil { //nolint:gosec // no secret is in it
			return err
		}
	}
	return nil
}
