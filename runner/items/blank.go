package items

import (
	"image"
	"image/color"
)

// note looks whether a decoded page has more than one colour.
func (s source) note(m image.Image) {
	if s.flat != nil && *s.flat && !oneColour(m) {
		*s.flat = false
	}
}

// oneColour tells whether all pixels are equal. A picture that shows anything
// is left at its first few rows.
func oneColour(m image.Image) bool {
	b := m.Bounds()
	if b.Empty() {
		return true
	}
	switch p := m.(type) {
	case *image.Gray:
		return sameRows(b.Dx(), b.Dy(), p.Stride, 1, p.Pix)
	case *image.Paletted:
		if sameRows(b.Dx(), b.Dy(), p.Stride, 1, p.Pix) {
			return true // else two entries may still be one colour
		}
	case *image.NRGBA:
		return sameRows(b.Dx(), b.Dy(), p.Stride, 4, p.Pix)
	case *image.RGBA:
		return sameRows(b.Dx(), b.Dy(), p.Stride, 4, p.Pix)
	}
	first := color.NRGBA64Model.Convert(m.At(b.Min.X, b.Min.Y))
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.NRGBA64Model.Convert(m.At(x, y)) != first {
				return false
			}
		}
	}
	return true
}

// sameRows compares pixels of so many bytes with the first one.
func sameRows(width, height, stride, bytes int, pix []byte) bool {
	for y := range height {
		row := pix[y*stride : y*stride+width*bytes]
		for i := range row {
			if row[i] != pix[i%bytes] {
				return false
			}
		}
	}
	return true
}
