package items

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// sample is a whole picture.
type sample struct {
	name    string
	content []byte
}

// samples are whole pictures of every kind that counts. Those in testdata, of
// kinds that Go has no encoder for, are [drawing] without alpha, made by the
// tools of libwebp, libjpeg-turbo and libtiff.
func samples(t testing.TB) []sample {
	t.Helper()
	opaque := drawing(32, 24)
	for i := 3; i < len(opaque.Pix); i += 4 {
		opaque.Pix[i] = 255
	}
	gray := image.NewGray(opaque.Rect)
	deep := image.NewNRGBA64(opaque.Rect)
	flat := image.NewPaletted(opaque.Rect, palette.Plan9)
	ycc := image.NewYCbCr(opaque.Rect, image.YCbCrSubsampleRatio420)
	for y := range 24 {
		for x := range 32 {
			c := opaque.At(x, y)
			gray.Set(x, y, c)
			deep.Set(x, y, c)
			flat.Set(x, y, c)
			r, g, b, _ := c.RGBA()
			ycc.Y[ycc.YOffset(x, y)], ycc.Cb[ycc.COffset(x, y)], ycc.Cr[ycc.COffset(x, y)] = color.RGBToYCbCr(uint8(r>>8), uint8(g>>8), uint8(b>>8)) //nolint:gosec // 16 bits become 8
		}
	}
	var all []sample
	encoded := func(name string, encode func(io.Writer) error) {
		var b bytes.Buffer
		must(t, encode(&b))
		all = append(all, sample{name, b.Bytes()})
	}
	for name, m := range map[string]image.Image{"rgba": drawing(32, 24), "opaque": opaque, "gray": gray, "deep": deep, "flat": flat} {
		encoded(name+".png", func(w io.Writer) error { return png.Encode(w, m) })
		encoded(name+".tiff", func(w io.Writer) error { return tiff.Encode(w, m, nil) })
		encoded(name+".packed.tif", func(w io.Writer) error {
			return tiff.Encode(w, m, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
		})
		encoded(name+".bmp", func(w io.Writer) error { return bmp.Encode(w, m) })
		encoded(name+".jpg", func(w io.Writer) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 90}) })
	}
	encoded("ycc.JPEG", func(w io.Writer) error { return jpeg.Encode(w, ycc, nil) })
	encoded("still.gif", func(w io.Writer) error { return gif.Encode(w, opaque, nil) })
	encoded("moving.gif", func(w io.Writer) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{flat, flat, flat}, Delay: []int{1, 1, 1}, LoopCount: 3})
	})
	encoded("two pages.tif", func(w io.Writer) error {
		_, err := w.Write(twoPages(t, opaque, gray))
		return err
	})
	made, err := filepath.Glob("testdata/*.*")
	must(t, err)
	if len(made) < 10 {
		t.Fatal("the samples in testdata are not there")
	}
	for _, path := range made {
		encoded(filepath.Base(path), func(w io.Writer) error {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			_, err = w.Write(content)
			return err
		})
	}
	return all
}

// twoPages is a TIFF file of two pages: the second one's directory is appended
// to the first file, with its offsets moved.
func twoPages(t testing.TB, first, second image.Image) []byte {
	t.Helper()
	var a, b bytes.Buffer
	must(t, tiff.Encode(&a, first, nil))
	must(t, tiff.Encode(&b, second, nil))
	whole, more := a.Bytes(), b.Bytes()
	order := binary.LittleEndian
	shift := uint32(len(whole)) //nolint:gosec // small
	at := order.Uint32(more[4:])
	sizes := map[uint16]uint32{1: 1, 2: 1, 3: 2, 4: 4, 5: 8}
	for i := range uint32(order.Uint16(more[at:])) {
		entry := more[at+2+12*i:]
		tag, kind, count := order.Uint16(entry), order.Uint16(entry[2:]), order.Uint32(entry[4:])
		const stripOffsets = 273
		if value := entry[8:]; sizes[kind]*count > 4 {
			place := order.Uint32(value)
			if tag == stripOffsets {
				for j := range count {
					strip := more[place+4*j:]
					order.PutUint32(strip, order.Uint32(strip)+shift)
				}
			}
			order.PutUint32(value, place+shift)
		} else if tag == stripOffsets {
			order.PutUint32(value, order.Uint32(value)+shift)
		}
	}
	// The link to the next page stands behind the entries.
	start := order.Uint32(whole[4:])
	order.PutUint32(whole[start+2+12*uint32(order.Uint16(whole[start:])):], at+shift)
	return append(whole, more...)
}

