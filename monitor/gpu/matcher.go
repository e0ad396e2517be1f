package gpu

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Finding is a line that says something of the GPU.
type Finding struct {
	Kind   Kind   `json:"kind"`
	Source string `json:"source,omitzero"` // the program or library that writes such lines
	Xid    int    `json:"xid,omitzero"`    // of an XidReport
	Line   string `json:"line"`            // the part of it that says so, fit to be shown
}

// Matcher reads a job's log as it comes, in pieces of any size, and finds lines
// that say that the GPU failed or is not used. It keeps one line at most, and of
// a longer one a piece.
//
// A finding is a sign and no proof: programs catch errors, retry and go on. And
// not every failure is written down: PyTorch says nothing when it finds no GPU,
// so a job that should use one must also be seen to hold its memory.
type Matcher struct {
	line []byte
	told []int // signs that this line was found to bear already; it is read in pieces
}

const (
	piece   = 8 << 10 // of a line, in bytes
	overlap = 1 << 10 // of two pieces, so that what lies across is found
)

// Feed reads on. Its findings are those of lines that p has ended, and of pieces
// of very long ones.
func (m *Matcher) Feed(p []byte) []Finding {
	var found []Finding
	for len(p) > 0 {
		// A carriage return ends a line too: progress bars use it.
		end := bytes.IndexAny(p, "\r\n")
		part, ended := p, end >= 0
		if ended {
			part = p[:end]
		}
		n := min(len(part), piece-len(m.line))
		m.line = append(m.line, part[:n]...)
		switch {
		case n < len(part):
			found = m.examine(found)
			m.line = append(m.line[:0], m.line[piece-overlap:]...)
			p = p[n:]
		case ended:
			found = append(found, m.Flush()...)
			p = p[n+1:]
		default:
			return found
		}
	}
	return found
}

// Flush ends the line in hand, for a log that has ended or rests.
func (m *Matcher) Flush() []Finding {
	found := m.examine(nil)
	m.line, m.told = m.line[:0], m.told[:0]
	return found
}

// examine looks for the first sign that the line bears and was not told yet.
func (m *Matcher) examine(found []Finding) []Finding {
	if len(m.line) == 0 {
		return found
	}
	line := plainText(m.line)
	if line == "" || isSource(line) {
		return found
	}
	for i, s := range signs() {
		if !bearsAny(line, s.needles) {
			continue
		}
		at := s.pattern.FindStringSubmatchIndex(line)
		if at == nil || isDenied(line[:at[0]], line[at[1]:]) {
			continue
		}
		for _, told := range m.told {
			if told == i {
				return found
			}
		}
		m.told = append(m.told, i)
		f := Finding{Kind: s.kind, Source: s.source, Line: excerpt(line, at[0])}
		if s.kind == XidReport {
			f.Xid, _ = strconv.Atoi(line[at[2]:at[3]]) // the pattern takes digits only
		}
		return append(found, f)
	}
	return found
}

func bearsAny(line string, needles []string) bool {
	for _, needle := range needles {
		if strings.Contains(line, needle) {
			return true
		}
	}
	return false
}

// escapes are those of terminals: CSI, OSC, and the two-byte ones.
var escapes = compiled(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])`)

// plainText is a line without colours and other things that are not to be read.
// Zero bytes are left out, which makes text of two-byte encodings readable.
func plainText(line []byte) string {
	if bytes.IndexByte(line, 0) >= 0 {
		line = bytes.ReplaceAll(line, []byte{0}, nil)
	}
	if bytes.IndexByte(line, 0x1b) >= 0 {
		line = escapes().ReplaceAll(line, nil)
	}
	return strings.TrimSpace(string(line))
}

// sourceStart is how lines begin that show a program or a command instead of what
// it did: a traceback quotes them, grep and set -x print them, with or without
// file and line number.
var sourceStart = compiled(`^(?:[^\s:]+:\d+[:-]\s*)?(?:` +
	`raise |except |assert |if |elif |while |return |yield |print\(|printf\(|logger\.|logging\.|log\.|warnings\.|throw |case |def |class |import |from \S+ import |` +
	`TORCH_CHECK|AT_ERROR|CUDA_CHECK|#|//|/\*|\* |\+ |>>> |\$ |echo |grep |sed |awk |"""|''')`)

func isSource(line string) bool { return sourceStart().MatchString(line) }

// denial is how text ends before something that did not happen, and switched how
// it goes on after something that cannot.
var (
	denial = compiled(`(?i)\b(?:no|without(?: any| a)?|any|never(?: a)?|not(?: a| an)?|` +
		`(?:if (?:you|there)|in case of|(?:to |will )?(?:avoid|prevent|handle|catch|ignore|simulate)(?:s|ing)?|e\.g\.|for example)[^.:]{0,60})[\s"'(]{0,3}$`)
	switched = compiled(`(?i)^\W{0,3}(?:is |was )?(?:disabled|off|false|forbidden|not allowed)\b`)
)

// isDenied tells whether what stands between before and after is not claimed.
// "no CUDA error" is none, "1 error: CUDA error" is one.
func isDenied(before, after string) bool {
	const looked = 100
	if len(before) > looked {
		before = before[len(before)-looked:]
	}
	return denial().MatchString(before) || switched().MatchString(after)
}

// excerpt is a line, or of a long one the part round what was found in it.
func excerpt(line string, at int) string {
	if from := at - longestShown/3; from > 0 && len(line) > longestShown {
		for from > 0 && !utf8.RuneStart(line[from]) {
			from--
		}
		line = "…" + line[from:]
	}
	return printable(line)
}

// compiled is a pattern that is made at its first use: every command starts
// with what the packages have made ready, and most need none of it.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
