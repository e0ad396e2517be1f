package phrase

var progressTexts = map[string]text{
	"progress.left":    {"{time} left", "残り {time}"},
	"progress.seconds": {"{seconds}s", "{seconds}秒"},
	"progress.minutes": {"{minutes}m{seconds}s", "{minutes}分{seconds}秒"},
	"progress.hours":   {"{hours}h{minutes}m", "{hours}時間{minutes}分"},
	"progress.days":    {"{days}d{hours}h", "{days}日{hours}時間"},

	"progress.pattern.long": {
		"the progress pattern has {length} bytes and may have {limit}; shorten it",
		"進捗パターンは {length} バイトありますが、上限は {limit} バイトです。短くしてください",
	},
	"progress.pattern.not_utf8": {
		"the progress pattern {pattern} is not UTF-8; write it in UTF-8",
		"進捗パターン {pattern} は UTF-8 ではありません。UTF-8 で書いてください",
	},
	"progress.pattern.syntax": {
		"the progress pattern {pattern} is no regular expression in the syntax of RE2 ({reason}); correct it",
		"進捗パターン {pattern} は RE2 の正規表現として正しくありません({reason})。直してください",
	},
	"progress.pattern.large": {
		"the progress pattern {pattern} takes too long to match; leave out large repetitions such as {{0,100}}",
		"進捗パターン {pattern} は照合に時間がかかりすぎます。{{0,100}} のような大きな繰り返しを避けてください",
	},
	"progress.pattern.group": {
		"the progress pattern has a group {group}, which means nothing here; the names are {known}",
		"進捗パターンのグループ {group} は使えません。使える名前は {known} です",
	},
	"progress.pattern.nothing": {
		"the progress pattern {pattern} tells no progress: it needs a named group (?P<done>…) or (?P<percent>…)",
		"進捗パターン {pattern} からは進捗が分かりません。名前付きグループ (?P<done>…) か (?P<percent>…) が必要です",
	},
	"progress.pattern.only_total": {
		"the progress pattern {pattern} has a group total but none named done; add (?P<done>…)",
		"進捗パターン {pattern} には total がありますが done がありません。(?P<done>…) を加えてください",
	},
}