// found is what examining content as the output at path shows.
func found(t testing.TB, path string, content []byte) sight {
	t.Helper()
	j := judge()
	return j.examine(t.Context(), path, source{ctx: t.Context(), f: bytes.NewReader(content), size: int64(len(content)), room: j.room(t.Context())})
}

func TestExamine_WholePictures_Count(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		if got := found(t, s.name, s.content); got.reason != "" || got.picture != (picture{32, 24}) || got.format != named(s.name) {
			t.Errorf("%s: %+v", s.name, got)
		}
		// Decoders stop at the end of the picture, and so do people's programs.
		if got := found(t, s.name, append(bytes.Clone(s.content), "more"...)); got.reason != "" {
			t.Errorf("%s with something behind: %+v", s.name, got)
		}
	}
}

// The promise: a picture cut anywhere does not count.
func TestExamine_PictureCutAnywhere_DoesNotCount(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		const ends = 100 // bytes at either end where every place is tried
		for n := 1; n < len(s.content); n++ {
			if n > ends && n < len(s.content)-ends && n%9 != 0 {
				continue
			}
			got := found(t, s.name, s.content[:n])
			if got.reason == "" && needed(s, n) {
				t.Errorf("%s of %d bytes counts when cut after %d", s.name, len(s.content), n)
			}
			if got.reason != "" && got.reason != Truncated && got.reason != Broken && got.reason != Mismatch {
				t.Errorf("%s cut after %d: %+v", s.name, n, got)
			}
		}
	}
}

// needed tells whether the bytes from n on say anything: the last ones of a
// BMP or TIFF may be padding.
func needed(s sample, n int) bool {
	return len(bytes.Trim(s.content[n:], "\x00")) > 0
}

// A file that was made long before it was filled, or lost its end in a power
// failure, has zeros there.
func TestExamine_PictureWithZerosForItsEnd_DoesNotCount(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		switch {
		case strings.HasSuffix(s.name, ".bmp"), strings.HasPrefix(filepath.Ext(s.name), ".tif") && !strings.HasSuffix(s.name, ".packed.tif"), strings.HasPrefix(s.name, "flat."):
			continue // black is a colour like any other, and nothing in the file says better
		case named(s.name) == WebP && s.name != "lossless.webp":
			continue // the code of a lossy one takes zeros for what is likely
		}
		for _, part := range []int{2, 3, 4, 8} {
			holed := bytes.Clone(s.content)
			clear(holed[len(holed)-len(holed)/part:])
			if got := found(t, s.name, holed); got.reason == "" {
				t.Errorf("%s counts with zeros for its last %d bytes", s.name, len(holed)/part)
			}
		}
	}
}

func TestExamine_ContentOfAnotherKind_IsAMismatch(t *testing.T) {
	t.Parallel()
	all := samples(t)
	for _, s := range all {
		for _, other := range all {
			if named(s.name) == named(other.name) {
				continue
			}
			got := found(t, s.name, other.content)
			if got.reason != Mismatch || !strings.Contains(got.err.Error(), string(named(other.name))) {
				t.Errorf("%s as %s: %+v", other.name, s.name, got)
			}
		}
		for _, content := range []string{"an error page of some server", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "<html></html>"} {
			if got := found(t, s.name, []byte(content)); got.reason != Mismatch {
				t.Errorf("%q as %s: %+v", content, s.name, got)
			}
		}
	}
}

