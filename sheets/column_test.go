package sheets

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFoldsTo_IsFold(t *testing.T) {
	letters := []rune("aAkKsSſK İıß ＡＩｎＴｇ－ー-０1\t ガｶﾞか\u3099")
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) string {
			return string(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 4).Draw(t, label))
		}
		s, want := text("s"), fold(text("want"))
		if foldsTo(s, want) != (fold(s) == want) {
			t.Errorf("%q %q: %v", s, want, foldsTo(s, want))
		}
	})
}
