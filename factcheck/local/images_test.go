package local

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"
)

func TestImages_PicturesThatAreNone_AreFound(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	whole := picture(t, 70, 40, false)
	p.put("out/good.png", string(whole))
	p.wants(`images: {"out/good.png": {min_width: 70, max_height: 40, format: png, not_blank: true}}`, yes, "")
	p.wants(`images: {"out/good.png": {min_width: 71}}`, no, "local.other_size")
	p.wants(`images: {"out/good.png": {max_height: 39}}`, no, "local.other_size")
	p.wants(`images: {"out/good.png": {format: jpeg}}`, no, "local.other_format")
	for name, tc := range map[string]struct{ content, reason string }{
		"truncated.png": {string(whole[:len(whole)-20]), "items.wrong.truncated"},
		"half.png":      {string(whole[:len(whole)/2]), "items.wrong.truncated"},
		"header.png":    {string(whole[:33]), "items.wrong.truncated"},
		"empty.png":     {"", "items.wrong.empty"},
		"text.png":      {"this is a picture, believe me", "items.wrong.mismatch"},
		"notes.txt":     {"text", "local.no_picture"},
		"flipped.png":   {strings.Replace(string(whole), "IDAT", "IDAX", 1), "items.wrong."},
	} {
		p.put("bad/"+name, tc.content)
		p.wants(`images: {bad/`+name+`: {}}`, no, tc.reason)
	}
	p.put("blank.png", string(picture(t, 70, 40, true)))
	p.wants(`images: {blank.png: {}}`, yes, "")
	p.wants(`images: {blank.png: {not_blank: true}}`, no, "local.blank")
	p.wants(`images: {"none/*.png": {}}`, no, "local.none")
}

func TestImages_OneBadAmongMany_RefutesTheWhole(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	whole := picture(t, 16, 16, false)
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		p.put("out/"+name+".png", string(whole))
	}
	f := p.wants(`images: {"out/*.png": {min: 6, max: 6}}`, yes, "")
	p.wants(`images: {"out/*.png": {min: 7}}`, no, "local.too_few")
	p.wants(`images: {"out/*.png": {max: 5}}`, no, "local.too_many")
	p.put("out/d.png", string(whole[:len(whole)/2]))
	p.wants(`images: {"out/*.png": {min: 6}}`, no, "items.wrong.truncated")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 1 {
		t.Errorf("%+v, %v", changed, err)
	}
}

func TestImages_BlankPages_OfEveryKindOfPixels(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for name, m := range map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"gray": image.NewGray(image.Rect(0, 0, 9, 9)), "rgba": image.NewRGBA(image.Rect(0, 0, 9, 9)),
		"deep": image.NewNRGBA64(image.Rect(0, 0, 9, 9)), "palette": image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.Black, color.White, color.Black}),
	} {
		p.put(name+".png", encode(t, m))
		p.wants(`images: {`+name+`.png: {not_blank: true}}`, no, "local.blank")
		m.Set(8, 8, color.White)
		p.put(name+".png", encode(t, m))
		p.wants(`images: {`+name+`.png: {not_blank: true}}`, yes, "")
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 32, 32)), nil))
	p.put("blank.jpg", b.String())
	p.wants(`images: {blank.jpg: {not_blank: true}}`, no, "local.blank")
}

func TestCount_FilesThatDoNotPairUp_AreNamed(t *testing.T) {
	t.Parallel()
	const pairs = `count_equal: {pages: {left: "in/*.tif", right: "out/*.png"}}`
	p := newProject(t)
	p.wants(pairs, no, "local.both_empty")
	p.wants(`count_equal: {pages: {left: "in/*.tif", right: "out/*.png", allow_empty: true}}`, yes, "")
	p.put("in/p1.tif", "x")
	p.put("in/p2.tif", "x")
	p.put("out/p1.png", "x")
	p.wants(pairs, no, "local.unpaired")
	p.put("out/p3.png", "x") // the numbers are equal, the pages are not
	p.wants(pairs, no, "local.and_more local.unpaired")
	must(t, os.Remove(p.path("out/p3.png")))
	p.put("out/p2.png", "")
	p.wants(pairs, no, "local.empty")
	p.put("out/p2.png", "x")
	f := p.wants(pairs, yes, "")
	p.wants(`count_equal: {pages: {left: "in/*.tif", right: "out/*.png", min: 3}}`, no, "local.too_few")
	p.put("out/p1.png.png", "x")
	p.wants(pairs, no, "local.unpaired")
	must(t, os.Remove(p.path("out/p1.png.png")))
	p.put("out/p2.jpg", "x") // one page twice makes up for none
	p.wants(`count_equal: {pages: {left: "in/*.tif", right: ["out/*.png", "out/*.jpg"]}}`, no, "local.same_stem")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 0 {
		t.Errorf("%+v, %v", changed, err)
	}
	p.put("in/p3.tif", "x")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 1 || changed[0].Name != "in/*.tif" {
		t.Errorf("%+v, %v", changed, err)
	}
	p.put("deep/in/a/p.tif", "x")
	p.put("deep/in/b/p.tif", "x")
	p.put("deep/out/a/p.png", "x")
	p.put("deep/out/b/p.png", "x")
	p.wants(`count_equal: {pages: {left: "deep/in/**/*.tif", right: "deep/out/**/*.png", min: 2}}`, yes, "")
}

func encode(t testing.TB, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.String()
}
