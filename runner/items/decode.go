package items

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// mostPixels bounds the pixels that are in memory at any time, all workers of
// all judges of a program together: 16,384 by 16,384, some A0 sheet at 400 dpi.
// A pixel takes up to 8 bytes, in a progressive JPEG 16 while it is decoded.
const mostPixels = 1 << 28

// picture is what decoding has shown.
type picture struct {
	width, height int
}

// verdict of a decoder that is not a fault of the file.
var (
	errTooLarge    = errors.New("more pixels than are decoded here")
	errUnsupported = errors.New("of a kind that is not decoded here")
)

// source is a picture file to decode, from its beginning as often as needed.
type source struct {
	ctx  context.Context // of the one decoding that a source lives for
	f    io.ReaderAt
	size int64
	room func(pixels int64) (release func(), err error) // waits until so many may be in memory
	flat *bool                                          // becomes false at a picture with two colours; nil: nobody asks
}

func (s source) all() cancellable { return newCancellable(s.ctx, s.f, s.size) }

func (s source) buffered() *bufio.Reader {
	return bufio.NewReaderSize(s.all(), int(min(s.size+1, 64<<10)))
}

// decode reads a picture to its end. Errors of the format, of the disk and of
// ctx come as they are; [judged] tells them apart.
func (s source) decode(f Format) (p picture, err error) {
	// The decoders are made for hostile files, and have still been seen to
	// panic; one picture must not end the daemon.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the decoder failed: %v", r)
		}
	}()
	switch f {
	case PNG:
		return s.still(densestPNG, png.DecodeConfig, png.Decode)
	case JPEG:
		return s.still(densestJPEG, jpeg.DecodeConfig, jpeg.Decode)
	case BMP:
		return s.still(densestBMP, bmp.DecodeConfig, bmp.Decode)
	case GIF:
		return s.gif()
	case WebP:
		return s.webp()
	case TIFF:
		return s.tiff()
	case Other:
	}
	return p, fmt.Errorf("%s is no picture", f)
}

// The pixels that a byte of a file can stand for at most. Decoders ask for the
// memory of the whole picture before they read it; a short file that claims to
// be a large picture is refused before.
const (
	densestPNG  = 8 * 1032 // a bit a pixel; deflate makes 1032 bytes of one
	densestJPEG = 8 * 64   // a bit a block
	densestGIF  = 4096     // at best a code of 12 bits stands for so many
	densestBMP  = 8
	densestWebP = mostPixels // a picture of one colour takes no bits at all
)

// still decodes a file of one picture. Both PNG and JPEG are refused by their
// decoders when the chunk or marker is missing that ends them.
func (s source) still(densest int64, config func(io.Reader) (image.Config, error), decode func(io.Reader) (image.Image, error)) (picture, error) {
	c, err := config(s.buffered())
	if err != nil {
		return picture{}, err
	}
	if pixels := area(c.Width, c.Height); pixels <= mostPixels && pixels/densest > s.size {
		return picture{}, fmt.Errorf("%d bytes cannot be %d by %d pixels: %w", s.size, c.Width, c.Height, io.ErrUnexpectedEOF)
	}
	release, err := s.reserve(c)
	if err != nil {
		return picture{}, err
	}
	defer release()
	m, err := decode(s.buffered())
	if err != nil {
		return picture{}, err
	}
	s.note(m)
	return picture{c.Width, c.Height}, nil
}

func (s source) reserve(c image.Config) (release func(), err error) {
	if c.Width <= 0 || c.Height <= 0 {
		return nil, errors.New("a picture without pixels")
	}
	return s.room(area(c.Width, c.Height))
}

// area is the number of pixels, held below what overflows.
func area(width, height int) int64 {
	if int64(width) > math.MaxInt32 || int64(height) > math.MaxInt32 {
		return math.MaxInt64 / 2
	}
	return int64(width) * int64(height)
}

// gif decodes all frames, which are in memory together, a byte a pixel.
func (s source) gif() (picture, error) {
	c, err := gif.DecodeConfig(s.buffered())
	if err != nil {
		return picture{}, err
	}
	pixels, err := gifPixels(s.buffered())
	if err != nil {
		return picture{}, err
	}
	if pixels/densestGIF > s.size {
		return picture{}, fmt.Errorf("%d bytes cannot be %d pixels: %w", s.size, pixels, io.ErrUnexpectedEOF)
	}
	release, err := s.room(pixels/4 + 1)
	if err != nil {
		return picture{}, err
	}
	defer release()
	all, err := gif.DecodeAll(s.buffered())
	if err != nil {
		return picture{}, err
	}
	for _, m := range all.Image {
		s.note(m)
	}
	return picture{c.Width, c.Height}, nil
}

// judged is the reason for which a decoder's error keeps an output from
// counting.
func judged(err error) Reason {
	var (
		jpegKind jpeg.UnsupportedError
		pngKind  png.UnsupportedError
		tiffKind tiff.UnsupportedError
	)
	switch {
	case errors.Is(err, errTooLarge):
		return TooLarge
	case errors.Is(err, errUnsupported), errors.Is(err, bmp.ErrUnsupported),
		errors.As(err, &jpegKind), errors.As(err, &pngKind), errors.As(err, &tiffKind):
		return Unsupported
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Truncated
	}
	return Broken
}

// closed tells whether a file ends with what ends a picture of its format; of
// formats without such an end it is true. It only helps to word why a picture
// cannot be decoded.
func (s source) closed(f Format) bool {
	end := map[Format]string{PNG: "IEND\xaeB`\x82", JPEG: "\xff\xd9", GIF: "\x3b"}[f]
	tail := make([]byte, len(end))
	return readAt(s.all(), tail, s.size-int64(len(end))) == nil && string(tail) == end
}
