package notify

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	_ "image/gif" // formats that are read
	"image/jpeg"
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"syscall"

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"uratori/internal/fault"
)

// picture is an image that a phone shows.
type picture struct {
	data []byte
	kind string // MIME type
}

const (
	mostPictureBytes  = 200 << 20
	mostPicturePixels = 50_000_000 // an A4 page at 600 dpi has 35; four bytes each while it is made smaller
	longestSide       = 2048       // of one that is made smaller
)

// shownAsIs are formats that phones show.
var shownAsIs = map[string]string{"jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}

// loadPicture reads an image of at most limit bytes; a larger one, or one in
// another format, is made a smaller JPEG. The file may be anything, of any
// size, and may be changing.
func loadPicture(path string, limit int) (p *picture, err error) {
	defer func() {
		if v := recover(); v != nil { // a decoder met what it does not expect
			p, err = nil, errNotDecoded
		}
	}()
	raw, err := readPicture(path)
	if err != nil {
		return nil, err
	}
	shape, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, fault.New(fault.Failed, "notify.picture.no_image")
	}
	if kind, ok := shownAsIs[format]; ok && len(raw) <= limit {
		return &picture{raw, kind}, nil
	}
	if int64(shape.Width)*int64(shape.Height) > mostPicturePixels {
		return nil, fault.New(fault.Failed, "notify.picture.too_large")
	}
	whole, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, errNotDecoded
	}
	return shrink(whole, limit)
}

var errNotDecoded = fault.New(fault.Failed, "notify.picture.not_decoded")

func readPicture(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO must not hold up messages
	if err != nil {
		return nil, fault.New(fault.Failed, "notify.picture.unreadable").Wrap(withoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fault.New(fault.Failed, "notify.picture.no_image")
	}
	raw, err := io.ReadAll(io.LimitReader(f, mostPictureBytes+1))
	if err != nil {
		return nil, fault.New(fault.Failed, "notify.picture.unreadable").Wrap(withoutPath(err))
	}
	if len(raw) > mostPictureBytes {
		return nil, fault.New(fault.Failed, "notify.picture.too_large")
	}
	return raw, nil
}

// withoutPath leaves out what is long and says nothing on a phone.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// shrink makes a JPEG of at most limit bytes, on white where the image is
// transparent.
func shrink(whole image.Image, limit int) (*picture, error) {
	side := longestSide
	for side >= 64 {
		small := scaled(whole, side)
		for _, quality := range []int{85, 60} {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
				return nil, err
			}
			if b.Len() <= limit {
				return &picture{b.Bytes(), "image/jpeg"}, nil
			}
		}
		side /= 2
	}
	return nil, fault.New(fault.Failed, "notify.picture.too_large")
}

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
