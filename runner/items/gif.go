package items

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// gifPixels adds up the pixels of all frames without decoding any: a file of a
// few kilobytes can hold thousands of full ones.
func gifPixels(r *bufio.Reader) (int64, error) {
	const (
		extension, frame, trailer = 0x21, 0x2c, 0x3b

		hasTable = 1 << 7
	)
	var screen [13]byte // signature and logical screen
	if _, err := io.ReadFull(r, screen[:]); err != nil {
		return 0, err
	}
	if err := skipTable(r, screen[10], hasTable); err != nil {
		return 0, err
	}
	var pixels int64
	for {
		kind, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch kind {
		case trailer:
			return pixels, nil
		case extension:
			if _, err := r.Discard(1); err != nil {
				return 0, err
			}
		case frame:
			var head [9]byte
			if _, err := io.ReadFull(r, head[:]); err != nil {
				return 0, err
			}
			pixels += int64(binary.LittleEndian.Uint16(head[4:])) * int64(binary.LittleEndian.Uint16(head[6:]))
			if err := skipTable(r, head[8], hasTable); err != nil {
				return 0, err
			}
			if _, err := r.Discard(1); err != nil { // the width of a code
				return 0, err
			}
		default:
			return 0, fmt.Errorf("gif: unknown block %#02x", kind)
		}
		if err := skipBlocks(r); err != nil {
			return 0, err
		}
	}
}

// skipTable skips the table of colours that flags announce.
func skipTable(r *bufio.Reader, flags, has byte) error {
	if flags&has == 0 {
		return nil
	}
	_, err := r.Discard(3 << (1 + flags&7))
	return err
}

func skipBlocks(r *bufio.Reader) error {
	for {
		n, err := r.ReadByte()
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if _, err := r.Discard(int(n)); err != nil {
			return err
		}
	}
}
