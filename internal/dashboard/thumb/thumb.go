// Package thumb makes small pictures of large ones for a page, and tells what a
// file really is before a browser is given it.
//
// A file of a job is a stranger's file. What it is called does not count: only
// what begins as one of five formats of pixels, and says of itself that it has no
// more than a browser can bear, is a picture. A drawing that can carry a script
// (SVG) is none. Small pictures are new JPEGs made of the pixels alone, one at a
// time.
package thumb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

// What a file can be instead of a picture to show.
var (
	ErrNoPicture = errors.New("it is no picture")
	ErrTooLarge  = errors.New("the picture has too many pixels")
	ErrBroken    = errors.New("the picture cannot be decoded")
)

const (
	// MostBytes of a picture are shown.
	MostBytes = 64 << 20
	// mostPixels are decoded for a small picture: an A4 page at 600 dpi has 35
	// million; of a progressive JPEG each takes up to 15 bytes.
	mostPixels = 36_000_000
	// mostShown is what a browser is given to decode; an A3 page at 1200 dpi
	// has 278 million.
	mostShown = 300_000_000
	quality   = 80
)

// format is one that is shown.
type format struct {
	kind   string // MIME type
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// densest is how many pixels a byte can stand for at most; a short file that
	// claims to be a large picture is refused before memory is asked for it.
	densest int64
}

func formatOf(head []byte) (format, bool) {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	const webpHead = 12
	switch {
	case has("\x89PNG\r\n\x1a\n"):
		return format{"image/png", png.DecodeConfig, png.Decode, 8 * 1032}, true
	case has("\xff\xd8\xff"):
		return format{"image/jpeg", jpeg.DecodeConfig, jpeg.Decode, 8 * 64}, true
	case has("GIF87a"), has("GIF89a"):
		return format{"image/gif", gif.DecodeConfig, gif.Decode, 4096}, true
	case has("RIFF") && len(head) >= webpHead && string(head[8:webpHead]) == "WEBP":
		return format{"image/webp", webp.DecodeConfig, webp.Decode, mostShown}, true
	case has("BM"):
		return format{"image/bmp", bmp.DecodeConfig, bmp.Decode, 8}, true
	}
	return format{}, false
}

// HeadLength is how much of a file [Kind] wants to see.
const HeadLength = 256 << 10

// Kind is the MIME type of a picture of so many bytes that begins with head.
// Any error says that it is not to be shown.
func Kind(head []byte, size int64) (string, error) {
	f, _, err := look(head, size, mostShown)
	return f.kind, err
}

func look(head []byte, size, most int64) (format, image.Config, error) {
	f, ok := formatOf(head)
	if !ok {
		return f, image.Config{}, ErrNoPicture
	}
	c, err := config(f, head)
	if err != nil {
		return f, c, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	pixels := int64(c.Width) * int64(c.Height)
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return f, c, ErrBroken
	case int64(c.Width) > most || int64(c.Height) > most || pixels > most:
		return f, c, ErrTooLarge
	case pixels/f.densest > size:
		return f, c, fmt.Errorf("%w: %d bytes cannot be %d by %d pixels", ErrBroken, size, c.Width, c.Height)
	}
	return f, c, nil
}

// config reads what a picture says of itself. Decoders are made for hostile
// files, and have still been seen to panic.
func config(f format, head []byte) (c image.Config, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the decoder failed: %v", v)
		}
	}()
	return f.config(bytes.NewReader(head))
}

// Maker makes small pictures, one at a time.
type Maker struct{ turn *semaphore.Weighted }

// NewMaker is one that has nothing to do.
func NewMaker() *Maker { return &Maker{turn: semaphore.NewWeighted(1)} }

// Make reads a picture and makes a JPEG of it whose longer side is side or less.
// read is called when it is its turn, so that only one file is in memory.
func (m *Maker) Make(ctx context.Context, side int, read func() ([]byte, error)) ([]byte, error) {
	if err := m.turn.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer m.turn.Release(1)
	raw, err := read()
	if err != nil {
		return nil, err
	}
	f, _, err := look(raw, int64(len(raw)), mostPixels)
	if err != nil {
		return nil, err
	}
	whole, err := decode(f, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, scaled(whole, side), &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

func decode(f format, raw []byte) (m image.Image, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the decoder failed: %v", v)
		}
	}()
	return f.decode(bytes.NewReader(raw))
}

// scaled is on white where the picture is transparent.
func scaled(whole image.Image, side int) image.Image {
	from := whole.Bounds()
	width, height := from.Dx(), from.Dy()
	if longer := max(width, height); longer > side {
		width, height = max(1, width*side/longer), max(1, height*side/longer)
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), whole, from, draw.Over, nil)
	return small
}
