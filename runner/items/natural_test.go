package items

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNatural_OrdersAsPeopleDo(t *testing.T) {
	t.Parallel()
	ordered := []string{
		"/a", "/a/p01.png", "/a/p1.png", "/a/p1a.png", "/a/p2.png", "/a/p10/1.png", "/a/p10.png", "/a/p99999999999999999999.png", "/a/p100000000000000000000.png",
		"/a/x/1", "/a-1/1", "/a.png", "/a2/1", "/a10/1", "/b/1-2-3", "/b/1-2-10", "/b/1-10-1", "/ページ2.png", "/ページ10.png",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			got := natural(a, b)
			if (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s against %s: %d", a, b, got)
			}
		}
	}
}

func TestNatural_IsATotalOrder(t *testing.T) {
	t.Parallel()
	path := rapid.StringMatching(`(/[ab01.\-]{0,4}){1,3}`)
	rapid.Check(t, func(t *rapid.T) {
		three := []string{path.Draw(t, "a"), path.Draw(t, "b"), path.Draw(t, "c")}
		for _, a := range three {
			for _, b := range three {
				if c := natural(a, b); (c == 0) != (a == b) || (c < 0) != (natural(b, a) > 0) {
					t.Errorf("%q against %q: %d and back %d", a, b, c, natural(b, a))
				}
			}
		}
		slices.SortFunc(three, natural)
		if natural(three[0], three[2]) > 0 {
			t.Errorf("not transitive: %q", three)
		}
	})
}
