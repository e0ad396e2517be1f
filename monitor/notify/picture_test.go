package notify

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"uratori/monitor/notify/notifytest"
)

// noise is an image that no format makes small.
func noise(t testing.TB, width, height int) *image.RGBA {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	if _, err := rand.NewChaCha8([32]byte{1}).Read(img.Pix); err != nil {
		t.Fatal(err)
	}
	return img
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicture_SmallOnes_AreSentAsTheyAre(t *testing.T) {
	img := noise(t, 40, 30)
	for kind, data := range map[string][]byte{
		"image/png":  encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) }),
		"image/jpeg": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) }),
		"image/gif":  encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, img, nil) }),
	} {
		p, err := loadPicture(write(t, "抽出 p012.bin", data), pushoverPicture)
		if err != nil || p.kind != kind || !bytes.Equal(p.data, data) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestPicture_LargeOnesAndOtherFormats_BecomeASmallerJPEG(t *testing.T) {
	wide, large, small := noise(t, 2300, 40), noise(t, 300, 200), noise(t, 40, 30)
	clear := image.NewNRGBA(image.Rect(0, 0, 100, 100)) // transparent
	for name, tc := range map[string]struct {
		data  []byte
		limit int
		width int
	}{
		"png":   {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, wide) }), 200_000, 2048},
		"tight": {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, large) }), 10_000, 0},
		"bmp":   {encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, small) }), pushoverPicture, 40},
		"tiff":  {encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, small, nil) }), pushoverPicture, 40},
		"clear": {encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, clear, nil) }), pushoverPicture, 100},
	} {
		p, err := loadPicture(write(t, name, tc.data), tc.limit)
		if err != nil || p.kind != "image/jpeg" || len(p.data) > tc.limit {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := jpeg.Decode(bytes.NewReader(p.data))
		if err != nil || tc.width > 0 && img.Bounds().Dx() != tc.width {
			t.Errorf("%s: %v, %v", name, img.Bounds(), err)
		}
		if name == "clear" {
			if r, g, b, _ := img.At(50, 50).RGBA(); r>>8 < 250 || g>>8 < 250 || b>>8 < 250 {
				t.Errorf("what is transparent became %v", color.RGBA64Model.Convert(img.At(50, 50)))
			}
		}
	}
}

// header is a PNG that claims to be of this size.
func header(t testing.TB, width, height uint32) []byte {
	t.Helper()
	data := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, noise(t, 2, 2)) })
	for i := range 4 {
		data[16+i], data[20+i] = byte(width>>(24-8*i)), byte(height>>(24-8*i))
	}
	crc := crc32(data[12:29])
	for i := range 4 {
		data[29+i] = byte(crc >> (24 - 8*i))
	}
	return data
}

func crc32(b []byte) uint32 {
	crc := ^uint32(0)
	for _, x := range b {
		crc ^= uint32(x)
		for range 8 {
			crc = crc>>1 ^ 0xEDB88320&-(crc&1)
		}
	}
	return ^crc
}

func TestPicture_WhatIsNone_IsRefused(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	good := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, noise(t, 40, 30)) })
	paths := map[string]string{
		"missing": filepath.Join(dir, "none"), "a folder": dir, "a FIFO": fifo, "empty": write(t, "x", nil), "a text": write(t, "x.png", []byte("hello")),
		"a NUL in the name": "a\x00b", "a device": "/dev/zero", "a bomb": write(t, "x.png", append(header(t, 60000, 60000), make([]byte, pushoverPicture)...)),
		"half of one, and too large": write(t, "x.png", append(good[:len(good)/2:len(good)/2], make([]byte, pushoverPicture)...)),
	}
	for name, path := range paths {
		if p, err := loadPicture(path, pushoverPicture); err == nil || p != nil || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzPicture(f *testing.F) {
	f.Add(encoded(f, func(b *bytes.Buffer) error { return png.Encode(b, noise(f, 4, 4)) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return jpeg.Encode(b, noise(f, 4, 4), nil) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return gif.Encode(b, noise(f, 4, 4), nil) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return tiff.Encode(b, noise(f, 4, 4), nil) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return bmp.Encode(b, noise(f, 4, 4)) }))
	f.Add(header(f, 60000, 60000))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, limit := range []int{pushoverPicture, 10} {
			p, err := loadPicture(write(t, "x", data), limit)
			if (p == nil) == (err == nil) || p != nil && (len(p.data) > limit || !strings.HasPrefix(p.kind, "image/")) {
				t.Errorf("%v %v", p, err)
			}
		}
	})
}

func TestAttachment_ArrivesOrTheMessageSaysWhyNot(t *testing.T) {
	good := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, noise(t, 40, 30)) })
	path := write(t, "p012.png", good)
	bubble(t, func(h *house) {
		h.tell(Message{Fingerprint: "a", Title: "t", Body: "b", Attachment: path})
		after(time.Second)
		h.tell(Message{Fingerprint: "b", Title: "t", Body: strings.Repeat("long ", 500), Attachment: path + strings.Repeat(".gone", 20)})
		after(time.Second)
		got := h.phone.Messages()
		if len(got) != 2 || !bytes.Equal(got[0].Attachment, good) || got[0].AttachmentType != "image/png" || got[0].Text != "b\nMessage 1" || got[0].Title != "t" {
			t.Fatalf("%d %+v", len(got), h.phone.Counts())
		}
		if m := got[1]; m.Attachment != nil || !strings.Contains(m.Text, "…\nWithout the picture p012.png.gone") || !strings.HasSuffix(m.Text, "it cannot be read: no such file or directory\nMessage 2") {
			t.Errorf("%s", m.Text)
		}
	})
	loose := png.Encoder{CompressionLevel: png.NoCompression}
	large := write(t, "large.png", encoded(t, func(b *bytes.Buffer) error { return loose.Encode(b, image.NewNRGBA(image.Rect(0, 0, 1200, 1200))) }))
	if info, err := os.Stat(large); err != nil || info.Size() < notifytest.MaxAttachment {
		t.Fatalf("%v %v", info, err)
	}
	bubble(t, func(h *house) {
		h.tell(Message{Title: "t", Body: "b", Attachment: large})
		after(time.Second)
		if got := h.phone.Messages(); len(got) != 1 || got[0].AttachmentType != "image/jpeg" || len(got[0].Attachment) == 0 {
			t.Errorf("%d %s", len(got), fmt.Sprint(h.phone.Counts()))
		}
	})
}