func TestExpected_TheExtensionDecides_AndWithoutOneTheContent(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Format{
		"a.png": PNG, "a.PNG": PNG, "a.jpg": JPEG, "a.jpeg": JPEG, "a.jfif": JPEG, "a.gif": GIF, "a.webp": WebP, "a.bmp": BMP, "a.tif": TIFF, "a.TIFF": TIFF,
		"a.json": Other, "a.npy": Other, "a.png.json": Other, "a": Other, "a.": Other,
	} {
		if got := expected("/x.d/"+path, []byte("BM says nothing")); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	for _, s := range samples(t) {
		want := named(s.name)
		if want == BMP {
			want = Other
		}
		if got := expected("/x/no extension", s.content[:headLength]); got != want {
			t.Errorf("%s: %s", s.name, got)
		}
		if got := expected("/x/a.bin", s.content[:headLength]); got != Other {
			t.Errorf("%s: %s", s.name, got)
		}
	}
}

// chunk is a chunk of a PNG.
func chunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data))) //nolint:gosec // small
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// A few bytes that ask for gigabytes are refused before any is reserved, and
// that is no verdict on the picture.
func TestExamine_PictureTooLargeToDecode_IsUnknown(t *testing.T) {
	t.Parallel()
	header := binary.BigEndian.AppendUint32(nil, 1<<20)
	header = binary.BigEndian.AppendUint32(header, 1<<20)
	huge := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(header, 8, 6, 0, 0, 0))...)

	scan := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0xff, 0xff, 0xff, 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 0xff, 0xd9}

	// 65,535 by 65,535 in each of so many empty frames.
	frames := []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00")
	for range 2 {
		frames = append(frames, 0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 0)
	}
	frames = append(frames, 0x3b)

	var small bytes.Buffer
	must(t, tiff.Encode(&small, drawing(4, 4), nil))
	wide := bytes.Clone(small.Bytes())
	at := binary.LittleEndian.Uint32(wide[4:])
	for i := range uint32(binary.LittleEndian.Uint16(wide[at:])) {
		entry := wide[at+2+12*i:]
		if tag := binary.LittleEndian.Uint16(entry); tag == 256 || tag == 257 { // width and height
			binary.LittleEndian.PutUint16(entry[8:], 60_000)
		}
	}

	bitmap := append([]byte("BM"), make([]byte, 52)...)
	bitmap[10], bitmap[14], bitmap[26], bitmap[28] = 54, 40, 1, 24
	binary.LittleEndian.PutUint32(bitmap[18:], 60_000)
	binary.LittleEndian.PutUint32(bitmap[22:], 60_000)

	for name, content := range map[string][]byte{"a.png": huge, "a.jpg": scan, "a.tif": wide, "a.bmp": bitmap} {
		if got := found(t, name, content); got.reason != TooLarge {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// As many bytes as so many pixels may well take.
	frames = slices.Insert(frames, 13, bytes.Repeat([]byte{0x21, 0xfe, 1, 0, 0}, 1<<19)...)
	if got := found(t, "a.gif", frames); got.reason != TooLarge {
		t.Errorf("%+v", got)
	}
}

// A few bytes that claim to be a picture of a gigabyte are not taken at their
// word, nor is the memory for it.
func TestExamine_FewBytesForManyPixels_EndTooEarly(t *testing.T) {
	t.Parallel()
	header := binary.BigEndian.AppendUint32(nil, 16_000)
	header = binary.BigEndian.AppendUint32(header, 16_000)
	large := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(header, 8, 6, 0, 0, 0))...)
	scan := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0x3f, 0xff, 0x3f, 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 0xff, 0xd9}
	frames := []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00")
	for range 50 {
		frames = append(frames, 0x2c, 0, 0, 0, 0, 0xff, 0x0f, 0xff, 0x0f, 0, 2, 0)
	}
	bitmap := append([]byte("BM"), make([]byte, 52)...)
	bitmap[10], bitmap[14], bitmap[26], bitmap[28] = 54, 40, 1, 24
	binary.LittleEndian.PutUint32(bitmap[18:], 16_000)
	binary.LittleEndian.PutUint32(bitmap[22:], 16_000)
	for name, content := range map[string][]byte{"a.png": large, "a.jpg": scan, "a.gif": append(frames, 0x3b), "a.bmp": bitmap} {
		j := judge()
		s := source{ctx: t.Context(), f: bytes.NewReader(content), size: int64(len(content)), room: func(int64) (func(), error) { panic("memory was asked for") }}
		if got := j.examine(t.Context(), name, s); got.reason != Truncated || !strings.Contains(got.err.Error(), "cannot be") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// One colour packs best of all.
func TestExamine_PicturesThatPackWell_Count(t *testing.T) {
	t.Parallel()
	blank := image.NewPaletted(image.Rect(0, 0, 1200, 900), color.Palette{color.White, color.Black})
	gray := image.NewGray(blank.Rect)
	for name, encode := range map[string]func(io.Writer) error{
		"a.png":  func(w io.Writer) error { return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, blank) },
		"a.gif":  func(w io.Writer) error { return gif.Encode(w, blank, nil) },
		"a.jpg":  func(w io.Writer) error { return jpeg.Encode(w, gray, &jpeg.Options{Quality: 1}) },
		"a.tiff": func(w io.Writer) error { return tiff.Encode(w, gray, &tiff.Options{Compression: tiff.Deflate}) },
		"a.bmp":  func(w io.Writer) error { return bmp.Encode(w, gray) },
	} {
		var b bytes.Buffer
		must(t, encode(&b))
		if got := found(t, name, b.Bytes()); got.reason != "" {
			t.Errorf("%s of %d bytes: %+v", name, b.Len(), got)
		}
	}
}

