package cli

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/phrase"
)

// Cells of a bar between its brackets, and of an item that is cut.
const (
	barCells      = 10
	barCellsLeast = 5
	itemLeast     = 6
)

// progressLine shows how far a task is, in one line of at most so many
// columns (0 for any number), "" when nothing is known:
//
//	[█████░░░░░] 17/30  p017.png  残り 1分05秒
//
// What does not fit is given up in this order: the end of the item's name, the
// item, half of the bar, the bar, the time that is left.
func (a *app) progressLine(p control.TaskProgress, columns int) string {
	part, known := partDone(p)
	figure := progressFigure(p)
	left := ""
	if p.EtaS != nil && *p.EtaS > 0 {
		left = a.lang.Say("progress.left", "time", durationWords(a.lang, time.Duration(min(*p.EtaS, int64(longestLeft/time.Second)))*time.Second))
	}
	item := inline(cmp.Or(strings.TrimSpace(p.Item), strings.TrimSpace(p.Phase)))
	if columns <= 0 {
		return progressParts(bar(part, known, barCells), figure, item, left)
	}
	room := func(cells int) int {
		return columns - displayWidth(progressParts(bar(part, known, cells), figure, "", left))
	}
	const gap = 2
	if wide := displayWidth(item); wide > 0 && room(barCells)-gap >= min(itemLeast, wide) {
		item = fit(item, room(barCells)-gap)
		return progressParts(bar(part, known, barCells), figure, item, left)
	}
	cells := barCells
	for _, fewer := range []int{barCellsLeast, 0} {
		if room(cells) < 0 {
			cells = fewer
		}
	}
	if room(cells) < 0 {
		left = ""
	}
	return fit(progressParts(bar(part, known, cells), figure, "", left), columns)
}

// longestLeft is where an estimate stops to mean anything.
const longestLeft = 1000 * 24 * time.Hour

// progressParts joins what is there of a line.
func progressParts(bar, figure, item, left string) string {
	line := strings.TrimSpace(bar + " " + figure)
	for _, part := range []string{item, left} {
		if part != "" && line != "" {
			line += "  "
		}
		line += part
	}
	return line
}

// progressFigure is the count, or the percentage where nothing is counted.
func progressFigure(p control.TaskProgress) string {
	switch {
	case p.Total > 0:
		return fmt.Sprintf("%d/%d", max(p.Done, 0), p.Total)
	case p.Percent != nil && *p.Percent >= 0:
		return strconv.Itoa(int(min(*p.Percent, 100))) + "%"
	case p.Done > 0:
		return strconv.Itoa(p.Done)
	}
	return ""
}

// partDone is the part that is done, from 0 to 1.
func partDone(p control.TaskProgress) (part float64, known bool) {
	switch {
	case p.Total > 0:
		part = float64(p.Done) / float64(p.Total)
	case p.Percent != nil && !math.IsNaN(*p.Percent) && *p.Percent >= 0:
		part = *p.Percent / 100
	default:
		return 0, false
	}
	return min(max(part, 0), 1), true
}

// bar draws a part of 1 in so many cells. It is full at the end only.
func bar(part float64, known bool, cells int) string {
	if !known || cells == 0 {
		return ""
	}
	full := int(part * float64(cells))
	return "[" + strings.Repeat("█", full) + strings.Repeat("░", cells-full) + "]"
}

// durationWords is a length of time in its two greatest units, such as 1m05s
// or 1分05秒. It is cut, not rounded; a negative one is none.
func durationWords(lang phrase.Lang, d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	two := func(n int64) string { return fmt.Sprintf("%02d", n) }
	switch {
	case s < 60:
		return lang.Say("progress.seconds", "seconds", s)
	case s < 60*60:
		return lang.Say("progress.minutes", "minutes", s/60, "seconds", two(s%60))
	case s < 24*60*60:
		return lang.Say("progress.hours", "hours", s/3600, "minutes", two(s/60%60))
	}
	return lang.Say("progress.days", "days", s/86400, "hours", two(s/3600%24))
}
