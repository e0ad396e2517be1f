package items

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/image/webp"
)

// A WebP file is a RIFF list of chunks, each an identifier, a length and that
// many bytes, padded to an even number.
const (
	riffHeader  = 12 // "RIFF", length of what follows, "WEBP"
	chunkHeader = 8
)

// mostFrames bounds the frames of an animation.
const mostFrames = 10_000

// webp decodes a still picture, or every frame of an animation. The file must
// be as long as it says: chunks after the picture could be missing otherwise.
func (s source) webp() (picture, error) {
	var head [riffHeader]byte
	if err := readAt(s.all(), head[:], 0); err != nil {
		return picture{}, err
	}
	end := chunkHeader + int64(binary.LittleEndian.Uint32(head[4:]))
	if end > s.size {
		return picture{}, fmt.Errorf("webp: %d bytes of %d: %w", s.size, end, io.ErrUnexpectedEOF)
	}
	var first [chunkHeader + 1]byte
	if err := readAt(s.all(), first[:], riffHeader); err != nil {
		return picture{}, err
	}
	const animated = 1 << 1
	if string(first[:4]) == "VP8X" && first[chunkHeader]&animated != 0 {
		return s.animation(end)
	}
	return s.still(densestWebP, webp.DecodeConfig, webp.Decode)
}

// animation decodes the frames one by one, each as the still picture that it
// would be in a file of its own.
func (s source) animation(end int64) (picture, error) {
	var p picture
	frames := 0
	for at := int64(riffHeader); at < end; {
		var head [chunkHeader]byte
		if err := readAt(s.all(), head[:], at); err != nil {
			return p, err
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		at += chunkHeader
		if at+length > end {
			return p, fmt.Errorf("webp: a chunk is longer than its file: %w", io.ErrUnexpectedEOF)
		}
		switch string(head[:4]) {
		case "VP8X":
			var canvas [10]byte
			if length < int64(len(canvas)) {
				return p, errors.New("webp: short header")
			}
			if err := readAt(s.all(), canvas[:], at); err != nil {
				return p, err
			}
			p = picture{1 + uint24(canvas[4:]), 1 + uint24(canvas[7:])}
		case "ANMF":
			if frames++; frames > mostFrames {
				return p, fmt.Errorf("%w: more than %d frames", errTooLarge, mostFrames)
			}
			if err := s.frame(at, length); err != nil {
				return p, fmt.Errorf("frame %d: %w", frames, err)
			}
		}
		at += length + length&1
	}
	if frames == 0 {
		return p, errors.New("webp: an animation without frames")
	}
	return p, nil
}

// frame decodes the frame whose data are at the given place.
func (s source) frame(at, length int64) error {
	const header = 16 // place, size, duration, flags
	var b [header + 4]byte
	if length < header+chunkHeader {
		return errors.New("webp: short frame")
	}
	if err := readAt(s.all(), b[:], at); err != nil {
		return err
	}
	var still bytes.Buffer
	put := func(name string, length int64) {
		still.WriteString(name)
		still.Write(binary.LittleEndian.AppendUint32(nil, uint32(length))) //nolint:gosec // a part of what came as 32 bits
	}
	rest := length - header
	if string(b[header:]) == "ALPH" {
		put("RIFF", 4+chunkHeader+10+rest)
		still.WriteString("WEBP")
		put("VP8X", 10)
		const alpha = 1 << 4
		still.Write([]byte{alpha, 0, 0, 0})
		still.Write(b[6:12]) // its own size is that of its canvas
	} else {
		put("RIFF", 4+rest)
		still.WriteString("WEBP")
	}
	one := s
	one.f = joined{front: still.Bytes(), behind: io.NewSectionReader(s.f, at+header, rest)}
	one.size = int64(still.Len()) + rest
	_, err := one.still(densestWebP, webp.DecodeConfig, webp.Decode)
	return err
}

// joined is one file behind the other.
type joined struct {
	front  []byte
	behind io.ReaderAt
}

func (j joined) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(j.front)) {
		n = copy(p, j.front[off:])
	}
	if n == len(p) {
		return n, nil
	}
	more, err := j.behind.ReadAt(p[n:], off+int64(n)-int64(len(j.front)))
	return n + more, err
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
