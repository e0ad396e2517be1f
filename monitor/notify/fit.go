package notify

import "github.com/rivo/uniseg"

const ellipsis = "…"

// fit is s, or as much of its beginning as goes with an ellipsis into limit by
// the measure of size. It cuts only between what a reader takes for characters:
// never inside a letter with its accents, an emoji of several parts, or a flag.
func fit(s string, limit int, size func(string) int) string {
	if size(s) <= limit {
		return s
	}
	room := limit - size(ellipsis)
	if room < 0 {
		return ""
	}
	end, state := 0, -1
	for rest := s; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if room -= size(cluster); room < 0 {
			break
		}
		end += len(cluster)
	}
	return s[:end] + ellipsis
}

// bytesOf measures a text by what it takes on the wire.
func bytesOf(s string) int { return len(s) }