func TestExamine_KindThatIsNotDecodedHere_IsUnknown(t *testing.T) {
	t.Parallel()
	made, err := filepath.Glob("testdata/unsupported/*")
	must(t, err)
	if len(made) < 3 {
		t.Fatal("the samples in testdata are not there")
	}
	for _, path := range made {
		content, err := os.ReadFile(path)
		must(t, err)
		if got := found(t, path, content); got.reason != Unsupported {
			t.Errorf("%s: %+v", path, got)
		}
	}
	twelveBits := []byte{0xff, 0xd8, 0xff, 0xc1, 0, 11, 12, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xff, 0xd9}
	if got := found(t, "a.jpg", twelveBits); got.reason != Unsupported {
		t.Errorf("%+v", got)
	}
}

func TestExamine_PagesInACircle_AreRefused(t *testing.T) {
	t.Parallel()
	content := twoPages(t, drawing(4, 4), drawing(4, 4))
	first := binary.LittleEndian.Uint32(content[4:])
	link := func(at uint32) []byte { return content[at+2+12*uint32(binary.LittleEndian.Uint16(content[at:])):] }
	binary.LittleEndian.PutUint32(link(binary.LittleEndian.Uint32(link(first))), first)
	if got := found(t, "a.tif", content); got.reason != Broken {
		t.Errorf("%+v", got)
	}
}

func TestExamine_LaterPageOrFrameIsBroken_DoesNotCount(t *testing.T) {
	t.Parallel()
	two := twoPages(t, drawing(8, 8), drawing(8, 8))
	// The second page's strip lies behind the end.
	if got := found(t, "a.tif", two[:len(two)-4]); got.reason == "" {
		t.Errorf("%+v", got)
	}
	content, err := os.ReadFile("testdata/animated.webp")
	must(t, err)
	for i := range 3 {
		broken := bytes.Clone(content)
		at := 0
		for range i + 1 {
			at += 4 + bytes.Index(broken[at:], []byte("ANMF"))
		}
		clear(broken[at+4+16+8 : at+4+16+8+12])
		if got := found(t, "a.webp", broken); got.reason == "" {
			t.Errorf("frame %d: %+v", i+1, got)
		}
	}
}

func TestExamine_AnyOtherFile_CountsWithSomethingInIt(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.json", "a.txt", "a.npy", "a", ".hidden", "a.safetensors"} {
		if got := found(t, name, []byte("x")); got.reason != "" || got.format != Other {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Decoders meet whatever stands in a file. Whatever that is, the answer is a
// verdict: no panic, no hang, no gigabytes.
func FuzzExamine(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.name, s.content)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if len(content) == 0 || len(content) > 1<<16 {
			return
		}
		narrow := func(pixels int64) (func(), error) {
			if pixels > 1<<20 {
				return nil, errTooLarge
			}
			return func() {}, nil
		}
		got := judge().examine(t.Context(), "/x/a"+filepath.Ext(name), source{ctx: t.Context(), f: bytes.NewReader(content), size: int64(len(content)), room: narrow})
		if got.reason == "" && got.format != Other && (got.picture.width <= 0 || got.picture.height <= 0) {
			t.Errorf("a picture of %+v", got.picture)
		}
	})
}

func TestExamine_ContextEnds_DecodingEnds(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		path := filepath.Join(t.TempDir(), s.name)
		put(t, path, s.content, -time.Minute)
		whole := 0
		for ; ; whole++ {
			left := whole
			ctx := countdown{t.Context(), &left}
			_, err := Judge{Now: noon}.Look(ctx, Item{Index: 1, Path: path, Outputs: []string{path}}, Terms{})
			if err == nil {
				break
			}
			if err != errCountdown { //nolint:errorlint // exactly this
				t.Fatalf("%s: %v", s.name, err)
			}
		}
		if whole < 3 {
			t.Errorf("%s is decoded without a look at the context", s.name)
		}
	}
}
