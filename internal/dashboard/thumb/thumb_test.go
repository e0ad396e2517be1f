package thumb

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/image/bmp"
)

func picture(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	m.Set(0, 0, color.Transparent)
	return m
}

func encoded(t testing.TB, kind string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "image/png":
		err = png.Encode(&b, m)
	case "image/jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "image/gif":
		err = gif.Encode(&b, m, nil)
	case "image/bmp":
		err = bmp.Encode(&b, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a short PNG that says it is a large picture.
func bomb(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	head := make([]byte, 13)
	binary.BigEndian.PutUint32(head, w)
	binary.BigEndian.PutUint32(head[4:], h)
	head[8], head[9] = 8, 6
	chunk := append([]byte("IHDR"), head...)
	b = append(b, 0, 0, 0, byte(len(head)))
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func TestMake_EveryFormat_BecomesASmallJPEG(t *testing.T) {
	m := NewMaker()
	for _, kind := range []string{"image/png", "image/jpeg", "image/gif", "image/bmp"} {
		raw := encoded(t, kind, picture(640, 320))
		if got, err := Kind(raw, int64(len(raw))); got != kind || err != nil {
			t.Errorf("%s is %q, %v", kind, got, err)
		}
		small, err := m.Make(t.Context(), 160, func() ([]byte, error) { return raw, nil })
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(small))
		if err != nil || c.Width != 160 || c.Height != 80 {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
	}
}

func TestKind_WhatIsNoPictureOfPixels_IsRefused(t *testing.T) {
	whole := encoded(t, "image/png", picture(64, 64))
	for name, c := range map[string]struct {
		raw  []byte
		size int64
		want error
	}{
		"nothing":                       {nil, 0, ErrNoPicture},
		"SVG":                           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 0, ErrNoPicture},
		"HTML":                          {[]byte("<!doctype html><script>alert(1)</script>"), 0, ErrNoPicture},
		"HTML behind the name of a GIF": {[]byte("GIF89a<script>alert(1)</script>"), 0, ErrTooLarge},
		"TIFF":                          {[]byte("II*\x00aaaaaaaaaaaaaaaa"), 0, ErrNoPicture},
		"a PNG that is cut in its head": {whole[:20], 0, ErrBroken},
		"a bomb":                        {bomb(30_000, 30_000), 0, ErrTooLarge},
		"a bomb of a line":              {bomb(1<<31-1, 1), 0, ErrTooLarge},
		"no pixels":                     {bomb(0, 5), 0, ErrBroken},
		"too short for its pixels":      {bomb(6000, 5000), 0, ErrBroken},
		"BMP of nothing":                {[]byte("BM"), 0, ErrBroken},
		"WebP of nothing":               {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), 0, ErrBroken},
	} {
		size := c.size
		if size == 0 {
			size = int64(len(c.raw))
		}
		if kind, err := Kind(c.raw, size); !errors.Is(err, c.want) {
			t.Errorf("%s is %q, %v", name, kind, err)
		}
		if _, err := NewMaker().Make(t.Context(), 100, func() ([]byte, error) { return c.raw, nil }); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMake_APictureThatIsCut_IsBroken_AndALargeOneIsNotDecoded(t *testing.T) {
	raw := encoded(t, "image/png", picture(64, 64))
	if _, err := NewMaker().Make(t.Context(), 100, func() ([]byte, error) { return raw[:len(raw)/2], nil }); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	// 49 million pixels in a file that is long enough to have them.
	large := append(bomb(7000, 7000), make([]byte, 1<<20)...)
	if _, err := NewMaker().Make(t.Context(), 100, func() ([]byte, error) { return large, nil }); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestMake_OneAtATime_AndWhoGoesAwayDoesNotWait(t *testing.T) {
	m := NewMaker()
	raw := encoded(t, "image/png", picture(300, 300))
	var now, most atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := m.Make(t.Context(), 50, func() ([]byte, error) {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				return raw, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at a time", most.Load())
	}
	gone, cancel := context.WithCancel(t.Context())
	_, err := m.Make(t.Context(), 50, func() ([]byte, error) {
		cancel()
		_, err := m.Make(gone, 50, nil)
		return raw, err
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestCache_KeepsTheNewest_WithinItsBound(t *testing.T) {
	c := NewCache()
	const each = 1 << 20
	for i := range 40 {
		c.Put(Key{Item: i}, make([]byte, each))
		c.Put(Key{Item: i}, make([]byte, each))
	}
	if _, ok := c.Get(Key{Item: 0}); ok {
		t.Error("the oldest is kept")
	}
	if _, ok := c.Get(Key{Item: 39}); !ok || c.bytes > mostCached || len(c.list) != mostCached/each || len(c.order) != len(c.list) {
		t.Errorf("%v %d %d", ok, c.bytes, len(c.list))
	}
	c.Put(Key{Item: 99}, make([]byte, mostCached+1))
	if _, ok := c.Get(Key{Item: 99}); ok {
		t.Error("one that is larger than all is kept")
	}
}

func FuzzKind(f *testing.F) {
	for _, kind := range []string{"image/png", "image/jpeg", "image/gif", "image/bmp"} {
		f.Add(encoded(f, kind, picture(9, 5)))
	}
	f.Add(bomb(30_000, 30_000))
	f.Fuzz(func(t *testing.T, raw []byte) {
		kind, err := Kind(raw, int64(len(raw)))
		if err == nil && kind == "" {
			t.Error("a picture of no kind")
		}
		if small, err := NewMaker().Make(context.Background(), 32, func() ([]byte, error) { return raw, nil }); err == nil {
			if c, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || c.Width > 32 || c.Height > 32 {
				t.Errorf("%+v %v", c, err)
			}
		}
	})
}
