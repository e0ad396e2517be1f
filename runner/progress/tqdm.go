package progress

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// grammar holds the compiled patterns of what is recognised in a log.
type grammar struct {
	bar, endless              *regexp.Regexp // tqdm with and without a total
	pair, within              *regexp.Regexp // 12/300, 300枚中12枚
	volume, clock             *regexp.Regexp // what is no count of items
	percent, drawn, told, not *regexp.Regexp
	alone                     *regexp.Regexp
	item                      *regexp.Regexp
}

const (
	scaled  = `(\d[\d.]*[kMGTPEZY]?)`
	number  = `(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})`
	counter = `(?:枚|件|個|本|冊|頁|点|回|ページ|ファイル|画像|項目|サンプル)`
)

func newGrammar() *grammar {
	return &grammar{
		// images:  17%|█▋        | 5/30 [00:00<00:00, 49.06img/s, loss=0.1]
		bar: regexp.MustCompile(`(\d{1,3})%(?:\|[^|]*\|)? ` + scaled + `/` + scaled + ` \[(\d+:[\d:]+)<([\d:?]+)[,\]]`),
		// frames: 3it [00:00,  9.07it/s]
		endless: regexp.MustCompile(`(?:^|: )` + scaled + ` ?([^\s\d\[\]/|%:.,][^\s\[\]/|%:]{0,23})? \[(\d+:[\d:]+), +[\d.?]+[kMGTPEZY]?(?:[^\s\[\]/]{0,24}/s|s/)`),

		pair:   regexp.MustCompile(number + `\s*(?:` + counter + `目?)?(?:\s*/\s*|(?i:\s+(?:out\s+)?of\s+))全?` + number),
		within: regexp.MustCompile(number + `\s*` + counter + `中の?[、,]?\s*第?` + number),
		volume: regexp.MustCompile(`^\s?(?i:[kmgtp]i?b|b|bytes?|[kmgtp]bit|ms|px|fps)\b`),
		clock:  regexp.MustCompile(`^ \d\d:\d\d`),

		percent: regexp.MustCompile(`(\d{1,3}(?:\.\d{1,9})?) ?%`),
		drawn:   regexp.MustCompile(`[━█▇▓▒░■□▬]{3}|\[[ ]*[=#>.\-*■□█░][=#>.\-* ■□█░]{2,}\]|\|[#=█▏▎▍▌▋▊▉ ]{3,}\|`),
		told:    regexp.MustCompile(`(?i)\b(?:progress|completed?|done|finished|processed|processing)\b|進捗|完了|処理済`),
		not:     regexp.MustCompile(`(?i)\b(?:[cg]pu|v?ram|mem|memory|util\w*|acc|accuracy|loss|precision|recall|battery|disk|swap|usage|used|confidence|similarity|sparsity|dropout|coverage|probability|threshold)\b|使用率|精度|正解率|再現率|適合率|確率|信頼度`),
		alone:   regexp.MustCompile(`^\s*(?:\[ *[\d.]{1,12} ?%\]|\(? *[\d.]{1,12} ?% *\)?\s*$)`),

		item: regexp.MustCompile(`[^\s"'` + "`" + `=\[\](){}<>,;:|]+\.[A-Za-z][A-Za-z0-9]{1,4}(?:$|[\s"'` + "`" + `\])}>,;:|])`),
	}
}

// bar is what tqdm has drawn.
type bar struct {
	Sighting
	depth int // lines beneath the outermost bar
}

// tqdm reads a frame as a bar of tqdm. Scaled figures ("1.73k") are taken for
// what they say.
func (g *grammar) tqdm(f frame) (bar, bool) {
	b := bar{Sighting: Sighting{Source: Tqdm, Counted: true}, depth: f.up}
	begin := 0
	if m := lastMatch(g.bar, f.text); m != nil {
		done, ok := unscale(f.text[m[4]:m[5]])
		total, ok2 := unscale(f.text[m[6]:m[7]])
		if !ok || !ok2 || total == 0 || done > total {
			return b, false
		}
		b.Done, b.Total, begin = done, total, m[0]
		b.Item = g.file(f.text[m[7]:])
	} else if m := g.endless.FindSubmatchIndex(f.text); m != nil {
		figure := f.text[m[2]:m[3]]
		// The unit stands right behind the figure: "3kg" are 3, "3.00k" are 3000.
		if last := figure[len(figure)-1]; last > '9' && len(bytes.TrimRight(figure, "kMGTPEZY")) < 3 && m[4] >= 0 {
			figure = figure[:len(figure)-1]
		}
		done, ok := unscale(figure)
		if !ok {
			return b, false
		}
		b.Done, begin = done, m[2]
		b.Item = g.file(f.text[m[7]:])
	} else {
		return b, false
	}
	b.Phase = heading(f.text[:begin])
	return b, true
}

// lastMatch is the last place where a pattern matches: a description may look
// like a bar, and the bar comes after it.
func lastMatch(re *regexp.Regexp, text []byte) []int {
	all := re.FindAllSubmatchIndex(text, 4)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// heading is the description before a bar.
func heading(before []byte) string {
	return name(strings.TrimRight(strings.TrimSpace(string(before)), ":： "))
}

// unscale reads 12, 1.73k and 3.00G.
func unscale(b []byte) (int64, bool) {
	s, factor := string(b), 1.0
	for i, suffix := range "kMGTPEZY" {
		if strings.HasSuffix(s, string(suffix)) {
			s = s[:len(s)-1]
			for range i + 1 {
				factor *= 1000
			}
			break
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f*factor > largest {
		return 0, false
	}
	return int64(f*factor + 0.5*min(1, factor-1)), true // a scaled figure is rounded, a plain one is not
}

// file is the name of the last file that a text mentions.
func (g *grammar) file(text []byte) string {
	all := g.item.FindAllIndex(text, 16)
	if len(all) == 0 {
		return ""
	}
	last := all[len(all)-1]
	s := strings.TrimRight(string(text[last[0]:last[1]]), "\"'` \t])}>,;:|")
	if strings.Contains(s, "//") { // a URL without its scheme
		return ""
	}
	return name(s[strings.LastIndexByte(s, '/')+1:])
}
