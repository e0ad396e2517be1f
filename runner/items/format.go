package items

import (
	"bytes"
	"path/filepath"
	"strings"
)

// Format is how an output was judged.
type Format string

// A picture was decoded whole, every page and frame of it; of any other file
// no more is known than that it has something in it and can be read.
const (
	PNG   Format = "png"
	JPEG  Format = "jpeg"
	GIF   Format = "gif"
	WebP  Format = "webp"
	BMP   Format = "bmp"
	TIFF  Format = "tiff"
	Other Format = "file"
)

// named is the format that the extension of a path promises.
func named(path string) Format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".apng":
		return PNG
	case ".jpg", ".jpeg", ".jpe", ".jfif":
		return JPEG
	case ".gif":
		return GIF
	case ".webp":
		return WebP
	case ".bmp", ".dib":
		return BMP
	case ".tif", ".tiff":
		return TIFF
	}
	return Other
}

// headLength is how many bytes [sniffed] wants.
const headLength = 12

// sniffed is the format that the first bytes of a file have.
func sniffed(head []byte) Format {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case has("\x89PNG\r\n\x1a\n"):
		return PNG
	case has("\xff\xd8\xff"):
		return JPEG
	case has("GIF87a"), has("GIF89a"):
		return GIF
	case has("RIFF") && len(head) >= headLength && string(head[8:12]) == "WEBP":
		return WebP
	case has("II*\x00"), has("MM\x00*"), has("II+\x00"), has("MM\x00+"):
		return TIFF
	case has("BM"):
		return BMP
	}
	return Other
}

// expected is how the file at path, which begins with head, is to be judged.
// The extension decides. A file without one is taken for the picture that it
// begins like, where two letters do not make it one by chance.
func expected(path string, head []byte) Format {
	f := named(path)
	if f == Other && filepath.Ext(path) == "" {
		if f = sniffed(head); f == BMP {
			f = Other
		}
	}
	return f
}
