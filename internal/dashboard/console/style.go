package console

import "strings"

// style is how a character looks. The colours are those of a terminal plus one,
// 0 is that of the page.
type style uint32

const (
	bold style = 1 << iota
	dim
	italic
	underline
	strike
	inverse
	control // no character, but the name of one

	foreShift = 8
	backShift = 16
	colour    = 0x1f
)

func (s style) fore() int { return int(s >> foreShift & colour) }

func (s style) back() int { return int(s >> backShift & colour) }

func (s style) withFore(c int) style {
	return s&^(colour<<foreShift) | style(c&colour)<<foreShift //nolint:gosec // five bits
}

func (s style) withBack(c int) style {
	return s&^(colour<<backShift) | style(c&colour)<<backShift //nolint:gosec // five bits
}

var styleNames = [...]struct {
	bit  style
	name string
}{{bold, "bold"}, {dim, "faint"}, {italic, "ital"}, {underline, "under"}, {strike, "strike"}, {inverse, "inv"}, {control, "ctl"}}

var colourNames = [...]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"}

// class are the names of the styles for a page: f0 to f15 and b0 to b15 are
// colours. What is inverse has its colours changed for one another; inv is
// inverse without any.
func (s style) class() string {
	if s == 0 {
		return ""
	}
	if fore, back := s.fore(), s.back(); s&inverse != 0 && fore+back > 0 {
		s = s.withFore(back).withBack(fore) &^ inverse
	}
	var names []string
	if c := s.fore(); c > 0 {
		names = append(names, "f"+colourNames[c-1])
	}
	if c := s.back(); c > 0 {
		names = append(names, "b"+colourNames[c-1])
	}
	for _, n := range styleNames {
		if s&n.bit != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, " ")
}

// after is the style after a sequence of SGR. What would hide text (8) or make
// it blink has no effect.
func (s style) after(p *params) style {
	if p.n == 0 {
		return 0
	}
	for i := 0; i < p.n; i++ {
		switch n := p.list[i]; {
		case n == 0:
			s = 0
		case n == 1:
			s |= bold
		case n == 2:
			s |= dim
		case n == 3:
			s |= italic
		case n == 4 || n == 21:
			s |= underline
		case n == 7:
			s |= inverse
		case n == 9:
			s |= strike
		case n == 22:
			s &^= bold | dim
		case n == 23:
			s &^= italic
		case n == 24:
			s &^= underline
		case n == 27:
			s &^= inverse
		case n == 29:
			s &^= strike
		case n >= 30 && n <= 37:
			s = s.withFore(n - 30 + 1)
		case n >= 90 && n <= 97:
			s = s.withFore(n - 90 + 8 + 1)
		case n >= 40 && n <= 47:
			s = s.withBack(n - 40 + 1)
		case n >= 100 && n <= 107:
			s = s.withBack(n - 100 + 8 + 1)
		case n == 39:
			s = s.withFore(0)
		case n == 49:
			s = s.withBack(0)
		case n == 38 || n == 48:
			c, used := p.extended(i + 1)
			i += used
			switch {
			case c < 0:
			case n == 38:
				s = s.withFore(c + 1)
			default:
				s = s.withBack(c + 1)
			}
		}
	}
	return s
}

// extended reads a colour of 256 (5;n) or of all (2;r;g;b) as the nearest of
// sixteen; below 0 where it is none. used is how many numbers it took.
func (p *params) extended(i int) (c, used int) {
	at := func(k int) int {
		if i+k < p.n {
			return p.list[i+k]
		}
		return 0
	}
	switch at(0) {
	case 5:
		return of256(at(1)), 2
	case 2:
		return nearest(at(1), at(2), at(3)), 4
	}
	return -1, 0
}

func of256(n int) int {
	const cube, grey, all = 16, 232, 256
	switch {
	case n < 0 || n >= all:
		return -1
	case n < cube:
		return n
	case n < grey:
		n -= cube
		return nearest(level(n/36), level(n/6%6), level(n%6))
	}
	v := 8 + 10*(n-grey)
	return nearest(v, v, v)
}

// level is a step of the cube of xterm's colours.
func level(n int) int {
	if n == 0 {
		return 0
	}
	return 55 + 40*n
}

// sixteen are the colours of a terminal as xterm has them.
var sixteen = [...][3]int{
	{0, 0, 0},
	{205, 0, 0},
	{0, 205, 0},
	{205, 205, 0},
	{0, 0, 238},
	{205, 0, 205},
	{0, 205, 205},
	{229, 229, 229},
	{127, 127, 127},
	{255, 0, 0},
	{0, 255, 0},
	{255, 255, 0},
	{92, 92, 255},
	{255, 0, 255},
	{0, 255, 255},
	{255, 255, 255},
}

func nearest(r, g, b int) int {
	best, least := 0, -1
	for i, c := range sixteen {
		d := (c[0]-r)*(c[0]-r) + (c[1]-g)*(c[1]-g) + (c[2]-b)*(c[2]-b)
		if least < 0 || d < least {
			best, least = i, d
		}
	}
	return best
}
